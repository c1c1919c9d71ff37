import type { CapabilitySets } from '../sys/capabilities.ts';
import type { NamespaceName } from '../sys/namespaces.ts';

/**
 * The vocabulary of the helper: the words that it executes in the order given, up to `--`. The C header with the
 * names is rendered from this table, and the sentences are what `--explain=steps` says.
 */
export const STEPS = {
  prefix: { operand: 'TEXT', does: 'begin messages with TEXT' },
  skip: { operand: 'COUNT', does: "pass over the words that are tsenter's own" },
  called: { operand: 'NAME', does: 'call the program NAME in its own argv, and find it by its word' },
  status: { operand: 'FD', does: 'report a failing step to descriptor FD instead of stderr' },
  seal: {
    operand: 'FD,…|',
    does: 'go on as an image of this executable that nobody inside can overwrite',
  },
  'oom-score': { operand: 'SCORE', does: 'set how likely this process is killed when memory is short' },
  nice: { operand: 'VALUE', does: 'set the nice value' },
  scheduler: { operand: 'POLICY:PRIORITY', does: 'set the scheduling policy, by its number' },
  'io-priority': { operand: 'VALUE', does: 'set the scheduling class and priority of input and output' },
  affinity: { operand: 'MASK', does: 'set the processors that the program runs on' },
  limit: {
    operand: 'RESOURCE:SOFT:HARD',
    does: 'set a resource limit, by its number',
  },
  'copy-filters': {
    operand: 'PID:FD',
    does: 'read the seccomp filters of a process that a pidfd pins, which stops it meanwhile',
  },
  filters: { operand: '', does: 'install the seccomp filters that were read' },
  'close-above': { operand: 'FD', does: 'keep the descriptors above this one from the program' },
  'new-session': { operand: '', does: 'begin a session, without a controlling terminal' },
  umask: { operand: 'MASK', does: 'set the file mode creation mask' },
  'no-new-privs': { operand: '', does: 'let nothing that is executed give more privileges' },
  groups: { operand: 'GID,…', does: 'set the supplementary groups' },
  capabilities: {
    operand: 'BOUNDING:PERMITTED:EFFECTIVE:INHERITABLE:AMBIENT',
    does: 'set the capabilities to these sets',
  },
  'exec-profile': { operand: 'PROFILE', does: 'execute the program in this AppArmor profile' },
  'close-on-exec': { operand: 'FD,…', does: 'keep these descriptors from the program' },
  close: { operand: 'FD', does: 'close a descriptor that the caller had closed' },
  'open-files': { operand: 'SOFT', does: 'set the soft limit of open files back to what the caller had' },
  signals: {
    operand: 'IGNORED:BLOCKED',
    does: 'give the signals back the dispositions and the mask of the caller',
  },
  undumpable: { operand: '', does: 'hide this process from ptrace and /proc of whoever is inside' },
  terminal: {
    operand: '',
    does: 'remember the controlling terminal, to hand it on and to take it back, and who started this process',
  },
  pty: {
    operand: 'ESCAPE|',
    does: 'open a pseudo-terminal for the program; behind this character, by its code, keys are for tsenter',
  },
  'pty-size': {
    operand: 'ROWSxCOLUMNS:FD',
    does: 'make the pseudo-terminal of this size, and of those that are told by descriptor FD later',
  },
  'keep-terminals': {
    operand: '',
    does: 'keep descriptors above 2 that are terminals from the program',
  },
  'pty-inside': {
    operand: 'UID|@|',
    does: 'open it in the devpts that is mounted inside instead, if there is one',
  },
  'forward-signals': { operand: '', does: 'hand on the signals that the waiting process gets' },
  owner: { operand: 'FD:SIGNAL', does: 'send the child this signal when the process of a pidfd ends' },
  from: { operand: 'LABEL', does: 'name where the next namespaces come from, for messages' },
  'exec-context': { operand: 'CONTEXT', does: 'execute the program in this SELinux context' },
  'try-drop-groups': { operand: '', does: 'drop the supplementary groups while that may be permitted' },
  'try-setns': {
    operand: 'NAMESPACES',
    does: 'enter namespaces, leaving for later what is not permitted yet',
  },
  setns: { operand: 'NAMESPACES', does: 'enter namespaces that were not entered yet' },
  mounted: {
    operand: 'FD:LABEL',
    does: 'refuse a root directory that is not in the mount namespace that was entered',
  },
  alive: {
    operand: 'STAT:LABEL',
    does: 'make sure that the target lives: without a pidfd, setns(2) does not ask',
  },
  'ids-of': {
    operand: 'FD:PIDFD|FD:/STAT',
    does: 'remember the ids of who owns a process, as the user namespace maps them that was entered',
  },
  chroot: { operand: 'FD:LABEL', does: 'change the root directory, and the working directory to its /' },
  chdir: { operand: 'FD:LABEL', does: 'change the working directory to one that is open' },
  'chdir-path': { operand: 'PATH', does: 'change the working directory to a path' },
  'chdir-inside': { operand: 'PATH', does: 'change the working directory to a path as it is found inside' },
  inside: { operand: 'LABEL', does: 'refuse a working directory that the root directory is not above' },
  fork: { operand: '', does: 'fork: this process waits; its child, in the entered PID namespace, goes on' },
  'attach-pty': {
    operand: 'UID|@|',
    does: 'begin a session whose controlling terminal is the pseudo-terminal',
  },
  'join-cgroup': { operand: 'FD:LABEL', does: 'move this process into a cgroup' },
  'session-keyring': { operand: '', does: 'leave the session keyring of the caller for a new one' },
  'drop-groups': { operand: '', does: 'drop the supplementary groups' },
  'keep-caps': { operand: '', does: 'keep the permitted capabilities when the user id changes' },
  gid: {
    operand: 'GID|@',
    does: 'set the group id, to a number or to the one that was remembered',
  },
  uid: {
    operand: 'UID|@',
    does: 'set the user id, to a number or to the one that was remembered',
  },
  'ambient-caps': {
    operand: '',
    does: 'make the permitted capabilities ambient, so that the program keeps them',
  },
  'die-with-parent': { operand: 'SIGNAL', does: 'get this signal when the waiting parent dies' },
  print: { operand: 'FD:FILE', does: 'write a file below a directory to the standard output, and end' },
  'print-in-root': {
    operand: 'FD:PATH',
    does: 'write a regular file to the standard output, out of whose root no link leads, and end',
  },
  'targets-environment': { operand: '', does: "know that PATH is the target's, for messages" },
  shell: {
    operand: 'PATH',
    does: 'add a login shell to try; without a PATH, the one that /etc/passwd names',
  },
  'failure-status': {
    operand: 'STATUS',
    does: 'end with this status instead of 1 where tsenter itself fails, before this step as well',
  },
} as const;

export interface Join {
  namespace: NamespaceName;
  fd: number;
}

/** A number, or what `ids-of` has remembered. */
export type StepId = number | 'remembered';

/** Steps that say as much: each a variant of its own, so that the compiler knows which are left. */
type Words<Word, Operand = unknown> = Word extends string ? { step: Word } & Operand : never;

export type Step =
  | Words<
      | 'undumpable'
      | 'try-drop-groups'
      | 'session-keyring'
      | 'drop-groups'
      | 'keep-caps'
      | 'ambient-caps'
      | 'terminal'
      | 'keep-terminals'
      | 'forward-signals'
      | 'fork'
      | 'targets-environment'
      | 'filters'
      | 'new-session'
      | 'no-new-privs'
    >
  | Words<'called' | 'prefix' | 'from', { text: string }>
  | Words<'pty-size', { rows: number; columns: number; fd: number }>
  | Words<'exec-context', { context: string }>
  | Words<'pty', { escape: number | undefined }>
  | Words<'status' | 'close', { fd: number }>
  | Words<'mounted' | 'chroot' | 'chdir', { fd: number; label: string }>
  | Words<'seal' | 'close-on-exec', { fds: readonly number[] }>
  | Words<'skip', { count: number }>
  | Words<'failure-status', { status: number }>
  | Words<'oom-score' | 'nice' | 'io-priority', { value: number }>
  | Words<'scheduler', { policy: number; priority: number }>
  /** as Cpus_allowed of /proc/PID/status has it */
  | Words<'affinity', { mask: string }>
  /** decimal; RLIM_INFINITY is 2^64-1 */
  | Words<'limit', { resource: number; soft: string; hard: string }>
  | Words<'copy-filters', { pid: number; pidfd: number }>
  | Words<'close-above', { last: number }>
  | Words<'umask', { mask: number }>
  | Words<'groups', { gids: readonly number[] }>
  | Words<'capabilities', { sets: CapabilitySets }>
  | Words<'exec-profile', { profile: string }>
  | Words<'print' | 'print-in-root', { directory: number; file: string }>
  /** the stat file of a process in /proc */
  | Words<'alive', { stat: number; label: string }>
  | Words<'open-files', { soft: string }>
  /** two sets of signals as /proc/PID/status has them: sixteen hexadecimal digits, signal 1 is bit 0 */
  | Words<'signals', { ignored: string; blocked: string }>
  /** with a pidfd the kernel joins all of them at once (Linux 5.8); each descriptor is what it falls back to */
  | Words<'try-setns' | 'setns', { pidfd: number | undefined; joins: readonly Join[] }>
  | Words<'chdir-path' | 'chdir-inside', { path: string }>
  | Words<'inside', { label: string }>
  | Words<'join-cgroup', { procs: number; label: string }>
  /** a /proc/PID that is open, as long as the process lives: afterwards it is root's. Its pidfd or its stat file tells that */
  | Words<'ids-of', { directory: number; end: { pidfd: number } | { stat: number } }>
  | Words<'uid' | 'gid', { id: StepId }>
  /** without an id it stays with whom opens it */
  | Words<'pty-inside' | 'attach-pty', { id: StepId | undefined }>
  | Words<'owner', { pidfd: number; signal: number }>
  | Words<'die-with-parent', { signal: number }>
  /** undefined: the shell of the passwd entry inside */
  | Words<'shell', { path: string | undefined }>;
