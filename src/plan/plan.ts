import type { Facts } from '../facts/facts.ts';
import type { OpenNamespace } from '../facts/namespace-source.ts';
import type { Program, Request } from '../request/request.ts';
import { closingSteps, failureStep, hostSteps, sessionSteps } from './control-steps.ts';
import { credentialSteps, rememberSteps, userId } from './credential-steps.ts';
import { rootSteps, workingDirectorySteps } from './directory-steps.ts';
import { shellSteps } from './shell-steps.ts';
import type { Join, Step } from './steps.ts';
import { attachSteps, dieSteps, forkSteps, openingSteps } from './waiting-parent.ts';

/** What is going to be done, in order, and what is executed at the end. */
export interface Plan {
  steps: readonly Step[];
  /** before all steps: this process goes on as an image of its executable that nobody inside can overwrite */
  sealed: boolean;
  program: Program;
  /** NAME=VALUE strings; undefined: the caller's environment */
  environment: readonly string[] | undefined;
}

/**
 * Turns what was asked for and what was found into the ordered steps. It looks at nothing else and changes nothing:
 * the same request and facts give the same plan.
 *
 * The order is nsenter's (util-linux 2.43): namespaces, root, fork, working directory, cgroup, credentials.
 *
 * @param shell the value of SHELL in the caller's environment; the target's own counts where that is taken
 */
export function makePlan(request: Request, facts: Facts, shell: string | undefined): Plan {
  const { target, namespaces, root, cgroups, context, environment, controls } = facts;
  const wanted: OpenNamespace[] = [];
  let entersUser = false;
  let entersPid = false;
  // Whether the target says what is found at a path: the program may then lead back to this executable (CVE-2019-5736).
  let isChosenInside = request.root !== undefined;
  let remounted: OpenNamespace | undefined;
  for (const namespace of namespaces) {
    const { name, entered } = namespace;
    if (!entered) wanted.push(namespace);
    else if (name === 'mount') remounted = namespace;
    entersUser ||= name === 'user' && !entered;
    entersPid ||= name === 'pid' && !entered;
    isChosenInside ||= name === 'mount' && !entered;
  }
  const changesIds =
    entersUser || request.uid !== undefined || request.gid !== undefined || controls !== undefined;
  const uid = changesIds ? userId(request, facts, entersUser) : undefined;
  const forks = request.pty || (request.fork && entersPid) || controls?.newSession === true;
  const steps: Step[] = controls ? hostSteps(facts) : [];
  if (request.failureStatus) steps.push(failureStep(request.failureStatus));
  if (namespaces.length > 0 || root) steps.push({ step: 'undumpable' });
  // Before any namespace: written to the /proc of the host, not to one that the target may have put there.
  if (context !== undefined) steps.push({ step: 'exec-context', context });
  if (controls?.profile !== undefined) steps.push({ step: 'exec-profile', profile: controls.profile });
  if (forks) steps.push(...openingSteps(request));
  if (entersUser && !request.preserveCredentials && controls?.groups !== 'keep')
    steps.push({ step: 'try-drop-groups' });
  // Joining the mount namespace that one is in resets root and working directory, as nsenter's users know it.
  if (remounted) pushJoin(steps, 'try-setns', undefined, [remounted]);
  // Two passes where a user namespace is entered. The first joins all the others with the privileges of the caller: a
  // privileged caller must, because inside it has none over them any more. The second joins the user namespace first: an
  // unprivileged caller must, because that gives it the privileges for the rest.
  if (entersUser) pushPass(steps, 'try-setns', target, wanted, false);
  pushPass(steps, 'setns', target, wanted, true);
  if (target?.stat !== undefined) steps.push({ step: 'alive', stat: target.stat, label: target.label });
  if (changesIds) steps.push(...rememberSteps(request, facts));
  if (forks) steps.push(...forkSteps(request, facts));
  // After the fork: a file system of the target's may hold whoever goes to a directory there.
  if (root) steps.push(...rootSteps(request, facts, root));
  if (request.workingDirectory) steps.push(...workingDirectorySteps(request, facts));
  // After the fork: a cgroup that freezes its members would hold the waiting parent as well.
  for (const { procs, label } of cgroups) steps.push({ step: 'join-cgroup', procs, label });
  if (controls) steps.push(...sessionSteps(request, facts));
  if (forks) steps.push(...attachSteps(request, facts, uid));
  if (changesIds) steps.push(...credentialSteps(request, facts, uid, entersUser));
  if (forks) steps.push(...dieSteps(request));
  if (controls) steps.push(...closingSteps(controls));
  if (environment && !controls?.pathIsCallers) steps.push({ step: 'targets-environment' });
  if (request.program.kind === 'shell') steps.push(...shellSteps(environment, shell));
  return {
    steps,
    sealed: !request.unsealed && isChosenInside,
    program: request.program,
    environment,
  };
}

type Pass = 'try-setns' | 'setns';

/** A user namespace that is not the target's, then what is the target's at once, then what else is not. */
function pushPass(
  steps: Step[],
  pass: Pass,
  target: Facts['target'],
  wanted: readonly OpenNamespace[],
  withUser: boolean,
): void {
  const ofTarget: OpenNamespace[] = [];
  const others: OpenNamespace[] = [];
  for (const namespace of wanted) {
    const isUser = namespace.name === 'user';
    if (isUser && !withUser) continue;
    if (namespace.origin !== 'other') ofTarget.push(namespace);
    else if (isUser) pushJoin(steps, pass, undefined, [namespace]);
    else others.push(namespace);
  }
  if (ofTarget.length > 0) pushJoin(steps, pass, target?.pidfd, ofTarget);
  for (const other of others) pushJoin(steps, pass, undefined, [other]);
}

/** Joins namespaces of one label, preceded by whose they are where the last ones were of another. */
function pushJoin(
  steps: Step[],
  step: Pass,
  pidfd: number | undefined,
  namespaces: readonly OpenNamespace[],
): void {
  const joins: Join[] = [];
  let label = '';
  for (const { name, fd, label: whose } of namespaces) {
    joins.push({ namespace: name, fd });
    label = whose;
  }
  if (label !== lastLabel(steps)) steps.push({ step: 'from', text: label });
  steps.push({ step, pidfd, joins });
}

function lastLabel(steps: readonly Step[]): string | undefined {
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (step?.step === 'from') return step.text;
  }
  return undefined;
}
