import type { EnvironmentEdit } from '../request/controls.ts';
import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import { checkSize, firstOfEach, MOST_OF_ALL } from './environment.ts';

/** Behind a name in the place of its value: it is to have none. No value has this character. */
const NONE = '\0';
const BYTE_ORDER_MARK = '\xef\xbb\xbf';
/** What Unicode, as far as it is one byte in UTF-8, calls white space. */
const BLANKS = ' \t\v\f\r';

/**
 * The environment that the program is executed with. Bytes are as they are, and what nothing was said of stays where it is.
 *
 * @param base what it would have
 * @param least what of that is the user's that was named, which clearing leaves
 * @throws TsenterError where a file cannot be read, or has another form
 */
export function editedEnvironment(
  sys: Sys,
  base: readonly string[],
  edits: readonly EnvironmentEdit[],
  least: readonly string[] = [],
): string[] {
  const changes: string[] = [];
  let kept = base;
  for (const edit of edits) {
    if (edit.change === 'clear') {
      kept = least;
      changes.length = 0;
    } else if (edit.change === 'file') {
      for (const change of changesOfFile(sys, edit.path)) changes.push(change);
    } else {
      changes.push(changeOf(sys, edit));
    }
  }
  // The last one counts.
  const last = firstOfEach(changes.reverse()).reverse();
  const changed = last.map(nameOf).sort();
  const environment = kept.filter((entry) => !isAmong(changed, nameOf(entry)));
  for (const entry of last) if (!entry.endsWith(NONE)) environment.push(entry);
  checkSize(sys, 'environment', environment);
  return environment;
}

function changeOf(sys: Sys, edit: Exclude<EnvironmentEdit, { change: 'clear' | 'file' }>): string {
  const value = edit.change === 'set' ? edit.value : edit.change === 'keep' ? sys.variable(edit.name) : NONE;
  return `${edit.name}=${value ?? NONE}`;
}

/** Nothing where it is no variable. */
function nameOf(entry: string): string {
  return entry.slice(0, Math.max(0, entry.indexOf('=')));
}

/** By halves: the target chooses the names, and a table by hash takes the square of the time where they collide. */
function isAmong(sorted: readonly string[], name: string): boolean {
  let first = 0;
  let end = sorted.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    if ((sorted[middle] as string) < name) first = middle + 1;
    else end = middle;
  }
  return sorted[first] === name;
}

/** As docker reads it: `NAME=VALUE` to the end of the line, `NAME` alone for the caller's value, `#` in front of what is none. */
function changesOfFile(sys: Sys, path: string): string[] {
  const text = read(sys, path);
  if (text.includes('\0')) throw malformed(path, undefined, 'it has a NUL');
  const lines = text.slice(text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0).split('\n');
  const changes: string[] = [];
  for (const [index, whole] of lines.entries()) {
    const line = withoutBlanksInFront(whole.endsWith('\r') ? whole.slice(0, -1) : whole);
    if (line === '' || line.startsWith('#')) continue;
    const equals = line.indexOf('=');
    const name = equals < 0 ? line : line.slice(0, equals);
    if (name === '') throw malformed(path, index, 'the variable has no name');
    if ([...BLANKS].some((blank) => name.includes(blank)))
      throw malformed(path, index, `the name '${name}' has a blank in it`);
    const value = equals < 0 ? sys.variable(name) : line.slice(equals + 1);
    if (value !== undefined) changes.push(`${name}=${value}`);
  }
  return changes;
}

function withoutBlanksInFront(line: string): string {
  let start = 0;
  while (start < line.length && BLANKS.includes(line.charAt(start))) start++;
  return line.slice(start);
}

/** In it may be comments, but not of megabytes. */
function read(sys: Sys, path: string): string {
  const fd = attempt(sys, 'open', `environment file ${path}`, () => sys.open(path, 'input'));
  try {
    return attempt(
      sys,
      'read',
      `environment file ${path}`,
      () => sys.read(fd, MOST_OF_ALL),
      (errno) =>
        errno === Errno.EFBIG ? 'execve(2) takes 6 MiB of an environment, and it has more.' : undefined,
    );
  } finally {
    sys.close(fd);
  }
}

function malformed(path: string, index: number | undefined, cause: string): TsenterError {
  const place = index === undefined ? '' : `line ${index + 1} of `;
  return new TsenterError({ verb: 'parse', object: `${place}environment file ${path}`, cause });
}
