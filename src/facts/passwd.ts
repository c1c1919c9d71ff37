import { isDigits } from '../request/decimal.ts';
import { MOST_OF_ID } from '../sys/ids.ts';
import { isLike } from '../sys/keys-between.ts';
import { hasControls } from '../sys/utf8.ts';

/** A user of passwd(5). */
export interface User {
  name: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

/** More than any path, twice, and what stands before them: a longer line is no user's. */
const MOST_OF_USER = 1 << 16;
/** Comments, and what the C library has for others to look up (nsswitch.conf(5), compat). */
const NO_NAME = '#+-';

/**
 * These look for what is asked, and not at each line, so that a large file takes no longer than to be read; malformed lines are
 * passed over, and of several the first counts (getpwnam(3)).
 */
export function userNamed(passwd: string, name: string): User | undefined {
  const lines = `\n${passwd}`;
  for (let at = lines.indexOf(`\n${name}:`); at >= 0; at = lines.indexOf(`\n${name}:`, at + 1)) {
    const user = userOf(lineAt(lines, at + 1));
    if (user) return user;
  }
  return undefined;
}

export function userNumbered(passwd: string, uid: number): User | undefined {
  let from = 0;
  for (let at = passwd.indexOf(`:${uid}:`); at >= 0; at = passwd.indexOf(`:${uid}:`, from)) {
    const user = userOf(lineAt(passwd, passwd.lastIndexOf('\n', at) + 1));
    if (user?.uid === uid) return user;
    from = endOfLine(passwd, at);
  }
  return undefined;
}

export function groupNamed(group: string, name: string): number | undefined {
  const lines = `\n${group}`;
  for (let at = lines.indexOf(`\n${name}:`); at >= 0; at = lines.indexOf(`\n${name}:`, at + 1)) {
    const gid = gidOf(lineAt(lines, at + 1));
    if (gid !== undefined) return gid;
  }
  return undefined;
}

/** Those that name the user as a member, each once, in ascending order. */
export function groupsWith(group: string, name: string): number[] {
  const found: number[] = [];
  let end = 0;
  for (let at = group.indexOf(name); at >= 0; at = group.indexOf(name, end)) {
    const line = lineAt(group, group.lastIndexOf('\n', at) + 1);
    end = endOfLine(group, at);
    const members = `,${fieldOf(line, 3) ?? ''},`;
    const gid = members.includes(`,${name},`) ? gidOf(line) : undefined;
    if (gid !== undefined) found.push(gid);
  }
  // Sorted, because a table by hash is slow where others chose what goes into it.
  return found.sort((one, other) => one - other).filter((gid, index) => gid !== found[index - 1]);
}

/** Of the first ones those that may have been meant: the names that differ in case or a key or two, or begin so. */
export function namesLike(file: string, name: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let count = 0; count < MOST_COMPARED && start < file.length; count++) {
    const line = lineAt(file, start);
    start += line.length + 1;
    const other = line.slice(0, Math.max(0, line.indexOf(':')));
    if (other === '' || other.length > MOST_OF_NAME || NO_NAME.includes(other.charAt(0))) continue;
    if (found.length < MOST_ALIKE && isLike(name, other) && !found.includes(other)) found.push(other);
  }
  return found;
}

const MOST_COMPARED = 1000;
const MOST_OF_NAME = 256;
const MOST_ALIKE = 3;

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function lineAt(text: string, start: number): string {
  return text.slice(start, endOfLine(text, start));
}

function userOf(line: string): User | undefined {
  if (line.length > MOST_OF_USER || fieldOf(line, 3) === undefined) return undefined;
  const [name = '', , uid = '', gid = '', , home = '', shell = ''] = line.split(':');
  const [user, group] = [idOf(uid), idOf(gid)];
  if (user === undefined || group === undefined) return undefined;
  if (name === '' || NO_NAME.includes(name.charAt(0)) || hasControls(line)) return undefined;
  return {
    name,
    uid: user,
    gid: group,
    home: home.startsWith('/') ? home : '/',
    shell: shell.startsWith('/') ? shell : '/bin/sh',
  };
}

function gidOf(line: string): number | undefined {
  const digits = NO_NAME.includes(line.charAt(0)) ? undefined : fieldOf(line, 2);
  return digits === undefined ? undefined : idOf(digits);
}

/** Of four: the last one is the rest. */
function fieldOf(line: string, number: number): string | undefined {
  let start = 0;
  for (let index = 0; index < number; index++) {
    start = line.indexOf(':', start) + 1;
    if (start === 0) return undefined;
  }
  const end = number === 3 ? -1 : line.indexOf(':', start);
  return line.slice(start, end < 0 ? undefined : end);
}

function idOf(digits: string): number | undefined {
  const id = isDigits(digits) && digits.length <= 10 ? Number(digits) : undefined;
  return id !== undefined && id <= MOST_OF_ID ? id : undefined;
}
