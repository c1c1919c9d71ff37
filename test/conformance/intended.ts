/**
 * Every difference between nsenter (2.38.1, and the newest that Debian has a source package of) and tsenter that is on purpose. An entry pins what tsenter does: a row
 * that differs in another field or value fails, and so does an entry that no longer differs.
 */

export type Reference = '2.38' | 'newest';

export interface Intended {
  /** What it comes from: a defect of nsenter , our documents, or a release of util-linux. */
  readonly source: string;
  readonly reason: string;
  /** Beside which of the two it is seen; undefined: beside both. */
  readonly beside?: Reference;
  /** Names of rows, or `any`: it may be seen in every row, and must be in one. */
  readonly rows: readonly string[] | 'any';
  /** Field (see observe.ts) to what tsenter shows; a string of JSON, or a pattern for it. */
  readonly fields: Readonly<Record<string, string | RegExp>>;
}

/** nsenter fails; tsenter runs the probe. */
const runs = { status: '0', stderr: '"nothing"', stdout: '"<probe>"', probe: '"a document"' } as const;
/** nsenter runs the probe; tsenter refuses. */
const refuses = { status: '1', stderr: '"something"', stdout: '""', probe: 'null' } as const;

export const intended: readonly Intended[] = [
  {
    source: 'ARCHITECTURE.md, the waiting parent',
    reason:
      'a program that tsenter waits for is killed when tsenter dies, unless --no-kill-child says otherwise',
    rows: 'any',
    fields: { 'probe.pdeathsig': '9' },
  },
  {
    source: 'ARCHITECTURE.md, the waiting parent',
    reason: 'a signal for the command reaches the program, which is not left behind',
    rows: ['a signal that the program handles: forked'],
    fields: { status: '7', signal: 'null', orphans: '0' },
  },
  {
    source: 'ARCHITECTURE.md, the waiting parent',
    reason:
      'the command dies of the signal that the program died of, even if it was itself to ignore or block it',
    rows: ['killed by 15: ignored by the caller'],
    fields: { status: 'null', signal: '"SIGTERM"' },
  },
  {
    source: 'ARCHITECTURE.md, the waiting parent',
    reason: 'the same for a blocked signal',
    rows: ['killed by 10: blocked by the caller'],
    fields: { status: 'null', signal: '"SIGUSR1"' },
  },
  {
    source: 'execve(2): what is ignored stays so',
    reason: 'the program starts with the dispositions of the caller; nsenter resets SIGCHLD when it forks',
    rows: ['ignored: SIGCHLD, as the program sees it'],
    fields: { 'probe.signals.ignored': '"0000000000010000"' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: '-r without -w or -W: the working directory is / of the new root, not one of the old',
    rows: [
      'root: of the target, not its namespace',
      'root: a chroot, with -r',
      'root: directory glued',
      'root: directory with =',
      'cwd: root without wd',
    ],
    fields: { 'probe.cwd': '"/"', 'probe.cwd_inode': /^"\d+:\d+"$/ },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: 'process 1 cannot die of a signal: 128 + n',
    rows: ['killed by 15: as process 1'],
    fields: { status: '143' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: '-a skips every namespace that is the same as the caller’s',
    rows: ['ordinary user: own process, all', 'owner: all, only user differs'],
    fields: runs,
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: '-a does not fork for a PID namespace that is the same as the caller’s',
    rows: ['all: of a process like the caller'],
    fields: { 'probe.pid': '"started"', 'probe.ppid': '"other"' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: '-r=/dir works as -w=/dir does',
    rows: ['root: the = of a short option'],
    fields: runs,
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    beside: '2.38',
    reason: 'a SHELL that does not exist inside, or is empty, is replaced by one that does',
    rows: ['shell: SHELL not inside', 'shell: empty SHELL'],
    fields: { status: '6', stderr: '"nothing"' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    beside: 'newest',
    reason: 'a SHELL that does not exist inside is replaced by one that does',
    rows: ['shell: SHELL not inside'],
    fields: { status: '6', stderr: '"nothing"' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: 'directories are opened with O_PATH: one that may only be searched will do',
    rows: ['wd: may be searched, not read'],
    fields: runs,
  },
  {
    source: 'SECURITY.md, the caller’s groups',
    reason: 'they go with either id: nsenter keeps them with --setuid alone',
    rows: ['setuid alone: groups'],
    fields: { 'probe.groups': '[]' },
  },
  {
    source: 'SECURITY.md, the caller’s groups',
    reason: 'that they cannot be dropped is an error only if there are any',
    rows: ['owner: groups cannot be dropped', 'owner: all, groups cannot be dropped'],
    fields: { ...runs, 'probe.groups': '[]', 'probe.uid': '0', 'probe.gid': '0' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    reason: 'relative and empty entries of PATH are skipped',
    rows: ['PATH: empty entry', 'PATH: relative entry'],
    fields: { status: '127', stdout: '""', stderr: '"something"' },
  },
  {
    source: 'nsenter keeps only 32 bits',
    reason: '4294967296 is not a uid, and is not made 0',
    rows: ['setuid: 4294967296'],
    fields: refuses,
  },
  {
    source: 'man page, NAMES OF USERS',
    reason: 'a word is a user of the target; nsenter takes numbers only',
    rows: ['setuid: a word'],
    fields: {
      ...runs,
      'probe.uid': '1000',
      'probe.euid': '1000',
      'probe.gid': '1000',
      'probe.groups': '[1000]',
    },
  },
  {
    source: 'nsenter’s check of stdout and stderr at exit',
    reason: 'the status of a program that is not found does not depend on whether the message can be written',
    rows: ['stderr closed: an error'],
    fields: { status: '127' },
  },
  {
    source: 'ARCHITECTURE.md, option table',
    reason: 'tsenter has its own help',
    rows: ['help', 'help: short', 'help: after other options'],
    fields: { stdout: /^"(\\n)?Usage:.*tsenter.*--target/is },
  },
  {
    source: 'ARCHITECTURE.md, option table',
    reason: 'and its own version',
    rows: ['version', 'version: short'],
    fields: { stdout: /^"tsenter \d+\.\d+\.\d+/ },
  },
  {
    source: 'util-linux 2.43',
    beside: '2.38',
    reason: 'fails with "no namespace specified" when there is nothing to enter',
    rows: [
      'nothing asked for: a program',
      'nothing asked for: no program either',
      'nothing asked for: only a target',
    ],
    fields: refuses,
  },
  {
    source: 'util-linux 2.43',
    reason: '--target may be given only once',
    rows: ['target twice, the same'],
    fields: refuses,
  },
  {
    source: 'util-linux 2.43',
    beside: '2.38',
    reason: 'the = in -u=FILE, -w=DIR and -W=DIR is no part of the name',
    rows: ['files: the = of a short option', 'wd: the = of a short option', 'wdns: the = of a short option'],
    fields: runs,
  },
  {
    source: 'util-linux 2.43',
    beside: '2.38',
    reason: 'the value of --wdns is optional',
    rows: ['wdns: without a value'],
    fields: runs,
  },
  {
    source: 'util-linux 2.43',
    beside: '2.38',
    reason: 'new long options make these abbreviations ambiguous (--net-socket, --user-parent)',
    rows: ['abbreviated --ne', 'abbreviated --us'],
    fields: refuses,
  },
  {
    source: 'util-linux after 2.38',
    beside: '2.38',
    reason: '--env is there',
    rows: ['2.43: env', '2.43: env, long', '2.43: abbreviated --e'],
    fields: { ...runs, 'probe.env': '["PATH=/bin","MARK=service"]' },
  },
  {
    source: 'util-linux after 2.38',
    beside: '2.38',
    reason: '--setuid follow is there',
    rows: ['2.43: follow the ids', '2.43: follow the uid'],
    fields: { ...runs, 'probe.uid': '1001', 'probe.euid': '1001', 'probe.groups': '[]' },
  },
  {
    source: 'util-linux after 2.38',
    beside: '2.38',
    reason: '--setgid follow is there',
    rows: ['2.43: follow the ids'],
    fields: { 'probe.gid': '1002', 'probe.egid': '1002' },
  },
  {
    source: 'util-linux after 2.38',
    beside: '2.38',
    reason:
      '--keep-caps is there, and keeps them: 2.42 and 2.43 pass it over where the user namespace alone is entered',
    rows: ['2.43: keep capabilities'],
    fields: {
      ...runs,
      'probe.caps.inheritable': /^"000001ff[0-9a-f]{8}"$/,
      'probe.caps.ambient': /^"000001ff[0-9a-f]{8}"$/,
    },
  },
  {
    source: 'util-linux after 2.38; man page, DIFFERENCES FROM NSENTER',
    beside: '2.38',
    reason: '--join-cgroup is there, on hosts of every kind, and leaves stdin alone',
    rows: ['2.43: join the cgroup'],
    fields: { ...runs, 'probe.fds.0.type': '"socket"' },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    beside: 'newest',
    reason: 'a root, a directory or ids without a namespace are enough',
    rows: [
      'root: and working directory, no namespace',
      'wd: of the target, no namespace',
      'setuid: no namespace',
      'nothing asked for: only a directory',
      'nothing asked for: only ids',
    ],
    fields: runs,
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    beside: 'newest',
    reason: '--wdns without a value is the working directory of the target',
    rows: ['wdns: without a value'],
    fields: { 'probe.cwd': '"/srv"', 'probe.cwd_inode': /^"\d+:\d+"$/ },
  },
  {
    source: 'util-linux 2.42',
    beside: 'newest',
    reason: '--env keeps the order of the target; 2.42 turns it round',
    rows: ['2.43: env', '2.43: env, long', '2.43: abbreviated --e'],
    fields: { 'probe.env': '["PATH=/bin","MARK=service"]' },
  },
  {
    source: 'util-linux 2.42',
    beside: 'newest',
    reason: '--keep-caps keeps them where the user namespace alone is entered as well',
    rows: ['2.43: keep capabilities'],
    fields: {
      'probe.caps.inheritable': /^"000001ff[0-9a-f]{8}"$/,
      'probe.caps.ambient': /^"000001ff[0-9a-f]{8}"$/,
    },
  },
  {
    source: 'man page, DIFFERENCES FROM NSENTER',
    beside: 'newest',
    reason: '--join-cgroup is for hosts of every kind, and leaves stdin alone',
    rows: ['2.43: join the cgroup'],
    fields: { ...runs, 'probe.fds.0.type': '"socket"' },
  },
  {
    source: 'newest-nsenter.sh builds it without SELinux',
    beside: 'newest',
    reason: '--follow-context is there, and abbreviated',
    rows: ['abbreviated --f', 'selinux context where there is none', 'selinux context without a target'],
    fields: runs,
  },
];

export function intendedBeside(reference: Reference): readonly Intended[] {
  return intended.filter(({ beside }) => beside === undefined || beside === reference);
}
