import { credentialSteps } from './credential-steps.ts';
import type { Facts } from './facts.ts';
import type { OpenNamespace } from './namespace-source.ts';
import type { NamespaceName } from './namespaces.ts';
import type { Program, Request } from './request.ts';
import { shellSteps } from './shell-steps.ts';
import type { Join, Step } from './steps.ts';

/** What is going to be done, in order, and what is executed at the end. */
export interface Plan {
  steps: readonly Step[];
  program: Program;
  /** NAME=VALUE strings; undefined: the caller's environment */
  environment: readonly string[] | undefined;
}

/**
 * Turns what was asked for and what was found into the ordered steps. It looks at nothing else and changes nothing:
 * the same request and facts give the same plan.
 *
 * The order is nsenter's (util-linux 2.43): namespaces, root, working directory, fork, cgroup, credentials.
 *
 * @param shell the value of SHELL in the caller's environment; the target's own counts where that is taken
 */
export function makePlan(request: Request, facts: Facts, shell: string | undefined): Plan {
  const wanted = facts.namespaces.filter((namespace) => !namespace.entered);
  const entersUser = includes(wanted, 'user');
  const forks = request.fork && includes(wanted, 'pid');
  const steps: Step[] = [
    ...(facts.namespaces.length > 0 || facts.root !== undefined ? [{ step: 'undumpable' } as const] : []),
    ...contextSteps(facts),
    ...(entersUser && !request.preserveCredentials ? [{ step: 'try-drop-groups' } as const] : []),
    ...namespaceSteps(facts, wanted, entersUser),
    ...directorySteps(request, facts),
    ...(forks ? [forkStep(facts)] : []),
    // After the fork: a cgroup that freezes its members would hold the waiting parent as well.
    ...facts.cgroups.map(({ procs, label }) => ({ step: 'join-cgroup', procs, label }) as const),
    ...(entersUser || request.uid !== undefined || request.gid !== undefined
      ? credentialSteps(request, facts, entersUser)
      : []),
    ...(request.program.kind === 'shell' ? shellSteps(facts.environment, shell) : []),
  ];
  return { steps, program: request.program, environment: facts.environment };
}

/** Before any namespace: written to the /proc of the host, not to one that the target may have put there. */
function contextSteps(facts: Facts): Step[] {
  return facts.context === undefined ? [] : [{ step: 'exec-context', context: facts.context }];
}

function includes(namespaces: readonly OpenNamespace[], wanted: NamespaceName): boolean {
  for (const { name } of namespaces) if (name === wanted) return true;
  return false;
}

/**
 * Two passes where a user namespace is entered. The first joins all the others with the privileges of the caller: a
 * privileged caller must, because inside it has none over them any more. The second joins the user namespace first:
 * an unprivileged caller must, because that gives it the privileges for the rest.
 */
function namespaceSteps(
  { namespaces, target }: Facts,
  wanted: readonly OpenNamespace[],
  entersUser: boolean,
): Step[] {
  const joinings: Joining[] = [];
  // Joining the mount namespace that one is in resets root and working directory, as nsenter's users know it.
  const remount = namespaces.filter(({ name, entered }) => name === 'mount' && entered);
  joinings.push({ step: 'try-setns', pidfd: undefined, namespaces: remount });
  if (entersUser) addPass(joinings, 'try-setns', target, wanted, false);
  addPass(joinings, 'setns', target, wanted, true);
  return labelled(joinings);
}

type Pass = 'try-setns' | 'setns';

interface Joining {
  step: Pass;
  pidfd: number | undefined;
  /** all of one label */
  namespaces: readonly OpenNamespace[];
}

/** A user namespace that is not the target's, then what is the target's at once, then what else is not. */
function addPass(
  joinings: Joining[],
  step: Pass,
  target: Facts['target'],
  wanted: readonly OpenNamespace[],
  withUser: boolean,
): void {
  const ofTarget: OpenNamespace[] = [];
  const others: Joining[] = [];
  for (const namespace of wanted) {
    const isUser = namespace.name === 'user';
    if (isUser && !withUser) continue;
    if (namespace.origin !== 'other') ofTarget.push(namespace);
    else (isUser ? joinings : others).push({ step, pidfd: undefined, namespaces: [namespace] });
  }
  joinings.push({ step, pidfd: target?.pidfd, namespaces: ofTarget }, ...others);
}

/** The joins that there are, each preceded by whose namespaces they are where that changes. */
function labelled(joinings: readonly Joining[]): Step[] {
  const steps: Step[] = [];
  let current: string | undefined;
  for (const { step, pidfd, namespaces } of joinings) {
    const [first] = namespaces;
    if (!first) continue;
    if (first.label !== current) steps.push({ step: 'from', text: first.label });
    current = first.label;
    const joins: Join[] = [];
    for (const { name, fd } of namespaces) joins.push({ namespace: name, fd });
    steps.push({ step, pidfd, joins });
  }
  return steps;
}

/**
 * A vfork spares copying what the child is about to give up, and holds the parent until the child executes: not where
 * something in between may hold the child, as a cgroup that gets frozen does.
 */
function forkStep(facts: Facts): Step {
  return { step: facts.cgroups.length > 0 ? 'fork' : 'vfork' };
}

function directorySteps(request: Request, facts: Facts): Step[] {
  const steps: Step[] = [];
  if (facts.root !== undefined) steps.push({ step: 'chroot', ...facts.root });
  if (facts.workingDirectory !== undefined) steps.push({ step: 'chdir', ...facts.workingDirectory });
  if (request.workingDirectory?.from === 'inside')
    steps.push({ step: 'chdir-inside', path: request.workingDirectory.path });
  return steps;
}
