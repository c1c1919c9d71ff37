import { fileURLToPath } from 'node:url';
import { fromUnicode } from '../hosts/node/bytes.ts';
import type { OptionName, OptionValues } from '../options/table.ts';
import { UsageError } from '../sys/errors.ts';
import { NAMESPACES, type NamespaceName } from '../sys/namespaces.ts';
import type { EnterOptions } from './enter-options.ts';
import { Held } from './held.ts';
import { checkType, withoutNul } from './option-types.ts';

type Set = (name: OptionName, value: string | number | boolean | undefined) => void;

/** How each key says what an option of the command line does: the compiler asks for every key. */
const KEYS: { readonly [Key in keyof EnterOptions]-?: (value: EnterOptions[Key], set: Set) => void } = {
  target: (value, set) => set('target', value instanceof Held ? value.word : value),
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
  cwd: (value, set) => set('wdns', value instanceof URL ? pathOf(value) : value),
  uid: (value, set) => set('setuid', value),
  gid: (value, set) => set('setgid', value),
  groups: (value, set) => set('groups', isNames(value) ? value.join(',') || 'none' : value),
  preserveCredentials: (value, set) => set('preserve-credentials', value),
  keepCapabilities: (value, set) => set('keep-caps', value),
  targetEnvironment: (value, set) => set('env', value),
  joinCgroup: (value, set) => set('join-cgroup', value),
  followContext: (value, set) => set('follow-context', value),
  fork: (value, set) => set('no-fork', value === false),
  pty: (value, set) => set('pty', value !== undefined && value !== false),
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
  if (options.cwd !== undefined && options.workingDirectoryInside !== undefined)
    throw new UsageError(
      'parse',
      'options cwd and workingDirectoryInside',
      'mutually exclusive',
      'They say the same.',
    );
  const values: OptionValues = {};
  for (const key of ENTER_KEYS) {
    const value = options[key];
    const set: Set = (name, one) => {
      if (one === true) values[name] = true;
      else if (one !== undefined && one !== false)
        values[name] = fromUnicode(withoutNul(`option ${key}`, String(one)));
    };
    if (value !== undefined) checkType(key, value);
    // Most are not said; one that is not is.
    if (value !== undefined || key === 'escape') setterOf(key)(value, set);
  }
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
  for (const given of names)
    if (!NAMESPACES.some(({ name }) => name === given))
      throw new UsageError('parse', fromUnicode(`namespace ${String(given)}`), 'unknown namespace', HINT);
  if (Array.isArray(namespaces)) return;
  // What is iterable has no keys.
  if (Symbol.iterator in namespaces)
    throw new UsageError('parse', 'namespaces', 'neither an array nor an object', HINT);
  for (const [name, value] of Object.entries(namespaces))
    if (value !== undefined && value !== true && typeof value !== 'string')
      throw new UsageError(
        'parse',
        `namespaces.${name}`,
        'neither true nor a string',
        "true is the target's; what is not to be entered is undefined, or not there.",
      );
}

function pathOf(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError('parse', fromUnicode(`option cwd: '${url.href}'`), 'not the URL of a file');
  }
}

const HINT = `There are ${NAMESPACES.map(({ name }) => name).join(', ')}.`;

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
