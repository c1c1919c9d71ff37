import { decimalDigits, isDigits } from './decimal.ts';
import { UsageError } from './errors.ts';
import { missingTarget } from './missing-target.ts';
import { NAMESPACES, type NamespaceName } from './namespaces.ts';
import type { OptionName, OptionValues } from './options.ts';
import { parseSignal } from './signals.ts';

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
  /** the program gets a pseudo-terminal of its own, which the waiting parent relays */
  pty: boolean;
  /** the signal that the program gets when the waiting parent dies; undefined: none */
  killChild: number | undefined;
  /** the waiting parent hands on the signals that it gets */
  forwardSignals: boolean;
  program: Program;
}

const SIGKILL = 9;

/**
 * Types and checks the options' values.
 *
 * @throws UsageError where a value is malformed, a target is missing or nothing was asked for
 */
export function makeRequest(values: OptionValues, program: Program): Request {
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
    pty: values.pty !== undefined,
    killChild: killChild(values),
    forwardSignals: values['no-forward-signals'] === undefined,
    program,
  };
  if (!request.target && asksOfTarget(request)) throw missingTarget(request);
  checkSomethingAsked(request);
  return request;
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
  if (!isDigits(id) || id.length > 20)
    throw new UsageError('parse', `nsid '${id}' of --${name}`, 'not a number');
  return { from: 'nsid', id };
}

function directory<From extends string>(
  value: string | true | undefined,
  from: From,
): { from: 'target' } | { from: From; path: string } | undefined {
  if (value === undefined) return undefined;
  return value === true ? { from: 'target' } : { from, path: withoutEquals(value) };
}

function killChild(values: OptionValues): number | undefined {
  if (values['no-kill-child'] !== undefined) return undefined;
  return given(values['kill-child'], (text) => parseSignal('kill-child', text)) ?? SIGKILL;
}

/** `-m=/path`: getopt hands over `=/path`, and nsenter's users write it. */
function withoutEquals(value: string): string {
  return value[0] === '=' ? value.slice(1) : value;
}

function given<T>(value: string | true | undefined, parse: (text: string) => T): T | undefined {
  return typeof value === 'string' ? parse(value) : undefined;
}

function parseTarget(text: string): TargetName {
  const colon = text.indexOf(':');
  const digits = decimalDigits(colon < 0 ? text : text.slice(0, colon));
  const inode = colon < 0 ? undefined : text.slice(colon + 1);
  const pid = Number(digits);
  if (
    digits === undefined ||
    pid < 1 ||
    pid > 0x7fff_ffff ||
    (inode !== undefined && (!isDigits(inode) || inode.length > 20))
  )
    throw new UsageError('parse', `target '${text}'`, 'not a process id');
  return inode === undefined ? { pid } : { pid, inode };
}

function parseId(option: OptionName, text: string): Id {
  // 2^32-1 is no id but setresuid(2)'s "leave it".
  return text === 'follow' ? 'follow' : parseNumber(option, text, 0xffff_fffe);
}

function parseNumber(option: OptionName, text: string, most: number): number {
  const digits = decimalDigits(text);
  if (digits === undefined) throw new UsageError('parse', `value '${text}' of --${option}`, 'not a number');
  const number = Number(digits);
  if (number > most) throw new UsageError('parse', `value '${text}' of --${option}`, 'out of range');
  return number;
}

function asksOfTarget(request: Request): boolean {
  return (
    request.all ||
    request.netSocket !== undefined ||
    (request.userParent && !request.namespaces.user) ||
    request.targetEnvironment ||
    request.joinCgroup ||
    request.uid === 'follow' ||
    request.gid === 'follow' ||
    request.root?.from === 'target' ||
    request.workingDirectory?.from === 'target' ||
    NAMESPACES.some(({ name }) => request.namespaces[name]?.from === 'target')
  );
}

/** Executing the program here, when the user expects it inside, is the worst outcome (util-linux 2.42 refuses, too). */
function checkSomethingAsked(request: Request): void {
  const asked =
    asksOfTarget(request) ||
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
