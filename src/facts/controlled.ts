import type { Aspect, Controls } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import { CAP_SYS_CHROOT } from '../sys/capabilities.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import type { Target } from '../target/target.ts';
import { type Asked, type Facts, findAsked } from './asked.ts';
import { capabilitiesOf } from './capability-sets.ts';
import type { ControlFacts, Miss } from './control-facts.ts';
import { editedEnvironment } from './edited-environment.ts';
import { OF_TERMINAL_AND_LANGUAGE } from './environment.ts';
import { environmentOfUser } from './environment-of-user.ts';
import { idsOf } from './ids-of-target.ts';
import { limitsOf } from './limits-of-target.ts';
import { type NamedIds, namedIds, namesSomebody } from './named-ids.ts';
import type { OpenNamespace } from './namespace-source.ts';
import { filtersOf, profileOf } from './restrictions-of-target.ts';
import { type Rights, rightsOf } from './rights.ts';
import { schedulingOf } from './scheduling-of-target.ts';
import { isSecure } from './secure-exec.ts';

/** Descriptors are of the type int. */
const LAST_DESCRIPTOR = 0x7fff_fffe;

const NOTHING: Asked = {
  root: undefined,
  workingDirectory: undefined,
  uid: undefined,
  gid: undefined,
  joinCgroup: false,
  targetEnvironment: false,
  followContext: false,
};

/**
 * As findAsked, but a part at a time, where more than nsenter's options was said. What only an aspect of the target asks for, and cannot be had,
 * is left as the caller has it.
 *
 * @throws TsenterError for what an option asks for by itself; with `strict` for every aspect
 */
export function gatherControlled(
  sys: Sys,
  request: Request,
  controls: Controls,
  target: Target | undefined,
  namespaces: readonly OpenNamespace[],
): Facts {
  const { aspects = [], asked = [], strict = false } = controls.asTarget ?? {};
  const isTargets = (aspect: Aspect) => aspects.includes(aspect) && !asked.includes(aspect);
  const notTaken: string[] = [];
  const refuse: Miss = (what, why) => {
    throw new TsenterError({ verb: 'take', object: `${what} of ${target?.label}`, cause: why });
  };
  const miss: Miss = (what, why) => {
    if (strict) refuse(what, why);
    notTaken.push(`leave out ${what} of ${target?.label}: ${why}`);
  };
  const unlessMissing = <T>(aspect: Aspect, call: () => T): T | undefined => {
    try {
      return call();
    } catch (error) {
      if (strict || !isTargets(aspect) || !(error instanceof TsenterError)) throw error;
      notTaken.push(`leave out ${error.object}: ${error.reason}`);
      return undefined;
    }
  };
  const rights = rightsOf(sys, namespaces);
  // Before anything else of it is read, and compared with what it is at the end.
  if (target && controls.asTarget) rights.statusOf(target);
  const kept = aspects.includes('env') ? OF_TERMINAL_AND_LANGUAGE : undefined;
  const only = (part: Partial<Asked>) => findAsked(sys, { ...NOTHING, ...part }, target, namespaces, kept);
  const mayChangeRoot = !isTargets('root') || rights.permitted.includes(CAP_SYS_CHROOT);
  if (!mayChangeRoot) miss('root directory', 'the caller lacks CAP_SYS_CHROOT');
  const root = mayChangeRoot ? unlessMissing('root', () => only({ root: request.root }).root) : undefined;
  const named = namesSomebody(controls) ? namedIds(sys, request, controls, target, rights, root) : {};
  const { uid, gid, joinCgroup, followContext, workingDirectory } = request;
  const targets = unlessMissing('env', () => {
    const targetEnvironment =
      request.targetEnvironment && mayTakeEnvironment(sys, target, aspects, isTargets('env') ? miss : refuse);
    return only({ targetEnvironment }).environment;
  });
  const entersFiles =
    root !== undefined || namespaces.some(({ name, entered }) => name === 'mount' && !entered);
  const ofUser = named.user
    ? environmentOfUser(targets ?? sys.variables(), named.user, entersFiles)
    : targets;
  const environment =
    controls.environment.length > 0
      ? editedEnvironment(
          sys,
          ofUser ?? sys.variables(),
          controls.environment,
          named.user && environmentOfUser([], named.user, entersFiles),
        )
      : ofUser;
  const facts: Facts = {
    target,
    namespaces,
    root,
    workingDirectory: unlessMissing('wd', () => only({ workingDirectory }).workingDirectory),
    targetDirectory: only({ uid, gid }).targetDirectory,
    cgroups: unlessMissing('cgroup', () => only({ joinCgroup }).cgroups) ?? [],
    environment,
    context: unlessMissing('label', () => only({ followContext }).context),
    controls: {
      ...controlFacts(sys, request, controls, target, rights, named, miss, notTaken),
      pathIsCallers: targets === undefined || environment?.find(isPath) !== targets.find(isPath),
    },
  };
  if (target) rights.confirm(target);
  return facts;
}

/**
 * What a set-id program was started with is of another user, who may have put LD_PRELOAD in it; the loader passes that over there, and would not
 * for the program (ld.so(8)).
 */
function mayTakeEnvironment(
  sys: Sys,
  target: Target | undefined,
  aspects: readonly Aspect[],
  miss: Miss,
): boolean {
  if (!target || !aspects.includes('env') || !isSecure(sys, target)) return true;
  miss('environment', 'the target was started as a set-id program, by another user');
  return false;
}

/** What was said of it counts before what the target has: who is another than the target is not to have its groups. */
function isNamed(aspect: Aspect, { uid, gid }: Request, { user, groups }: NamedIds): boolean {
  if (aspect === 'ids') return user !== undefined;
  return aspect === 'groups' && (groups !== undefined || typeof uid === 'number' || typeof gid === 'number');
}

function controlFacts(
  sys: Sys,
  request: Request,
  controls: Controls,
  target: Target | undefined,
  rights: Rights,
  named: NamedIds,
  miss: Miss,
  notTaken: readonly string[],
): ControlFacts {
  const { preservedDescriptors, newSession } = controls;
  const aspects = controls.asTarget?.aspects ?? [];
  const has = (aspect: Aspect) => aspects.includes(aspect);
  const of = (aspect: Aspect) => (has(aspect) ? target : undefined);
  if (has('session') && !request.fork) miss('session', 'without a fork there is none to be begun');
  const ids = {
    ...idsOf(sys, request, target, rights, (aspect) => has(aspect) && !isNamed(aspect, request, named), miss),
    ...named,
  };
  const uid = ids.uid ?? (typeof request.uid === 'number' ? request.uid : undefined);
  const filters = filtersOf(of('seccomp'), rights, miss);
  const theirs = target && has('no-new-privs') ? rights.statusOf(target) : undefined;
  const noNewPrivileges = controls.noNewPrivileges || (theirs?.noNewPrivileges ?? false);
  const mask = target && has('umask') ? rights.statusOf(target).umask : undefined;
  return {
    ...ids,
    capabilities: capabilitiesOf(
      sys,
      // Another user would have none with effect by then, and filters may need one.
      controls.capabilities ?? (filters && []),
      of('caps'),
      rights,
      uid,
      request,
      noNewPrivileges,
      miss,
    ),
    noNewPrivileges,
    umask: controls.umask ?? (mask === rights.own.umask ? undefined : mask),
    closedAbove:
      preservedDescriptors === undefined ? undefined : Math.min(2 + preservedDescriptors, LAST_DESCRIPTOR),
    newSession,
    newKeyring: has('keyring'),
    ...limitsOf(sys, of('limits'), rights, miss),
    ...schedulingOf(sys, of('oom'), of('sched'), rights, miss),
    profile: profileOf(sys, of('label'), miss),
    filtersOf: filters,
    notTaken,
  };
}

function isPath(entry: string): boolean {
  return entry.startsWith('PATH=');
}
