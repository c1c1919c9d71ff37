import { OPTION_ROWS, type OptionValues } from '../../options/table.ts';
import { Errno, type TsenterError } from '../../sys/errors.ts';
import { NAMESPACES, procFile } from '../../sys/namespaces.ts';

/**
 * What nsenter says for a failure. Scripts tell by these sentences whether their program ran, and whether to try again, so who is called
 * by its name says them, too: util-linux 2.43's, unless a row has a reason for 2.38's.
 */
export interface Sentence {
  verb: string;
  /** as ours has it; `*` stands for what it holds besides */
  object: string;
  /** the row is for this errno only */
  errno?: number;
  /** the row is for causes that begin so */
  cause?: string;
  /** the row is for command lines with --all */
  all?: true;
  /** the row is for targets that are named by their inode as well */
  inode?: true;
  /**
   * in place of VERB OBJECT; `*` is what the object's stands for, `{number}` the digits that this begins with, `{first}` the file below /proc/PID that nsenter opens first,
   * `{possibilities}` its options that an abbreviation may mean
   */
  says: string;
  /**
   * in place of the cause; `number`: what strtol(3) would say to `*`; `negative`: what is said to such a number, and else nothing; none:
   * the sentence ends
   */
  ends?: string;
  /** getopt_long(3) says it, and begins with argv[0] as it is */
  getopt?: true;
  /** a step says it: helper-c/entry/vocabulary.h has it */
  step?: true;
}

const NONE = '';
const NO_FILE = 'No such file or directory';
const OUT_OF_RANGE = 'Numerical result out of range';

/** The first row that fits counts. */
export const SENTENCES: readonly Sentence[] = [
  // The letter is a dash.
  {
    verb: 'parse',
    object: 'option --',
    cause: 'unknown',
    says: "invalid option -- '-'",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option --*',
    cause: 'unknown',
    says: "unrecognized option '--*'",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option -*',
    cause: 'unknown',
    says: "invalid option -- '*'",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option --*',
    cause: 'ambiguous',
    says: "option '--*' is ambiguous; possibilities: {possibilities}",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option --*',
    cause: 'requires',
    says: "option '--*' requires an argument",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option -*',
    cause: 'requires',
    says: "option requires an argument -- '*'",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option --*',
    cause: 'takes no',
    says: "option '--*' doesn't allow an argument",
    ends: NONE,
    getopt: true,
  },
  {
    verb: 'parse',
    object: 'option --*',
    cause: 'may be',
    says: 'option --* may be given only once',
    ends: NONE,
  },
  {
    verb: 'parse',
    object: 'options --wdns and --wd',
    says: 'options --wd and --wdns cannot be combined',
    ends: NONE,
  },
  {
    verb: 'parse',
    object: 'options --pty and --no-fork',
    says: 'mutually exclusive arguments: --pty --no-fork',
    ends: NONE,
  },
  { verb: 'parse', object: "target '*'", says: "failed to parse PID argument '*'", ends: 'number' },
  ...unreadable('setuid', 'failed to parse uid', 'negative'),
  ...unreadable('setgid', 'failed to parse gid', 'negative'),
  // To nsenter no name is one.
  { verb: 'find', object: "user '*'", says: "failed to parse uid: '*'", ends: NONE },
  { verb: 'find', object: "group '*'", says: "failed to parse gid: '*'", ends: NONE },
  ...unreadable('net-socket', 'failed to parse file descriptor'),
  ...NAMESPACES.map(({ name }) => ({
    verb: 'parse',
    object: `nsid '*' of --${name}`,
    says: 'failed to parse nsid: *',
    ends: NONE,
  })),

  { verb: 'enter', object: '*', cause: 'no namespace', says: 'no namespace specified', ends: NONE },
  // 2.38's: 2.43 tries /proc/0 here.
  { verb: 'enter', object: 'all namespaces', says: 'no target PID specified for --all', ends: NONE },
  { verb: 'enter', object: '*', cause: 'no target', says: 'no target PID specified', ends: NONE },
  ...withoutTarget('change', 'root directory', 'root'),
  ...withoutTarget('change', 'working directory', 'cwd'),
  ...withoutTarget('read', 'environment', 'environ'),
  ...withoutTarget('join', 'cgroup', 'cgroup'),
  ...withoutTarget('follow', 'user id', ''),
  ...withoutTarget('follow', 'group id', ''),
  {
    verb: 'follow',
    object: 'SELinux context',
    says: 'no target PID specified for --follow-context',
    ends: NONE,
  },

  {
    verb: 'open',
    object: 'target *',
    errno: Errno.ESRCH,
    inode: true,
    says: 'failed to obtain a valid file descriptor for PID {number}',
  },
  // nsenter looks for nothing but the files of a process that is not there.
  {
    verb: 'open',
    object: 'target *',
    errno: Errno.ESRCH,
    all: true,
    says: 'stat of /proc/*/ns/user failed',
    ends: NO_FILE,
  },
  {
    verb: 'open',
    object: 'target *',
    errno: Errno.ESRCH,
    says: 'cannot open /proc/*/{first}',
    ends: NO_FILE,
  },
  { verb: 'open', object: 'user namespace of target *', all: true, says: 'stat of /proc/*/ns/user failed' },
  ...NAMESPACES.map(({ name }) => ({
    verb: 'open',
    object: `${name} namespace of target *`,
    says: `cannot open /proc/*/ns/${procFile(name)}`,
  })),
  { verb: 'open', object: 'root directory of target *', says: 'cannot open /proc/*/root' },
  { verb: 'open', object: 'working directory of target *', says: 'cannot open /proc/*/cwd' },
  { verb: 'open', object: 'environment of target *', says: 'cannot open /proc/*/environ' },
  { verb: 'open', object: 'cgroup of target *', says: 'cannot open /proc/*/cgroup' },
  { verb: 'open', object: '/proc directory of target *', says: 'cannot open /proc/*/' },
  { verb: 'open', object: 'parent user namespace of *', says: 'failed to open parent namespace' },
  { verb: 'read', object: 'environment of *', says: 'failed to get environment variables' },
  { verb: 'take', object: 'environment of *', says: 'failed to set environment variables' },
  { verb: 'join', object: 'cgroup * of target', says: 'failed to open cgroup.procs' },

  // Where these have words it has the numbers of its own descriptors.
  { verb: 'take', object: 'socket *', says: 'pidfd_getfd(pidfd, {number})' },
  {
    verb: 'open',
    object: 'net namespace of socket *',
    errno: Errno.ENOTSOCK,
    says: 'ioctl(socket, SIOCGSKNS)',
    ends: 'Inappropriate ioctl for device',
  },
  { verb: 'open', object: 'net namespace of socket *', says: 'ioctl(socket, SIOCGSKNS)' },
  ...NAMESPACES.flatMap(({ name }) => [
    { verb: 'open', object: `${name} namespace :*`, says: 'cannot open namespace of id *' },
    { verb: 'open', object: `${name} namespace *`, says: 'cannot open *' },
    {
      verb: 'enter',
      object: `${name} namespace of *`,
      // 2.38's, which names it; 2.43 joins those of a target at once: "reassociate to namespaces failed".
      says: `reassociate to namespace 'ns/${procFile(name)}' failed`,
      step: true as const,
    },
    {
      verb: 'enter',
      object: `${name} namespace *`,
      says: `reassociate to namespace 'ns/${procFile(name)}' failed`,
      ends: 'Invalid argument',
    },
  ]),
  // It is opened as whatever it is, and found to be none then.
  {
    verb: 'open',
    object: 'root directory *',
    errno: Errno.ENOTDIR,
    says: 'change directory by root file descriptor failed',
  },
  {
    verb: 'open',
    object: 'working directory *',
    errno: Errno.ENOTDIR,
    says: 'change directory by working directory file descriptor failed',
  },
  { verb: 'open', object: 'root directory *', says: 'cannot open *' },
  { verb: 'open', object: 'working directory *', says: 'cannot open *' },

  { verb: 'change', object: 'root directory to *', says: 'chroot failed', step: true },
  {
    verb: 'change',
    object: 'working directory to that of *',
    says: 'change directory by working directory file descriptor failed',
    step: true,
  },
  {
    verb: 'change',
    object: 'working directory *',
    says: 'cannot open current working directory',
    step: true,
  },
  { verb: 'join', object: 'cgroup *', says: 'write cgroup.procs failed', step: true },
  { verb: 'read', object: 'owner of the target', says: 'can not get process stat', step: true },
  { verb: 'drop', object: 'supplementary groups', says: 'setgroups failed', step: true },
  { verb: 'set', object: 'group id *', says: 'setgid() failed', step: true },
  { verb: 'set', object: 'user id *', says: 'setuid() failed', step: true },
  { verb: 'set', object: 'SELinux context *', says: "failed to set exec context to '*'", step: true },
  { verb: 'fork', object: '*', says: 'fork failed', step: true },
  { verb: 'execute', object: '*', says: 'failed to execute *', step: true },
];

function unreadable(option: string, says: string, ends: string = NONE): Sentence[] {
  const object = `value '*' of --${option}`;
  return [
    { verb: 'parse', object, cause: 'not', says: `${says}: '*'`, ends },
    { verb: 'parse', object, says: `${says}: '*'`, ends: OUT_OF_RANGE },
  ];
}

function withoutTarget(verb: string, object: string, file: string): Sentence[] {
  return [{ verb, object, says: `neither filename nor target pid supplied for ${file}`, ends: NONE }];
}

type Told = Pick<TsenterError, 'verb' | 'object' | 'reason' | 'errno'>;

/** The sentence for a failure, and whether getopt_long(3) is who says it; undefined where nsenter has none. */
export function sentenceFor(
  failure: Told,
  values: OptionValues,
): { text: string; getopt: boolean } | undefined {
  for (const row of SENTENCES) {
    const rest = restOf(failure.object, row.object);
    if (rest === undefined || !fits(row, failure, values)) continue;
    const text = row.says
      .replace('{number}', () => /^\d*/.exec(rest)?.[0] ?? '')
      .replace('{first}', () => firstFile(values))
      .replace('{possibilities}', () => possibilities(rest))
      .replace('*', () => rest);
    const end = endOf(row, failure, rest);
    return { text: end === NONE ? text : `${text}: ${end}`, getopt: row.getopt ?? false };
  }
  return undefined;
}

function fits(row: Sentence, { verb, reason, errno }: Told, values: OptionValues): boolean {
  return (
    row.verb === verb &&
    (row.errno === undefined || row.errno === errno) &&
    (row.cause === undefined || reason.startsWith(row.cause)) &&
    (row.all === undefined || values.all !== undefined) &&
    (row.inode === undefined || (typeof values.target === 'string' && values.target.includes(':')))
  );
}

function restOf(object: string, pattern: string): string | undefined {
  const star = pattern.indexOf('*');
  if (star < 0) return object === pattern ? '' : undefined;
  const [before, behind] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (object.length < before.length + behind.length) return undefined;
  if (!object.startsWith(before) || !object.endsWith(behind)) return undefined;
  return object.slice(before.length, object.length - behind.length);
}

function endOf({ ends }: Sentence, { reason }: Told, rest: string): string {
  if (ends === 'negative') return /^\s*-0*[1-9]/.test(rest) ? OUT_OF_RANGE : NONE;
  if (ends !== 'number') return ends ?? reason;
  return /^\s*[+-]?\d+$/.test(rest) ? OUT_OF_RANGE : 'Invalid argument';
}

/** nsenter opens the namespaces first, in the order of the table, then the others in this one. */
function firstFile(values: OptionValues): string {
  for (const { name } of NAMESPACES) if (values[name] === true) return `ns/${procFile(name)}`;
  if (values.root === true) return 'root';
  if (values.wd === true || values.wdns === true) return 'cwd';
  if (values.env) return 'environ';
  return values['join-cgroup'] ? 'cgroup' : '';
}

/** What getopt_long(3) would find: the options of nsenter. */
function possibilities(word: string): string {
  const [given = ''] = word.split('=');
  const names = OPTION_ROWS.filter(({ long, origin }) => !origin && long.startsWith(given));
  return names.map(({ long }) => `'--${long}'`).join(' ');
}
