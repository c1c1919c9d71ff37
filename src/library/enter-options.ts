import { fromUnicode } from '../hosts/node/bytes.ts';
import type { OptionValues } from '../options/table.ts';
import { UsageError } from '../sys/errors.ts';
import { NAMESPACES, type NamespaceName } from '../sys/namespaces.ts';

/** What to enter, and as whom. Everything means what the option of the command line means; see tsenter(1). */
export interface EnterOptions {
  /** process id, or `PID:inode` with the inode of a pidfd */
  target?: number | string;
  /** every namespace of the target that differs from the caller's */
  all?: boolean;
  /** the target's namespaces by name, or each with `true` (the target's), a file, or `:nsid` */
  namespaces?: readonly NamespaceName[] | Partial<Readonly<Record<NamespaceName, true | string>>>;
  /** enter the network namespace of this descriptor of the target, a socket */
  netSocket?: number;
  /** enter the parent of the user namespace */
  userParent?: boolean;
  /** `true`: the target's */
  root?: true | string;
  /** opened before anything is entered; `true`: the target's */
  workingDirectory?: true | string;
  /** looked up after entering */
  workingDirectoryInside?: string;
  uid?: number | 'follow';
  gid?: number | 'follow';
  preserveCredentials?: boolean;
  keepCapabilities?: boolean;
  targetEnvironment?: boolean;
  joinCgroup?: boolean;
  followContext?: boolean;
  /** false: execute in the spawned process itself, even after entering a PID namespace */
  fork?: boolean;
  /** a pseudo-terminal for the program: what it writes to it comes out of `stdout` */
  pty?: boolean;
  /**
   * the signal that the program gets when the process that waits for it after a fork, or this one, dies; default
   * SIGKILL, and `false`, none, where `detached`
   */
  killChild?: NodeJS.Signals | number | false;
  /** false: signals for the waiting process are not handed on */
  forwardSignals?: boolean;
  /** true: the helper may be overwritten by whoever is inside (CVE-2019-5736) */
  unsealed?: boolean;
}

/** The options of the command line that say the same. */
export function optionValues(options: EnterOptions): OptionValues {
  checkNamespaces(options.namespaces);
  const values: OptionValues = {};
  const set = (name: keyof OptionValues, value: string | number | boolean | undefined) => {
    if (value === true) values[name] = true;
    else if (value !== undefined && value !== false) values[name] = fromUnicode(String(value));
  };
  set('target', options.target);
  set('all', options.all);
  for (const { name } of NAMESPACES) set(name, namespaceValue(options.namespaces, name));
  set('net-socket', options.netSocket);
  set('user-parent', options.userParent);
  set('root', options.root);
  set('wd', options.workingDirectory);
  set('wdns', options.workingDirectoryInside);
  set('setuid', options.uid);
  set('setgid', options.gid);
  set('preserve-credentials', options.preserveCredentials);
  set('keep-caps', options.keepCapabilities);
  set('env', options.targetEnvironment);
  set('join-cgroup', options.joinCgroup);
  set('follow-context', options.followContext);
  set('no-fork', options.fork === false);
  set('pty', options.pty);
  set('kill-child', options.killChild);
  set('no-kill-child', options.killChild === false);
  set('no-forward-signals', options.forwardSignals === false);
  set('unsealed', options.unsealed);
  return values;
}

/** A name that is not understood must not leave the program in the caller's namespace. */
function checkNamespaces(namespaces: unknown): void {
  if (namespaces === undefined) return;
  if (typeof namespaces !== 'object' || namespaces === null)
    throw new UsageError('parse', 'namespaces', 'neither an array nor an object', HINT);
  const names: unknown[] = Array.isArray(namespaces) ? namespaces : Object.keys(namespaces);
  const unknown = names.find((given) => !NAMESPACES.some(({ name }) => name === given));
  if (unknown !== undefined)
    throw new UsageError('parse', fromUnicode(`namespace ${String(unknown)}`), 'unknown namespace', HINT);
}

const HINT = `There are ${NAMESPACES.map(({ name }) => name).join(', ')}.`;

/** @throws UsageError for a key that is none of `known`: a misspelt one would be passed over in silence */
export function checkKeys(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw new UsageError(
      'parse',
      fromUnicode(`option ${unknown}`),
      'unknown option',
      `There are ${known.join(', ')}.`,
    );
}

/** The keys of EnterOptions. */
export const ENTER_KEYS = Object.keys({
  target: 0,
  all: 0,
  namespaces: 0,
  netSocket: 0,
  userParent: 0,
  root: 0,
  workingDirectory: 0,
  workingDirectoryInside: 0,
  uid: 0,
  gid: 0,
  preserveCredentials: 0,
  keepCapabilities: 0,
  targetEnvironment: 0,
  joinCgroup: 0,
  followContext: 0,
  fork: 0,
  pty: 0,
  killChild: 0,
  forwardSignals: 0,
  unsealed: 0,
} satisfies Record<keyof EnterOptions, 0>);

function namespaceValue(
  namespaces: EnterOptions['namespaces'],
  name: NamespaceName,
): true | string | undefined {
  if (!namespaces) return undefined;
  if (isList(namespaces)) return namespaces.includes(name) || undefined;
  return namespaces[name];
}

function isList(namespaces: NonNullable<EnterOptions['namespaces']>): namespaces is readonly NamespaceName[] {
  return Array.isArray(namespaces);
}
