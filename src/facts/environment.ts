import { Errno, SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, described, readPath } from '../sys/system-call.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';
import { openProcDirectory } from './directory.ts';
import type { OpenNamespace } from './namespace-source.ts';

/** What execve(2) takes of strings and of the pointers to them: at most this, and this much with any limit of the stack. */
export const MOST_OF_ALL = 6 << 20;
const LEAST_OF_ALL = 128 << 10;
/** Of one string with its end (MAX_ARG_STRLEN). */
const MOST_OF_ONE = 128 << 10;
const POINTER = 8;
/** Variables that say what the terminal can do (environ(7), term(7)). */
const OF_TERMINAL = ['TERM', 'COLORTERM'];
/** And what it shows of what is written to it (locale(7)). */
export const OF_TERMINAL_AND_LANGUAGE = [...OF_TERMINAL, 'LANG'];
/** As /proc/PID/limits has it, before the soft and the hard one. */
const STACK_LIMIT = 'Max stack size';

/**
 * The environment that the target was started with, as NAME=VALUE strings. It is the target's to write, and where it
 * lies the target's to say (prctl(2), PR_SET_MM), so it is bounded by what the program could be executed with: entries
 * of another form are left out, and of two values for a name the first counts (as in nsenter).
 *
 * @param namespaces those that are going to be entered: one of users may be what it takes to read it
 * @param kept the variables that on a terminal stay those of the caller
 * @throws TsenterError where it cannot be read, or is larger
 */
export function readTargetEnvironment(
  sys: Sys,
  target: Target,
  namespaces: readonly OpenNamespace[],
  kept: readonly string[] = OF_TERMINAL,
): string[] {
  // A target that executes another program between our open and our read leaves an empty file behind: look again.
  const bytes = readOnce(sys, target, namespaces) || readOnce(sys, target, namespaces);
  const entries: string[] = [];
  let size = 0;
  let most = LEAST_OF_ALL;
  // From `=` to `=`: what has none costs nothing. Each character is looked at once in either direction.
  for (let equals = bytes.indexOf('='); equals >= 0; ) {
    const start = bytes.lastIndexOf('\0', equals) + 1;
    let end = bytes.indexOf('\0', equals);
    if (end < 0) end = bytes.length;
    const length = end - start + 1;
    size += length + POINTER;
    if (size > most && most === LEAST_OF_ALL) most = mostBytes(sys);
    if (size > most || length > MOST_OF_ONE)
      throw tooLarge(sys, `environment of ${target.label}`, mostBytes(sys));
    if (equals > start) entries.push(bytes.slice(start, end));
    equals = bytes.indexOf('=', end);
  }
  return withTerminal(sys, firstOfEach(entries), kept);
}

/** What kind of terminal the program has is the caller's to know: the target may have been started on none, or on another. */
function withTerminal(sys: Sys, entries: string[], kept: readonly string[]): string[] {
  if (!sys.isTerminal(0) && !sys.isTerminal(1)) return entries;
  let environment = entries;
  for (const name of kept) {
    const value = sys.variable(name);
    if (value === undefined) continue;
    environment = environment.filter((entry) => !entry.startsWith(`${name}=`));
    environment.push(`${name}=${value}`);
  }
  return environment;
}

/** Sorted, because a table by hash takes the square of the time where the target chose names that collide. */
function hasNameTwice(entries: readonly string[]): boolean {
  // Those with the same name have the same beginning, so they are beside each other.
  const sorted = [...entries].sort();
  let beginning = '=';
  for (const entry of sorted) {
    if (entry.startsWith(beginning)) return true;
    beginning = entry.slice(0, entry.indexOf('=') + 1);
  }
  return false;
}

/** Of two values for a name the first. Each has the form NAME=VALUE. */
export function firstOfEach(entries: string[]): string[] {
  if (!hasNameTwice(entries)) return entries;
  const FIRST = 1_000_000;
  const DIGITS = 7;
  // No name has a `=`: those that are equal are beside each other, in the order of their numbers.
  const keys = entries.map((entry, index) => `${entry.slice(0, entry.indexOf('='))}=${FIRST + index}`).sort();
  const isKept: boolean[] = [];
  let last: string | undefined;
  for (const key of keys) {
    const name = key.slice(0, -DIGITS);
    isKept[Number(key.slice(-DIGITS)) - FIRST] = name !== last;
    last = name;
  }
  return entries.filter((_, index) => isKept[index]);
}

/** Whether a program can be executed with these strings, as far as it is for them to say. */
export function checkSize(sys: Sys, object: string, entries: readonly string[]): void {
  let size = 0;
  for (const { length } of entries) {
    size += length + 1 + POINTER;
    if (length + 1 > MOST_OF_ONE) size = MOST_OF_ALL + 1;
  }
  if (size > LEAST_OF_ALL && size > mostBytes(sys)) throw tooLarge(sys, object, mostBytes(sys));
}

/** A quarter of the stack limit (execve(2)). */
function mostBytes(sys: Sys): number {
  const limits = attempt(sys, 'read', '/proc/self/limits', () => readPath(sys, '/proc/self/limits', 1 << 16));
  const soft = Number.parseInt(limits.slice(limits.indexOf(STACK_LIMIT) + STACK_LIMIT.length), 10);
  // `unlimited` is no number.
  if (Number.isNaN(soft)) return MOST_OF_ALL;
  return Math.max(LEAST_OF_ALL, Math.min(MOST_OF_ALL, Math.floor(soft / 4)));
}

function readOnce(sys: Sys, target: Target, namespaces: readonly OpenNamespace[]): string {
  let fd: number | undefined;
  try {
    fd = openOfTarget(sys, target, 'environ', 'file', 'environment');
    const open = fd;
    return readWith(sys, target, () => sys.read(open, MOST_OF_ALL));
  } catch (error) {
    // A task without memory, a kernel thread, has none; if the target has ended, checkAlive will say so.
    if (error instanceof TsenterError && error.errno === Errno.ESRCH) return '';
    const isDenied =
      error instanceof TsenterError && (error.errno === Errno.EACCES || error.errno === Errno.EPERM);
    const inside = isDenied ? readInside(sys, target, namespaces) : undefined;
    if (inside === undefined) throw error;
    return inside;
  } finally {
    if (fd !== undefined) sys.close(fd);
  }
}

/**
 * The file belongs to whom the target is. Who owns its user namespace, or may enter it for another reason, has every right over
 * the ids that are mapped there, but only inside (user_namespaces(7)).
 */
function readInside(sys: Sys, target: Target, namespaces: readonly OpenNamespace[]): string | undefined {
  const users = namespaces.find(({ name, entered }) => name === 'user' && !entered);
  if (!users) return undefined;
  const directory = openProcDirectory(sys, target);
  try {
    return readWith(sys, target, () => sys.readInside(users.fd, directory, 'environ', MOST_OF_ALL));
  } finally {
    sys.close(directory);
  }
}

function readWith<T>(sys: Sys, target: Target, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SystemError && error.errno === Errno.EFBIG)
      throw tooLarge(sys, `environment of ${target.label}`, mostBytes(sys));
    throw described(sys, 'read', `environment of ${target.label}`, error);
  }
}

function tooLarge(sys: Sys, object: string, most: number): TsenterError {
  return new TsenterError({
    verb: 'take',
    object,
    cause: sys.describe(Errno.E2BIG),
    errno: Errno.E2BIG,
    hint: `No program could be executed with it: execve(2) takes ${most >> 10} KiB here, a quarter of the stack limit ('ulimit -s') and at most 6 MiB, and of one variable 128 KiB.`,
  });
}
