import { UsageError } from './errors.ts';
import { NAMESPACES, type NamespaceName } from './namespaces.ts';
import { OPTION_ROWS, type OptionName, type OptionValues } from './options.ts';

/** Where a namespace that was asked for is found. */
export type NamespaceSource =
  | { from: 'target' }
  | { from: 'file'; path: string }
  /** the kernel's 64-bit number of the namespace, in decimal */
  | { from: 'nsid'; id: string };

export interface TargetName {
  pid: number;
  /** the inode of a pidfd of the process, in decimal */
  inode?: string;
}

/** `follow`: the owner of the target as seen from inside. */
export type Id = number | 'follow';

export type Program =
  /** the command line's words from this index on; their bytes never pass through the core */
  | { kind: 'operands'; first: number }
  | { kind: 'words'; words: readonly string[] }
  /** a login shell: the first of the usual ones that exists inside */
  | { kind: 'shell' };

export const NAME_THE_TARGET = 'Name the process: --target PID.';

/** What the user asked for, checked as far as that is possible without looking at any process. */
export interface Request {
  target: TargetName | undefined;
  all: boolean;
  namespaces: Partial<Record<NamespaceName, NamespaceSource>>;
  /** a descriptor number of the target */
  netSocket: number | undefined;
  userParent: boolean;
  root: { from: 'target' } | { from: 'caller'; path: string } | undefined;
  workingDirectory: { from: 'target' } | { from: 'caller' | 'inside'; path: string } | undefined;
  uid: Id | undefined;
  gid: Id | undefined;
  preserveCredentials: boolean;
  keepCapabilities: boolean;
  targetEnvironment: boolean;
  joinCgroup: boolean;
  followContext: boolean;
  fork: boolean;
  program: Program;
}

/**
 * Types and checks the options' values.
 *
 * @throws UsageError where a value is malformed, a target is missing or nothing was asked for
 */
export function makeRequest(values: OptionValues, program: Program): Request {
  checkExclusions(values);
  const request: Request = {
    target: given(values.target, parseTarget),
    all: values.all !== undefined,
    namespaces: namespaceSources(values),
    netSocket: given(values['net-socket'], (text) => parseNumber('net-socket', text, 0x7fff_ffff)),
    userParent: values['user-parent'] !== undefined,
    root: directory(values.root, 'caller'),
    workingDirectory: directory(values.wd, 'caller') ?? directory(values.wdns, 'inside'),
    uid: given(values.setuid, (text) => parseId('setuid', text)),
    gid: given(values.setgid, (text) => parseId('setgid', text)),
    preserveCredentials: values['preserve-credentials'] !== undefined,
    keepCapabilities: values['keep-caps'] !== undefined,
    targetEnvironment: values.env !== undefined,
    joinCgroup: values['join-cgroup'] !== undefined,
    followContext: values['follow-context'] !== undefined,
    fork: values['no-fork'] === undefined,
    program,
  };
  checkTarget(request);
  checkSomethingAsked(request);
  return request;
}

function checkExclusions(values: OptionValues): void {
  for (const row of OPTION_ROWS) {
    if (row.excludes && values[row.long] !== undefined && values[row.excludes as OptionName] !== undefined)
      throw new UsageError('parse', `options --${row.long} and --${row.excludes}`, 'mutually exclusive');
  }
}

function namespaceSources(values: OptionValues): Request['namespaces'] {
  const sources: Request['namespaces'] = {};
  for (const { name } of NAMESPACES) {
    const value = values[name];
    if (value !== undefined) sources[name] = namespaceSource(name, value);
  }
  return sources;
}

function namespaceSource(name: NamespaceName, value: string | true): NamespaceSource {
  if (value === true) return { from: 'target' };
  const path = withoutEquals(value);
  if (path[0] !== ':') return { from: 'file', path };
  const id = path.slice(1);
  if (!/^[0-9]{1,20}$/.test(id)) throw new UsageError('parse', `nsid '${id}' of --${name}`, 'not a number');
  return { from: 'nsid', id };
}

function directory<From extends string>(
  value: string | true | undefined,
  from: From,
): { from: 'target' } | { from: From; path: string } | undefined {
  if (value === undefined) return undefined;
  return value === true ? { from: 'target' } : { from, path: withoutEquals(value) };
}

/** `-m=/path`: getopt hands over `=/path`, and nsenter's users write it. */
function withoutEquals(value: string): string {
  return value[0] === '=' ? value.slice(1) : value;
}

function given<T>(value: string | true | undefined, parse: (text: string) => T): T | undefined {
  return typeof value === 'string' ? parse(value) : undefined;
}

/** Numbers may have blanks and a plus sign in front, as strtol(3) reads them in nsenter. */
function parseTarget(text: string): TargetName {
  const [, digits, inode] = /^[ \t-\r]*\+?([0-9]+)(?::([0-9]{1,20}))?$/.exec(text) ?? [];
  const pid = Number(digits);
  if (digits === undefined || pid < 1 || pid > 0x7fff_ffff)
    throw new UsageError('parse', `target '${text}'`, 'not a process id');
  return inode === undefined ? { pid } : { pid, inode };
}

function parseId(option: OptionName, text: string): Id {
  // 2^32-1 is no id but setresuid(2)'s "leave it".
  return text === 'follow' ? 'follow' : parseNumber(option, text, 0xffff_fffe);
}

function parseNumber(option: OptionName, text: string, most: number): number {
  const digits = /^[ \t-\r]*\+?([0-9]+)$/.exec(text)?.[1];
  const number = digits === undefined ? Number.NaN : Number(digits);
  if (Number.isNaN(number)) throw new UsageError('parse', `value '${text}' of --${option}`, 'not a number');
  if (number > most) throw new UsageError('parse', `value '${text}' of --${option}`, 'out of range');
  return number;
}

function checkTarget(request: Request): void {
  if (request.target) return;
  const wanted = wantsOfTarget(request);
  if (wanted) throw new UsageError(wanted[0], wanted[1], 'no target PID specified', NAME_THE_TARGET);
}

function wantsOfTarget(request: Request): readonly [verb: string, object: string] | undefined {
  if (request.all) return ['enter', 'all namespaces'];
  for (const { name } of NAMESPACES) {
    if (request.namespaces[name]?.from === 'target') return ['enter', `${name} namespace`];
  }
  if (request.netSocket !== undefined) return ['enter', `net namespace of socket ${request.netSocket}`];
  if (request.userParent && !request.namespaces.user) return ['enter', 'parent user namespace'];
  if (request.root?.from === 'target') return ['change', 'root directory'];
  if (request.workingDirectory?.from === 'target') return ['change', 'working directory'];
  if (request.uid === 'follow') return ['follow', 'user id'];
  if (request.gid === 'follow') return ['follow', 'group id'];
  if (request.targetEnvironment) return ['read', 'environment'];
  if (request.joinCgroup) return ['join', 'cgroup'];
  return undefined;
}

/** Executing the program here, when the user expects it inside, is the worst outcome (util-linux 2.42 refuses, too). */
function checkSomethingAsked(request: Request): void {
  const asked =
    wantsOfTarget(request) ||
    Object.keys(request.namespaces).length > 0 ||
    request.root ||
    request.workingDirectory ||
    request.uid !== undefined ||
    request.gid !== undefined;
  if (!asked)
    throw new UsageError(
      'enter',
      request.target ? `target ${request.target.pid}` : 'namespaces',
      'no namespace specified',
      "Name what to enter, such as --all, or --mount --pid; 'tsenter --help' lists it.",
    );
}
