import { CAP_DAC_OVERRIDE } from '../sys/capabilities.ts';
import { Errno, SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { insideOf } from '../target/id-maps.ts';
import { type Credentials, hasCapability } from './credentials.ts';
import { seen } from './user-namespace.ts';

/** The files that the program finds: from which root and which directory, and whose mounts they are. */
export interface FilesInside {
  /** undefined: the caller's */
  root: number | undefined;
  /** undefined: the caller's; equal to `root`: its / */
  directory: number | undefined;
  /** the directory in /proc of a process with these mounts */
  proc: string;
}

/** execve(2) would say so; `unknown`: it cannot be looked at from here. */
export type Executes = { errno: number } | 'yes' | 'unknown';

const MOST_OF_FDINFO = 4096;
const MOST_OF_MOUNTS = 16 << 20;
/** The head of a script, or what an ELF file begins with: its program headers, and mostly the name of its loader. */
const HEAD = 16384;
const MOST_OF_INTERPRETERS = 4;
/** What a path is to blame for; else it was the look that failed. */
const OF_PATHS: readonly number[] = [
  Errno.ENOENT,
  Errno.EACCES,
  Errno.ENOTDIR,
  Errno.ENAMETOOLONG,
  Errno.ELOOP,
];
const EXECUTE = 0o111;
const TYPE = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;

/** @returns a descriptor that only names the file; undefined: only who is inside can tell */
export function findInside(sys: Sys, files: FilesInside, path: string): number | undefined {
  const { root, directory } = files;
  if (root === undefined)
    return sys.open(
      directory === undefined || path.startsWith('/') ? path : `/proc/self/fd/${directory}/${path}`,
      'path',
    );
  if (path.startsWith('/') || directory === root) return sys.open(path, 'path', root);
  // A link of what is below another directory may lead to the root, which is not the one that is asked here.
  return seen(() => sys.open(path, 'path', directory));
}

/** Whether a path can be executed by who has these credentials then. */
export function wouldExecute(
  sys: Sys,
  files: FilesInside,
  who: Credentials,
  path: string,
  depth = 0,
): Executes {
  if (depth > MOST_OF_INTERPRETERS) return 'unknown';
  const fd = openExecutable(sys, files, who, path);
  if (typeof fd !== 'number') return fd;
  try {
    return withInterpreter(sys, files, who, path, fd, depth);
  } finally {
    sys.close(fd);
  }
}

/** A descriptor that only names the file, where it is one that its mode lets them execute. */
function openExecutable(
  sys: Sys,
  files: FilesInside,
  who: Credentials,
  path: string,
): number | Exclude<Executes, 'yes'> {
  let fd: number | undefined;
  try {
    if (isBlocked(sys, files, who, path)) return { errno: Errno.EACCES };
    fd = findInside(sys, files, path);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const { errno } = error;
    // The rights of the caller here are not those of the program there.
    if (errno === Errno.EACCES && who.entered) return 'unknown';
    return OF_PATHS.includes(errno) ? { errno } : 'unknown';
  }
  if (fd === undefined) return 'unknown';
  const { mode } = sys.status(fd);
  if ((mode & TYPE) === REGULAR && !isNoexec(sys, files, fd) && may(sys, who, fd)) return fd;
  sys.close(fd);
  return { errno: Errno.EACCES };
}

/** The directories above have to be searched, by the program and not by who looks now. */
function isBlocked(sys: Sys, files: FilesInside, who: Credentials, path: string): boolean {
  for (let slash = path.indexOf('/', 1); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    const fd = findInside(sys, files, path.slice(0, slash));
    if (fd === undefined) return false;
    const isDirectory = (sys.status(fd).mode & TYPE) === DIRECTORY;
    const blocked = isDirectory && !may(sys, who, fd);
    sys.close(fd);
    if (blocked) return true;
  }
  return false;
}

/** inode(7); CAP_DAC_OVERRIDE counts for files whose owner the user namespace maps, and executes what anybody may. */
function may(sys: Sys, who: Credentials, fd: number): boolean {
  const { mode, uid, gid } = sys.status(fd);
  const mine = who.uid === uid ? mode >> 6 : who.gid === gid || who.groups.includes(gid) ? mode >> 3 : mode;
  if (mine & 1) return true;
  const isMapped =
    !who.entered ||
    (who.maps !== undefined &&
      insideOf(who.maps.uid, uid) !== undefined &&
      insideOf(who.maps.gid, gid) !== undefined);
  const isOverridden = (mode & TYPE) === DIRECTORY || (mode & EXECUTE) !== 0;
  return isOverridden && isMapped && hasCapability(who, CAP_DAC_OVERRIDE);
}

/** proc_pid_fdinfo(5) tells the mount, proc_pid_mountinfo(5) how it is mounted. */
function isNoexec(sys: Sys, { proc }: FilesInside, fd: number): boolean {
  const mount = /^mnt_id:\s*(\d+)$/m.exec(
    readIfPossible(sys, `/proc/self/fdinfo/${fd}`, MOST_OF_FDINFO) ?? '',
  )?.[1];
  const line = (readIfPossible(sys, `${proc}/mountinfo`, MOST_OF_MOUNTS, 'noexec') ?? '')
    .split('\n')
    .find((text) => text.startsWith(`${mount} `));
  return (line?.split(' ')[5] ?? '').split(',').includes('noexec');
}

function withInterpreter(
  sys: Sys,
  files: FilesInside,
  who: Credentials,
  path: string,
  fd: number,
  depth: number,
): Executes {
  const open = seen(() => sys.open(`/proc/self/fd/${fd}`, 'namespace'));
  // It may be executed by who may not read it: what it needs is not seen.
  if (open === undefined) return 'yes';
  const head = sys.beginning(open, HEAD);
  sys.close(open);
  if (head.startsWith('#!')) {
    const interpreter = /^#![ \t]*([^ \t\n]*)/.exec(head.slice(0, 256))?.[1] ?? '';
    return interpreter === ''
      ? { errno: Errno.ENOEXEC }
      : wouldExecute(sys, files, who, interpreter, depth + 1);
  }
  // execvp(3) gives to the shell what the kernel does not execute.
  if (!head.startsWith('\x7fELF'))
    return path === SHELL ? { errno: Errno.ENOEXEC } : wouldExecute(sys, files, who, SHELL, depth + 1);
  if (!isOfThisMachine(sys, head)) return 'unknown';
  const loader = loaderIn(head);
  if (loader === undefined) return 'yes';
  const loads = openExecutable(sys, files, who, loader);
  if (typeof loads !== 'number') return loads;
  sys.close(loads);
  return 'yes';
}

const SHELL = '/bin/sh';

/** elf(5): the class, and the machine. */
function isOfThisMachine(sys: Sys, head: string): boolean {
  const own = seen(() => {
    const fd = sys.open('/proc/self/exe', 'file');
    const text = sys.beginning(fd, 20);
    sys.close(fd);
    return text;
  });
  return own === undefined || (own[4] === head[4] && own.slice(18, 20) === head.slice(18, 20));
}

/** Of a file of 64 bits with the lowest byte first, as all machines have them that this runs on. */
function loaderIn(head: string): string | undefined {
  const PT_INTERP = 3;
  const number = (at: number, bytes: number) => {
    let value = 0;
    for (let index = bytes - 1; index >= 0; index--) value = value * 256 + head.charCodeAt(at + index);
    return value;
  };
  const [first, size, count] = [number(32, 8), number(54, 2), number(56, 2)];
  for (let index = 0; index < count; index++) {
    const at = first + index * size;
    if (at + size > head.length) return undefined;
    if (number(at, 4) !== PT_INTERP) continue;
    const [start, length] = [number(at + 8, 8), number(at + 32, 8)];
    return start + length <= head.length ? head.slice(start, start + length - 1) : undefined;
  }
  return undefined;
}
