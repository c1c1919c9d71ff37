import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import { entersFiles } from './directory-steps.ts';
import type { Step, StepId } from './steps.ts';

/** What has to be open before anything is entered: inside, the target decides what is found at these paths. */
export function openingSteps(request: Request): Step[] {
  const steps: Step[] = [{ step: 'terminal' }];
  if (request.pty) steps.push({ step: 'pty', escape: request.escape }, { step: 'keep-terminals' });
  return steps;
}

/** The fork, and what makes the waiting parent as if it were not there. */
export function forkSteps(request: Request, facts: Facts): Step[] {
  const steps: Step[] = [];
  if (request.forwardSignals) steps.push({ step: 'forward-signals' });
  steps.push({ step: 'fork' });
  // A file system of the target's may hold whoever looks there, for ever: the child does it, and dies with the parent even then.
  if (looksInside(request, facts)) steps.push(...dieSteps(request));
  return steps;
}

/** The pseudo-terminal, before the credentials change: afterwards it could not be given away. `uid` is whose it is to be. */
export function attachSteps(request: Request, facts: Facts, uid: StepId | undefined): Step[] {
  if (!request.pty) return [];
  const inside: Step[] = entersFiles(facts) ? [{ step: 'pty-inside', id: uid }] : [];
  return [...inside, { step: 'attach-pty', id: uid }];
}

function looksInside(request: Request, facts: Facts): boolean {
  return (
    facts.root !== undefined || request.workingDirectory !== undefined || (request.pty && entersFiles(facts))
  );
}

/** After its credentials changed, which undoes it (prctl(2), PR_SET_PDEATHSIG). */
export function dieSteps(request: Request): Step[] {
  return request.killChild === undefined ? [] : [{ step: 'die-with-parent', signal: request.killChild }];
}
