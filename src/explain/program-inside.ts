import type { Plan } from '../plan/plan.ts';
import { Errno } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { variableIn } from '../sys/variables.ts';
import { insideOf } from '../target/id-maps.ts';
import type { Credentials } from './credentials.ts';
import { type Executes, type FilesInside, findInside, wouldExecute } from './files-inside.ts';
import { seen } from './user-namespace.ts';

/** What becomes of the last step: the file that is executed, or that there is none. */
export type ProgramFound =
  | { path: string }
  /** as execve(2) of the steps says it; `name`: what the message is about */
  | { name: string; errno: number; isThere: boolean }
  | { unknown: string };

/** glibc's: confstr(3), _CS_PATH */
export const DEFAULT_PATH = '/bin:/usr/bin';
/** The path with its end. What the target has in its PATH may be longer. */
const PATH_MAX = 4096;
const MOST_OF_PASSWD = 4 << 20;
const TYPE = 0o170000;
const REGULAR = 0o100000;

/** As helper-c/steps/program.c finds it. */
export function findProgram(
  sys: Sys,
  files: FilesInside,
  who: Credentials,
  name: string,
  environment: Plan['environment'],
): ProgramFound {
  if (name.includes('/')) return foundAt(name, name, wouldExecute(sys, files, who, name));
  const path = variableIn(environment ?? sys.variables(), 'PATH');
  let errno: number = Errno.ENOENT;
  if (name !== '')
    for (const directory of (path ?? DEFAULT_PATH).split(':')) {
      if (!directory.startsWith('/')) continue;
      const candidate = `${directory}/${name}`;
      if (candidate.length >= PATH_MAX) continue;
      const executes = wouldExecute(sys, files, who, candidate);
      if (executes === 'yes' || executes === 'unknown') return foundAt(name, candidate, executes);
      if (executes.errno === Errno.EACCES) errno = Errno.EACCES;
    }
  return { name, errno, isThere: errno === Errno.EACCES };
}

/** As helper-c/steps/shell.c does. */
export function findShell(
  sys: Sys,
  files: FilesInside,
  who: Credentials,
  candidates: readonly (string | undefined)[],
): ProgramFound {
  let failed: Extract<ProgramFound, { errno: number }> | undefined;
  for (const candidate of candidates) {
    const path = candidate ?? shellInPasswd(sys, files, who);
    if (path === undefined) continue;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const refuses = name === 'nologin' || name === 'false';
    const executes: Executes = refuses ? { errno: Errno.ENOENT } : wouldExecute(sys, files, who, path);
    const found = foundAt(path, path, executes);
    if (!('errno' in found)) return found;
    // Of those that could not be executed the first, unless another is there.
    found.isThere = !refuses && isThere(sys, files, path);
    if (!failed || (found.isThere && !failed.isThere)) failed = found;
  }
  return failed ?? { name: 'a shell', errno: Errno.ENOENT, isThere: false };
}

function isThere(sys: Sys, files: FilesInside, path: string): boolean {
  const fd = seen(() => findInside(sys, files, path));
  if (fd !== undefined) sys.close(fd);
  return fd !== undefined;
}

function foundAt(name: string, path: string, executes: Executes): ProgramFound {
  if (executes === 'yes') return { path };
  if (executes === 'unknown') return { unknown: `whether ${path} can be executed there` };
  return { name, errno: executes.errno, isThere: false };
}

/** passwd(5), of the user that the program will be. */
function shellInPasswd(sys: Sys, files: FilesInside, { uid, maps }: Credentials): string | undefined {
  const inside = maps && insideOf(maps.uid, uid);
  const line = passwdInside(sys, files)
    .split('\n')
    .find((entry) => !entry.startsWith('#') && entry.split(':')[2] === String(inside));
  return line?.split(':')[6] || undefined;
}

/** passwd(5) as the program finds it: only a regular file is read. */
export function passwdInside(sys: Sys, files: FilesInside): string {
  const text = seen(() => {
    const fd = findInside(sys, files, '/etc/passwd');
    if (fd === undefined || (sys.status(fd).mode & TYPE) !== REGULAR) return undefined;
    return sys.read(sys.open(`/proc/self/fd/${fd}`, 'file'), MOST_OF_PASSWD);
  });
  return text ?? '';
}
