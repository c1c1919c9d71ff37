import { readFileSync } from 'node:fs';
import { fromUnicode } from './bytes.ts';

/** The variable in which the launcher (helper-c/node/launch.c) says what Node was about to change. */
const VARIABLE = 'TSENTER_INHERITED';
/** In front of the names of variables that must not act on Node. */
const SAVED = 'TSENTER_SAVED_';

/** What the caller of tsenter handed on, before Node changed it. */
export interface Inherited {
  /** as /proc/PID/status has them: sixteen hexadecimal digits */
  ignored: string;
  blocked: string;
  /** the soft limit of open files; undefined where nobody recorded it */
  openFiles: string | undefined;
  descriptors: readonly number[];
}

/** argv[0] of the launcher, which handed it on; without it, that of Node would say nothing. */
export function callerName(): string {
  if (process.env[VARIABLE] === undefined) return '';
  return readStrings('/proc/self/cmdline')?.[0] ?? fromUnicode(process.argv0);
}

/** The kernel sets AT_SECURE at every exec with ids that differ (execve(2)), so also for the launcher's. */
export function isPrivileged(): boolean {
  return (
    process.getuid?.() !== process.geteuid?.() || process.getgid?.() !== process.getegid?.() || isSecure()
  );
}

/** What cannot be looked at is not trusted. */
function isSecure(): boolean {
  const AT_SECURE = 23n;
  let pairs: Buffer;
  try {
    pairs = readFileSync('/proc/self/auxv');
  } catch {
    return true;
  }
  for (let at = 0; at + 16 <= pairs.length; at += 16)
    if (pairs.readBigUInt64LE(at) === AT_SECURE) return pairs.readBigUInt64LE(at + 8) !== 0n;
  return true;
}

/** The words behind the script, byte for byte; Node's own replace what is not UTF-8. */
export function callerWords(): string[] {
  const given = process.argv.slice(2);
  const raw = readStrings('/proc/self/cmdline');
  return raw ? raw.slice(raw.length - given.length) : given.map(fromUnicode);
}

/** The environment as NAME=VALUE strings, byte for byte, as the launcher found it. */
export function callerEnvironment(): string[] {
  const raw =
    readStrings('/proc/self/environ') ??
    Object.entries(process.env).map(([name, value]) => fromUnicode(`${name}=${value}`));
  return raw
    .filter((entry) => !entry.startsWith(`${VARIABLE}=`))
    .map((entry) => (entry.startsWith(SAVED) ? entry.slice(SAVED.length) : entry));
}

/** Without the launcher: stdio is kept and every signal gets its default. */
export function inherited(): Inherited {
  const none = '0'.repeat(16);
  const [ignored = none, blocked = none, openFiles, list = '0-2'] = process.env[VARIABLE]?.split(':') ?? [];
  const descriptors = list
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = 0] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  return { ignored, blocked, openFiles, descriptors };
}

function readStrings(path: string): string[] | undefined {
  try {
    const text = readFileSync(path, 'latin1');
    return text === '' ? [] : text.replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}
