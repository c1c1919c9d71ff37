import { fromUnicode } from '../hosts/node/bytes.ts';
import type { OptionName, OptionValues } from '../options/table.ts';
import type { Aspect } from '../request/controls.ts';
import { UsageError } from '../sys/errors.ts';
import { NAMESPACES, type NamespaceName } from '../sys/namespaces.ts';

/** What to enter, and as whom. Everything means what the option of the command line means; see tsenter(1). */
export interface EnterOptions {
  /** process id, `PID:inode` with the inode of a pidfd, or a container: `NAME` or `ENGINE:NAME` */
  target?: number | string;
  /** look for containers below this root of the host */
  hostRoot?: string;
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
  /** a number, or a user of the target: `web`, `web:staff` */
  uid?: number | string;
  /** a number, or a group of the target */
  gid?: number | string;
  /** numbers, and groups of the target */
  groups?: readonly (number | string)[] | 'follow' | 'none' | 'keep';
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
   * behind this character, at the beginning of a line, keys are for the waiting process where its input is a terminal: `~`, `^]`;
   * default `none`
   */
  escape?: string;
  /**
   * the signal that the program gets when the process that waits for it after a fork, or this one, dies; default
   * SIGKILL, and `false`, none, where `detached`
   */
  killChild?: NodeJS.Signals | number | false;
  /** false: signals for the waiting process are not handed on */
  forwardSignals?: boolean;
  /**
   * The program's capabilities, in every set: names such as `net_raw` are all that it gets; `+net_raw` adds one to, `-net_raw` takes one
   * from, what it would have. Also `all`, and `none`, which an empty array is as well.
   */
  caps?: string | readonly string[];
  /** nothing that the program executes gives it more rights */
  noNewPrivileges?: boolean;
  /** file mode creation mask of the program, as process.umask() takes it: a number, or octal digits */
  umask?: number | string;
  /** the program leads a session of its own, without a terminal */
  newSession?: boolean;
  /** of `stdio`, the program gets the first three only */
  closeDescriptors?: boolean;
  /** of `stdio`, the program gets the first three and so many more */
  preserveDescriptors?: number;
  /**
   * As the engine of the target would execute the program; with a list only those aspects, or all but `-NAME`. What could not be taken is
   * in `notTaken` of the process, and with `strict` an error. A terminal is only given with `pty`.
   */
  asTarget?: boolean | readonly AspectWord[];
  /** true: the helper may be overwritten by whoever is inside (CVE-2019-5736) */
  unsealed?: boolean;
}

/** An aspect of the target, or one more, or one less than usual. */
export type AspectWord = Aspect | `+${Aspect}` | `-${Aspect}` | 'strict';

type Set = (name: OptionName, value: string | number | boolean | undefined) => void;

/** How each key says what an option of the command line does: the compiler asks for every key. */
const KEYS: { readonly [Key in keyof EnterOptions]-?: (value: EnterOptions[Key], set: Set) => void } = {
  target: (value, set) => set('target', value),
  hostRoot: (value, set) => set('host-root', value),
  all: (value, set) => set('all', value),
  namespaces: (value, set) => {
    checkNamespaces(value);
    for (const { name } of NAMESPACES) set(name, namespaceValue(value, name));
  },
  netSocket: (value, set) => set('net-socket', value),
  userParent: (value, set) => set('user-parent', value),
  root: (value, set) => set('root', value),
  workingDirectory: (value, set) => set('wd', value),
  workingDirectoryInside: (value, set) => set('wdns', value),
  uid: (value, set) => set('setuid', value),
  gid: (value, set) => set('setgid', value),
  groups: (value, set) => set('groups', isNames(value) ? value.join(',') || 'none' : value),
  preserveCredentials: (value, set) => set('preserve-credentials', value),
  keepCapabilities: (value, set) => set('keep-caps', value),
  targetEnvironment: (value, set) => set('env', value),
  joinCgroup: (value, set) => set('join-cgroup', value),
  followContext: (value, set) => set('follow-context', value),
  fork: (value, set) => set('no-fork', value === false),
  pty: (value, set) => set('pty', value),
  escape: (value, set) => set('escape', value ?? 'none'),
  killChild: (value, set) => {
    set('kill-child', value);
    set('no-kill-child', value === false);
  },
  forwardSignals: (value, set) => set('no-forward-signals', value === false),
  caps: (value, set) => set('caps', listed(value)),
  noNewPrivileges: (value, set) => set('no-new-privs', value),
  umask: (value, set) => set('umask', typeof value === 'number' ? value.toString(8) : value),
  newSession: (value, set) => set('new-session', value),
  closeDescriptors: (value, set) => set('close-fds', value),
  preserveDescriptors: (value, set) => set('preserve-fds', value),
  asTarget: (value, set) =>
    set('as-target', typeof value === 'object' ? value.length > 0 && listed(value) : value),
  unsealed: (value, set) => set('unsealed', value),
};

export const ENTER_KEYS = Object.keys(KEYS) as readonly (keyof EnterOptions)[];

/** The options of the command line that say the same. */
export function optionValues(options: EnterOptions): OptionValues {
  const values: OptionValues = {};
  const set: Set = (name, value) => {
    if (value === true) values[name] = true;
    else if (value !== undefined && value !== false) values[name] = fromUnicode(String(value));
  };
  for (const key of ENTER_KEYS) setterOf(key)(options[key], set);
  return values;
}

/** The compiler has checked each key's by itself; for all in one it would ask for a value that suits every one. */
function setterOf(key: keyof EnterOptions): (value: unknown, set: Set) => void {
  return KEYS[key] as (value: unknown, set: Set) => void;
}

function listed(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(',') : value;
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

function namespaceValue(
  namespaces: EnterOptions['namespaces'],
  name: NamespaceName,
): true | string | undefined {
  if (!namespaces) return undefined;
  if (isList(namespaces)) return namespaces.includes(name) || undefined;
  return namespaces[name];
}

function isNames(groups: EnterOptions['groups']): groups is readonly (number | string)[] {
  return Array.isArray(groups);
}

function isList(namespaces: NonNullable<EnterOptions['namespaces']>): namespaces is readonly NamespaceName[] {
  return Array.isArray(namespaces);
}
