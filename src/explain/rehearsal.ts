import type { Facts } from '../facts/facts.ts';
import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Program, Request } from '../request/request.ts';
import { CAP_SETGID, CAP_SYS_ADMIN } from '../sys/capabilities.ts';
import { Errno } from '../sys/errors.ts';
import type { NamespaceName } from '../sys/namespaces.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { type Credentials, hasCapability } from './credentials.ts';
import type { Candidate } from './joins.ts';
import { findProgram, findShell } from './program-inside.ts';
import { changeDirectory, changeRoot } from './rehearsed-directories.ts';
import { changeId, dropGroups, remember, setGroups } from './rehearsed-ids.ts';
import { fork, join } from './rehearsed-joins.ts';
import { fail, type Rehearsal, type Stage } from './stage.ts';
import { STATIC_SHELL, whyNotFound } from './why-not-found.ts';

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
    // What these change stays.ts and surroundings.ts tell.
    case 'no-new-privs':
    case 'filters':
    case 'session-keyring':
    case 'oom-score':
    case 'nice':
    case 'scheduler':
    case 'io-priority':
    case 'affinity':
    case 'limit':
    case 'umask':
    // Nobody is refused these, and nothing that is told is another by them.
    case 'prefix':
    case 'skip':
    case 'status':
    case 'failure-status':
    case 'seal':
    case 'close-on-exec':
    case 'close-above':
    case 'close':
    case 'open-files':
    case 'signals':
    case 'undumpable':
    case 'terminal':
    case 'pty':
    case 'keep-terminals':
    case 'pty-inside':
    case 'attach-pty':
    case 'forward-signals':
    case 'owner':
    case 'called':
    case 'pty-size':
    case 'new-session':
    case 'die-with-parent':
    case 'targets-environment':
    // execute() looks for them.
    case 'shell':
    // What was opened is compared: it is another only where the target changes meanwhile.
    case 'mounted':
    case 'alive':
    case 'inside':
    // Of a helper that reads, not of a plan.
    case 'print':
    case 'print-in-root':
      return;
    default:
      step satisfies never;
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

function execute(stage: Stage): void {
  const { host, plan, files, result } = stage;
  const { program } = plan;
  if (!files) {
    result.cannotBeTold.push('what is found at a path in the mount namespace, of which no process is seen');
    return;
  }
  const words = program.kind === 'shell' ? [] : wordsOf(host, program);
  const found =
    program.kind === 'shell'
      ? findShell(
          host,
          files,
          result.who,
          plan.steps.flatMap((step) => (step.step === 'shell' ? [step.path] : [])),
        )
      : findProgram(host, files, result.who, words[0] ?? '', plan.environment);
  result.program = found;
  if ('unknown' in found) result.cannotBeTold.push(found.unknown);
  if ('errno' in found)
    fail(
      stage,
      `execute ${found.name}`,
      found.errno,
      program.kind !== 'shell'
        ? whyNotFound(stage, files, words, found.errno)
        : found.isThere
          ? null
          : `No shell was found inside: name a program that is there; ${STATIC_SHELL}`,
    );
}

function wordsOf({ words }: Host, program: Exclude<Program, { kind: 'shell' }>): readonly string[] {
  if (program.kind === 'words') return program.words;
  return [...Array(words.count - program.first).keys()].map((index) => words.at(program.first + index));
}
