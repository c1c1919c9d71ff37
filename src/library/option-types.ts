import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';
import type { EnterOptions } from './enter-options.ts';
import { Held } from './held.ts';

/** What JavaScript may give, each with what it is called. */
const TYPES = {
  true: (value: unknown) => value === true,
  false: (value: unknown) => value === false,
  'a number': (value: unknown) => typeof value === 'number',
  'a string': (value: unknown) => typeof value === 'string',
  'a URL': (value: unknown) => value instanceof URL,
  'a Target': (value: unknown) => value instanceof Held,
  'an array of strings': (value: unknown) => isArrayOf(value, ['string']),
  'an array of numbers and strings': (value: unknown) => isArrayOf(value, ['number', 'string']),
  'an array': Array.isArray,
  'an object': (value: unknown) => typeof value === 'object' && value !== null,
} as const;

type Type = keyof typeof TYPES;

const FLAG: readonly Type[] = ['true', 'false'];

/** A value of another type would be passed over, or mean something else: `uid: condition && 1000` is the user root where that is not so. */
const OF_KEY: { readonly [Key in keyof EnterOptions]-?: readonly Type[] } = {
  target: ['a number', 'a string', 'a Target'],
  hostRoot: ['a string'],
  all: FLAG,
  namespaces: ['an array', 'an object'],
  netSocket: ['a number'],
  userParent: FLAG,
  root: ['true', 'a string'],
  workingDirectory: ['true', 'a string'],
  workingDirectoryInside: ['a string'],
  cwd: ['a string', 'a URL'],
  uid: ['a number', 'a string'],
  gid: ['a number', 'a string'],
  groups: ['a string', 'an array of numbers and strings'],
  preserveCredentials: FLAG,
  keepCapabilities: FLAG,
  targetEnvironment: FLAG,
  joinCgroup: FLAG,
  followContext: FLAG,
  fork: FLAG,
  pty: ['true', 'false', 'an object'],
  escape: ['a string'],
  killChild: ['false', 'a number', 'a string'],
  forwardSignals: FLAG,
  caps: ['a string', 'an array of strings'],
  noNewPrivileges: FLAG,
  umask: ['a number', 'a string'],
  newSession: FLAG,
  closeDescriptors: FLAG,
  preserveDescriptors: ['a number'],
  asTarget: ['true', 'false', 'an array of strings'],
  unsealed: FLAG,
};

/** @throws UsageError where a value, which is not undefined, has none of the types of its key */
export function checkType(key: keyof EnterOptions, value: unknown): void {
  const wanted = OF_KEY[key];
  if (wanted.some((type) => TYPES[type](value))) return;
  throw new UsageError('parse', `option ${key}`, `not ${listed(wanted)}, but ${described(value)}`, UNSAID);
}

const UNSAID = 'What is not said, or undefined, is as usual.';

/**
 * @param what it is said of
 * @throws UsageError for a text of which the system would take what is in front of a NUL
 */
export function withoutNul(what: string, text: string): string {
  if (text.includes('\0'))
    throw new UsageError('parse', fromUnicode(what), 'a character is NUL, which ends texts');
  return text;
}

function isArrayOf(value: unknown, types: readonly string[]): boolean {
  return Array.isArray(value) && value.every((one) => types.includes(typeof one));
}

function listed(words: readonly string[]): string {
  return words.length === 1 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function described(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return value === null || typeof value === 'boolean' ? String(value) : typeof value;
}
