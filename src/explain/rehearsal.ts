import type { Facts } from '../facts/facts.ts';
import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Join, Step, StepId } from '../plan/steps.ts';
import type { Request } from '../request/request.ts';
import { CAP_SETGID, CAP_SYS_ADMIN, CAP_SYS_CHROOT } from '../sys/capabilities.ts';
import { Errno, SystemError } from '../sys/errors.ts';
import type { NamespaceName } from '../sys/namespaces.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { outsideOf, seenAs } from '../target/id-maps.ts';
import { type Credentials, hasCapability, setGid, setUid } from './credentials.ts';
import type { Verdict } from './explanation.ts';
import { type FilesInside, findInside } from './files-inside.ts';
import { type Candidate, enterUser, type Refusal, refusalOf } from './joins.ts';
import { hasFullCgroup } from './process-limit.ts';
import { findProgram, findShell, type ProgramFound } from './program-inside.ts';
import { seen } from './user-namespace.ts';

/** What can be known of the steps without taking them: they are gone through one by one, as the kernel would decide. */
export interface Rehearsal {
  failure: Pick<Verdict, 'reason' | 'hint'> | undefined;
  cannotBeTold: string[];
  joined: Set<NamespaceName>;
  refused: Map<NamespaceName, Refusal>;
  /** as the program will have them; what it was when a step failed */
  who: Credentials;
  program: ProgramFound | undefined;
}

interface Stage {
  readonly host: Host;
  readonly plan: Plan;
  readonly facts: Facts;
  readonly request: Request;
  readonly candidates: ReadonlyMap<NamespaceName, Candidate>;
  readonly result: Rehearsal;
  from: string;
  remembered: { uid: number | undefined; gid: number | undefined };
  files: FilesInside | undefined;
}

export function rehearse(
  host: Host,
  request: Request,
  facts: Facts,
  plan: Plan,
  caller: Credentials,
  candidates: ReadonlyMap<NamespaceName, Candidate>,
): Rehearsal {
  const stage: Stage = {
    host,
    plan,
    facts,
    request,
    candidates,
    result: {
      failure: undefined,
      cannotBeTold: [],
      joined: new Set(),
      refused: new Map(),
      who: { ...caller },
      program: undefined,
    },
    from: '',
    remembered: { uid: undefined, gid: undefined },
    files: { root: undefined, directory: undefined, proc: '/proc/self' },
  };
  if (plan.sealed) seal(stage);
  for (const step of plan.steps) {
    take(stage, step);
    if (stage.result.failure) return stage.result;
  }
  execute(stage);
  return stage.result;
}

function take(stage: Stage, step: Step): void {
  const { who } = stage.result;
  switch (step.step) {
    case 'from':
      stage.from = step.text;
      return;
    case 'try-setns':
    case 'setns':
      join(stage, step.joins, step.pidfd !== undefined, step.step === 'setns');
      return;
    case 'fork':
      fork(stage);
      return;
    case 'ids-of':
      remember(stage, step.directory);
      return;
    case 'chroot':
      changeRoot(stage, step.fd, step.label);
      return;
    case 'chdir':
      if (stage.files) stage.files.directory = step.fd;
      return;
    case 'chdir-path':
    case 'chdir-inside':
      changeDirectory(stage, step.step, step.path);
      return;
    case 'try-drop-groups':
      who.groupsDropped = hasCapability(who, CAP_SETGID) && who.maps?.setgroups !== 'deny';
      if (who.groupsDropped) who.groups = [];
      return;
    case 'drop-groups':
      dropGroups(stage);
      return;
    case 'groups':
      setGroups(stage, step.gids);
      return;
    case 'keep-caps':
      who.keepsPermitted = true;
      return;
    case 'gid':
    case 'uid':
      changeId(stage, step.step, step.id);
      return;
    case 'capabilities':
      who.sets = step.sets;
      who.permitted = step.sets.permitted;
      who.effective = step.sets.effective;
      return;
    case 'copy-filters':
      stage.result.cannotBeTold.push('whether the target may be traced, to read its seccomp filters');
      return;
    case 'exec-profile':
      stage.result.cannotBeTold.push('whether AppArmor lets the program change to the profile of the target');
      return;
    case 'ambient-caps':
      who.effective = who.permitted;
      return;
    case 'join-cgroup':
      // Root may, whoever made it.
      if (who.uid === 0) return;
      stage.result.cannotBeTold.push(`whether the kernel lets the program into the cgroup ${step.label}`);
      return;
    case 'exec-context':
      stage.result.cannotBeTold.push('whether SELinux lets the program change to the context of the target');
      return;
  }
}

/** Who cannot have a read-only clone of the executable has a copy in memory, which this lets nobody execute (memfd_create(2), Linux 6.3). */
function seal(stage: Stage): void {
  const noexec = readIfPossible(stage.host, '/proc/sys/vm/memfd_noexec', 64) ?? '';
  if (noexec.startsWith('2') && !hasCapability(stage.result.who, CAP_SYS_ADMIN))
    fail(
      stage,
      'seal this executable',
      Errno.EACCES,
      'With the sysctl vm.memfd_noexec=2 nobody may execute a copy in memory, and a read-only clone of the file takes CAP_SYS_ADMIN; --unsealed enters without either.',
    );
}

function fail(stage: Stage, what: string, errno: number, hint: string | null = null): void {
  stage.result.failure = { reason: `${what}: ${stage.host.describe(errno)}`, hint };
}

function join(stage: Stage, joins: readonly Join[], atOnce: boolean, isLast: boolean): void {
  const { candidates, result } = stage;
  const { joined } = result;
  const wanted = joins.flatMap(({ namespace }) => {
    const candidate = candidates.get(namespace);
    return candidate && !joined.has(namespace) ? [candidate] : [];
  });
  if (atOnce && !refusalOf(result.who, wanted)) {
    for (const candidate of wanted) enter(stage, candidate);
    return;
  }
  for (const candidate of wanted) {
    const refusal = refusalOf(result.who, [candidate]);
    if (!refusal) {
      enter(stage, candidate);
      continue;
    }
    // Of two passes the second one counts; a mount namespace that is entered again has none.
    result.refused.set(candidate.name, refusal);
    if (isLast && !result.failure)
      fail(stage, `enter ${candidate.name} namespace of ${stage.from}`, refusal.errno, refusal.why);
  }
}

function enter(stage: Stage, candidate: Candidate): void {
  const { host, result } = stage;
  result.joined.add(candidate.name);
  if (candidate.isClosed)
    result.cannotBeTold.push(
      `whether the ${candidate.name} namespace may be entered, whose file may not be opened`,
    );
  result.refused.delete(candidate.name);
  if (candidate.name === 'user') enterUser(host, result.who, candidate);
  if (candidate.name !== 'mount') return;
  const { proc } = candidate;
  // Its root is above that of the process, where that has changed its own.
  const root =
    proc === undefined
      ? undefined
      : seen(() => host.open(`${proc}/root${'/..'.repeat(DEEPEST)}`, 'directory'));
  stage.files = root === undefined || !proc ? undefined : { root, directory: root, proc };
}

/** How deep in a mount namespace the root of a process is looked for. */
const DEEPEST = 128;

/** pid_namespaces(7): where process 1 has ended there is no fork any more. */
function fork(stage: Stage): void {
  const { result, candidates, host, from } = stage;
  const pid = candidates.get('pid');
  const inside = pid && result.joined.has('pid');
  if (hasFullCgroup(host)) {
    fail(
      stage,
      inside ? `fork into the PID namespace of ${from}` : 'fork a child',
      Errno.EAGAIN,
      "A limit of processes is reached: pids.max of the caller's cgroup, 'ulimit -u', or kernel.pid_max.",
    );
    return;
  }
  if (!inside) return;
  const isDead = hasDeadInit(host, pid);
  if (isDead === undefined)
    result.cannotBeTold.push('whether process 1 of the PID namespace lives, without which nothing is forked');
  if (isDead)
    result.failure = {
      reason: `fork into the PID namespace of ${from}: ${host.describe(Errno.ENOMEM)}`,
      hint: 'The init process of the entered PID namespace has ended: no process can be made in it any more.',
    };
}

function hasDeadInit(host: Host, { fd, proc }: Candidate): boolean | undefined {
  try {
    const pid = host.askNamespace(fd, 'init');
    const stat = readIfPossible(host, `/proc/${pid}/stat`, 4096) ?? '';
    return 'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2) || ' ');
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno === Errno.ESRCH) return true;
    // Before Linux 6.11 it is known of who is seen there: with process 1 all others end.
    return proc === undefined ? undefined : false;
  }
}

function remember(stage: Stage, directory: number): void {
  const { host, result, remembered } = stage;
  const { uid, gid } = host.status(directory);
  const { maps } = result.who;
  remembered.uid = maps && seenAs(maps.uid, uid);
  remembered.gid = maps && seenAs(maps.gid, gid);
}

function changeRoot(stage: Stage, fd: number, label: string): void {
  const { result, facts } = stage;
  if (!hasCapability(result.who, CAP_SYS_CHROOT))
    fail(
      stage,
      `change root directory to ${label}`,
      Errno.EPERM,
      'The caller lacks CAP_SYS_CHROOT in this user namespace.',
    );
  stage.files = { root: fd, directory: fd, proc: facts.target?.proc ?? stage.files?.proc ?? '/proc/self' };
}

function changeDirectory(stage: Stage, step: 'chdir-path' | 'chdir-inside', path: string): void {
  const { host, files, result } = stage;
  const what = `change working directory ${step === 'chdir-path' ? 'to' : 'inside to'} ${path}`;
  if (!files) {
    result.cannotBeTold.push(`whether there is a directory ${path}`);
    return;
  }
  try {
    const found = findInside(host, files, path);
    const isDirectory = found !== undefined && (host.status(found).mode & 0o170000) === 0o040000;
    if (found === undefined) result.cannotBeTold.push(`whether there is a directory ${path}`);
    else if (!isDirectory) fail(stage, what, Errno.ENOTDIR);
    else files.directory = found;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno === Errno.EACCES && result.who.entered)
      result.cannotBeTold.push(`whether the directory ${path} may be entered`);
    else fail(stage, what, error.errno);
  }
}

function dropGroups(stage: Stage): void {
  const { who } = stage.result;
  if (!who.maps) {
    stage.result.cannotBeTold.push('whether groups can be dropped in the user namespace');
    return;
  }
  const may = hasCapability(who, CAP_SETGID);
  if (may && who.maps.setgroups !== 'deny' && who.maps.gid.length > 0) who.groups = [];
  else if (!who.groupsDropped && who.groups.length > 0)
    fail(
      stage,
      'drop supplementary groups',
      Errno.EPERM,
      may
        ? 'The user namespace denies setgroups(2): --preserve-credentials leaves ids and groups as they are.'
        : 'The caller lacks CAP_SETGID; --preserve-credentials leaves ids and groups as they are.',
    );
}

function setGroups(stage: Stage, gids: readonly number[]): void {
  const { who, cannotBeTold } = stage.result;
  const what = 'set supplementary groups';
  if (!who.maps) {
    cannotBeTold.push('whether groups can be set in the user namespace');
    return;
  }
  const outside = gids.map((gid) => outsideOf(who.maps?.gid ?? [], gid));
  if (!hasCapability(who, CAP_SETGID))
    fail(stage, what, Errno.EPERM, 'The caller lacks CAP_SETGID in this user namespace.');
  else if (who.maps.setgroups === 'deny')
    fail(stage, what, Errno.EPERM, 'The user namespace denies setgroups(2).');
  else if (outside.includes(undefined))
    fail(
      stage,
      what,
      Errno.EINVAL,
      'The user namespace maps no such id: --explain shows its maps, --preserve-credentials leaves the ids as they are.',
    );
  else who.groups = outside.filter((gid) => gid !== undefined);
}

function changeId(stage: Stage, kind: 'uid' | 'gid', wanted: StepId): void {
  const { result, remembered } = stage;
  const [called, capability] = kind === 'uid' ? ['user', 'CAP_SETUID'] : ['group', 'CAP_SETGID'];
  const id = wanted === 'remembered' ? remembered[kind] : wanted;
  const change =
    id === undefined ? 'unknown' : kind === 'uid' ? setUid(result.who, id) : setGid(result.who, id);
  if (change === 'unknown') result.cannotBeTold.push(`whether the user namespace maps the ${called} id`);
  if (change === 'unmapped')
    fail(
      stage,
      `set ${called} id ${id}`,
      Errno.EINVAL,
      'The user namespace maps no such id: --preserve-credentials leaves the ids as they are.',
    );
  if (change === 'not permitted')
    fail(
      stage,
      `set ${called} id ${id}`,
      Errno.EPERM,
      `The caller lacks ${capability} in this user namespace.`,
    );
}

function execute(stage: Stage): void {
  const { host, plan, files, result } = stage;
  const { program } = plan;
  if (!files) {
    result.cannotBeTold.push('what is found at a path in the mount namespace, of which no process is seen');
    return;
  }
  const found =
    program.kind === 'shell'
      ? findShell(
          host,
          files,
          result.who,
          plan.steps.flatMap((step) => (step.step === 'shell' ? [step.path] : [])),
        )
      : findProgram(
          host,
          files,
          result.who,
          (program.kind === 'operands' ? host.words.at(program.first) : program.words[0]) ?? '',
          plan.environment,
        );
  result.program = found;
  if ('unknown' in found) result.cannotBeTold.push(found.unknown);
  if ('errno' in found)
    fail(
      stage,
      `execute ${found.name}`,
      found.errno,
      program.kind === 'shell' && !found.isThere
        ? "No shell was found inside: name a program that is there; a static one of the host's can be brought: -w/bin ./busybox sh"
        : null,
    );
}
