import type { Aspect, Controls } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { checkAlive } from '../target/pin.ts';
import type { Target } from '../target/target.ts';
import { capabilitiesOf } from './capability-sets.ts';
import { type CgroupDirectory, openCgroups } from './cgroup.ts';
import type { ControlFacts, Miss } from './control-facts.ts';
import { type OpenDirectory, openDirectory, openProcDirectory } from './directory.ts';
import { editedEnvironment } from './edited-environment.ts';
import { OF_TERMINAL_AND_LANGUAGE, readTargetEnvironment } from './environment.ts';
import { environmentOfUser } from './environment-of-user.ts';
import { idsOf } from './ids-of-target.ts';
import { limitsOf } from './limits-of-target.ts';
import { type NamedIds, namedIds, namesSomebody } from './named-ids.ts';
import type { OpenNamespace } from './namespace-source.ts';
import { filtersOf, profileOf } from './restrictions-of-target.ts';
import { type Rights, rightsOf } from './rights.ts';
import { schedulingOf } from './scheduling-of-target.ts';
import { readContext } from './selinux.ts';

/** Descriptors are of the type int. */
const LAST_DESCRIPTOR = 0x7fff_fffe;

/** What gatherFacts would have found, and what is beyond it. */
interface Controlled {
  root: OpenDirectory | undefined;
  workingDirectory: OpenDirectory | undefined;
  targetDirectory: number | undefined;
  cgroups: readonly CgroupDirectory[];
  environment: readonly string[] | undefined;
  context: string | undefined;
  controls: ControlFacts;
}

/**
 * As gatherFacts, which calls it, where more than nsenter's options was said. What only an aspect of the target asks for, and cannot be had,
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
): Controlled {
  const { aspects = [], strict = false } = controls.asTarget ?? {};
  const notTaken: string[] = [];
  const miss: Miss = (what, why) => {
    if (strict) throw new TsenterError({ verb: 'take', object: `${what} of ${target?.label}`, cause: why });
    notTaken.push(`leave out ${what} of ${target?.label}: ${why}`);
  };
  const unlessMissing = <T>(aspect: Aspect, call: () => T): T | undefined => {
    try {
      return call();
    } catch (error) {
      if (strict || !aspects.includes(aspect) || !(error instanceof TsenterError)) throw error;
      notTaken.push(`leave out ${error.object}: ${error.reason}`);
      return undefined;
    }
  };
  const root = unlessMissing('root', () => request.root && openDirectory(sys, 'root', request.root, target));
  const rights = rightsOf(sys, namespaces);
  const named = namesSomebody(controls) ? namedIds(sys, request, controls, target, rights, root) : {};
  const targets = unlessMissing('env', () =>
    target && request.targetEnvironment
      ? readTargetEnvironment(
          sys,
          target,
          namespaces,
          aspects.includes('env') ? OF_TERMINAL_AND_LANGUAGE : undefined,
        )
      : undefined,
  );
  const ofUser = named.user ? environmentOfUser(targets ?? sys.variables(), named.user) : targets;
  const environment =
    controls.environment.length > 0
      ? editedEnvironment(sys, ofUser ?? sys.variables(), controls.environment)
      : ofUser;
  const facts: Controlled = {
    root,
    workingDirectory: unlessMissing(
      'wd',
      () => request.workingDirectory && openDirectory(sys, 'cwd', request.workingDirectory, target),
    ),
    targetDirectory:
      target && (request.uid === 'follow' || request.gid === 'follow')
        ? openProcDirectory(sys, target)
        : undefined,
    cgroups:
      unlessMissing('cgroup', () => (target && request.joinCgroup ? openCgroups(sys, target) : [])) ?? [],
    environment,
    context: unlessMissing('label', () => (request.followContext ? readContext(sys, target) : undefined)),
    controls: {
      ...controlFacts(sys, request, controls, target, rights, named, miss, notTaken),
      pathIsCallers: targets === undefined || environment?.find(isPath) !== targets.find(isPath),
    },
  };
  if (target) checkAlive(sys, target);
  return facts;
}

/** What was said of it counts before what the target has. */
function isNamed(aspect: Aspect, { user, groups }: NamedIds): boolean {
  return aspect === 'ids' ? user !== undefined : aspect === 'groups' && groups !== undefined;
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
    ...idsOf(sys, request, target, rights, (aspect) => has(aspect) && !isNamed(aspect, named), miss),
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
