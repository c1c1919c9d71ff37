import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import type { Step, StepId } from './steps.ts';

/** What has to be open before anything is entered: inside, the target decides what is found at these paths. */
export function openingSteps(request: Request): Step[] {
  return [{ step: 'terminal' }, ...(request.pty ? [{ step: 'pty' } as const] : [])];
}

/** The fork, and what makes the waiting parent as if it were not there. `uid` is whose the pseudo-terminal is to be. */
export function forkSteps(request: Request, facts: Facts, uid: StepId | undefined): Step[] {
  const steps: Step[] = [];
  if (request.pty && entersFiles(facts)) steps.push({ step: 'pty-inside', id: uid });
  if (request.forwardSignals) steps.push({ step: 'forward-signals' });
  if (request.killChild !== undefined) steps.push({ step: 'own-pidfd' });
  // A vfork spares copying what the child is about to give up, and holds the parent until the child executes: not where
  // something in between may hold the child, as a cgroup that gets frozen does.
  steps.push({ step: facts.cgroups.length > 0 ? 'fork' : 'vfork' });
  return steps;
}

function entersFiles({ namespaces, root }: Facts): boolean {
  return root !== undefined || namespaces.some(({ name }) => name === 'mount');
}

/** Before its credentials change: afterwards the terminal could not be given away. */
export function attachSteps(request: Request, uid: StepId | undefined): Step[] {
  return request.pty ? [{ step: 'attach-pty', id: uid }] : [];
}

/** After its credentials changed, which undoes it (prctl(2), PR_SET_PDEATHSIG). */
export function dieSteps(request: Request): Step[] {
  return request.killChild === undefined ? [] : [{ step: 'die-with-parent', signal: request.killChild }];
}
