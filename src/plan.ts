import type { Facts } from './facts.ts';
import type { OpenNamespace } from './namespace-source.ts';
import type { Id, Program, Request } from './request.ts';
import type { Step, StepId } from './steps.ts';
import { attachSteps, dieSteps, forkSteps, openingSteps } from './waiting-parent.ts';

/** What is going to be done, in order, and what is executed at the end. */
export interface Plan {
  steps: readonly Step[];
  program: Program;
  /** NAME=VALUE strings; undefined: the caller's environment */
  environment: readonly string[] | undefined;
}

/** Where a login shell is looked for inside when neither $SHELL nor the passwd entry is one that exists there. */
const USUAL_SHELLS = ['/bin/bash', '/bin/sh', '/bin/ash', '/usr/bin/bash', '/usr/bin/sh'];

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
  const entersUser = wanted.some(({ name }) => name === 'user');
  const forks = request.pty || (request.fork && wanted.some(({ name }) => name === 'pid'));
  const uid = idOf(request.uid ?? (resetsIds(request, entersUser) ? 0 : undefined), facts);
  const steps: Step[] = [
    ...(facts.namespaces.length > 0 || facts.root !== undefined ? [{ step: 'undumpable' } as const] : []),
    ...contextSteps(facts),
    ...(forks ? openingSteps(request) : []),
    ...(entersUser && !request.preserveCredentials ? [{ step: 'try-drop-groups' } as const] : []),
    ...namespaceSteps(facts, wanted),
    ...directorySteps(request, facts),
    ...(forks ? forkSteps(request, facts, uid) : []),
    // After the fork: a cgroup that freezes its members would hold the waiting parent as well.
    ...facts.cgroups.map(({ procs, label }) => ({ step: 'join-cgroup', procs, label }) as const),
    ...(forks ? attachSteps(request, uid) : []),
    ...credentialSteps(request, facts, uid, entersUser),
    ...(forks ? dieSteps(request) : []),
    ...(request.program.kind === 'shell' ? shellSteps(facts.environment, shell) : []),
  ];
  return { steps, program: request.program, environment: facts.environment };
}

/** Before any namespace: written to the /proc of the host, not to one that the target may have put there. */
function contextSteps(facts: Facts): Step[] {
  return facts.context === undefined ? [] : [{ step: 'exec-context', context: facts.context }];
}

/**
 * Two passes where a user namespace is entered. The first joins all the others with the privileges of the caller: a
 * privileged caller must, because inside it has none over them any more. The second joins the user namespace first:
 * an unprivileged caller must, because that gives it the privileges for the rest.
 */
function namespaceSteps(facts: Facts, wanted: readonly OpenNamespace[]): Step[] {
  const ofTarget = wanted.filter(({ origin }) => origin !== 'other');
  const others = wanted.filter(({ origin }) => origin === 'other');
  const pidfd = facts.target?.pidfd;
  const pass = (step: Pass, include: (namespace: OpenNamespace) => boolean): Joining[] => [
    { step, pidfd: undefined, namespaces: others.filter(isUser).filter(include) },
    { step, pidfd, namespaces: ofTarget.filter(include) },
    ...others
      .filter((other) => !isUser(other))
      .map((other) => ({ step, pidfd: undefined, namespaces: [other] })),
  ];
  // Joining the mount namespace that one is in resets root and working directory, as nsenter's users know it.
  const remount = facts.namespaces.filter(({ name, entered }) => name === 'mount' && entered);
  return labelled([
    { step: 'try-setns', pidfd: undefined, namespaces: remount },
    ...(wanted.some(isUser) ? pass('try-setns', (namespace) => !isUser(namespace)) : []),
    ...pass('setns', () => true),
  ]);
}

type Pass = 'try-setns' | 'setns';

interface Joining {
  step: Pass;
  pidfd: number | undefined;
  /** all of one label */
  namespaces: readonly OpenNamespace[];
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
    steps.push({ step, pidfd, joins: namespaces.map(({ name, fd }) => ({ namespace: name, fd })) });
  }
  return steps;
}

function isUser({ name }: OpenNamespace): boolean {
  return name === 'user';
}

function directorySteps(request: Request, facts: Facts): Step[] {
  const steps: Step[] = [];
  if (facts.root !== undefined) steps.push({ step: 'chroot', ...facts.root });
  if (facts.workingDirectory !== undefined) steps.push({ step: 'chdir', ...facts.workingDirectory });
  if (request.workingDirectory?.from === 'inside')
    steps.push({ step: 'chdir-inside', path: request.workingDirectory.path });
  return steps;
}

/** Entering a user namespace makes the ids 0 and drops the groups, unless told otherwise. */
function resetsIds(request: Request, entersUser: boolean): boolean {
  return entersUser && !request.preserveCredentials;
}

/** The groups go with either id: a program that is to be someone else must not keep the memberships of the caller. */
function credentialSteps(
  request: Request,
  facts: Facts,
  uid: StepId | undefined,
  entersUser: boolean,
): Step[] {
  const gid = idOf(request.gid ?? (resetsIds(request, entersUser) ? 0 : undefined), facts);
  const ambient = request.keepCapabilities && entersUser;
  const steps: Step[] = [];
  if (gid !== undefined || (uid !== undefined && !request.preserveCredentials))
    steps.push({ step: 'drop-groups' });
  if (ambient && uid !== undefined) steps.push({ step: 'keep-caps' });
  if (gid !== undefined) steps.push({ step: 'gid', id: gid });
  if (uid !== undefined) steps.push({ step: 'uid', id: uid });
  if (ambient) steps.push({ step: 'ambient-caps' });
  return steps;
}

/** The owner of /proc/PID is asked for by the step, after the joins: ids are told as the asker's namespace maps them. */
function idOf(id: Id | undefined, { target, targetDirectory }: Facts): StepId | undefined {
  if (id !== 'follow') return id;
  // makeRequest lets nobody follow without a target, and gatherFacts opened its directory for this.
  return { ownerOf: targetDirectory as number, pidfd: target?.pidfd as number };
}

function shellSteps(environment: Facts['environment'], callers: string | undefined): Step[] {
  const shell = environment
    ? environment.find((entry) => entry.startsWith('SHELL='))?.slice('SHELL='.length)
    : callers;
  const candidates = [...(shell?.startsWith('/') ? [shell] : []), undefined, ...USUAL_SHELLS];
  return candidates.map((path) => ({ step: 'shell', path }));
}
