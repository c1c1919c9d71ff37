import { Errno, SystemError, TsenterError } from '../sys/errors.ts';
import { kernelIsAtLeast, PIDFD_INODES } from '../sys/kernel.ts';
import { firstKernel, type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, described, type Hint } from '../sys/system-call.ts';
import { hasEndedInProc } from './in-proc.ts';
import { denialOf } from './security-module.ts';
import type { Target } from './target.ts';
import { hiddenProc, whyDenied } from './why-denied.ts';

/**
 * What is looked at only when a target is not as expected, and the process's inode where that was named. What `not…`
 * gives is to be thrown.
 */

/** Anybody may read it, as far as the rest of the kernel is concerned. */
export function contextDenied(sys: Sys): string {
  return `The caller may read it, and yet ${denialOf(sys, 'it takes a rule for the file.')}`;
}

/** Nothing pins the number. */
export function notAProcess(sys: Sys, label: string, error: unknown): unknown {
  return described(sys, 'open', label, error);
}

export function procNotRead(sys: Sys, pid: number, label: string, error: unknown): unknown {
  // To a procfs that is of neither its own PID namespace nor one above, the caller has no number.
  if (sys.statPath(`/proc/${pid}`)) return procOfAnother(pid, label);
  return described(sys, 'read', '/proc/self', error, () => 'Is /proc mounted?');
}

export function notPolled(sys: Sys, target: Target, error: unknown): unknown {
  return described(sys, 'poll', target.label, error);
}

/** Where pidfd_open(2) is not known, or denied, there are none; any other failure tells nothing of that. */
export function noPidfdWhereUnknown(error: unknown): false {
  if (
    error instanceof SystemError &&
    [Errno.ENOSYS, Errno.EPERM, Errno.ESRCH].some((errno) => errno === error.errno)
  )
    return false;
  throw error;
}

/** A file of the target's /proc directory could not be opened. */
export function notOpened(sys: Sys, target: Target, what: string, error: unknown, hint?: Hint): unknown {
  return described(
    sys,
    'open',
    `${what} of ${target.label}`,
    error,
    (errno) => hint?.(errno) ?? whyNotReadable(sys, target, errno),
  );
}

export function namespaceNotOpened(sys: Sys, target: Target, name: NamespaceName, error: unknown): unknown {
  return notOpened(sys, target, `${name} namespace`, error, (errno) =>
    errno === Errno.ENOENT &&
    sys.statPath('/proc/self/ns') &&
    !sys.statPath(`/proc/self/ns/${procFile(name)}`)
      ? `${name} namespaces need Linux ${firstKernel(name)}, built with them; this is ${sys.kernelRelease()}.`
      : undefined,
  );
}

export function namespaceNotStatted(sys: Sys, name: NamespaceName, error: unknown): unknown {
  return described(sys, 'stat', `${name} namespace`, error);
}

/** The caller's own namespace may be hidden from it, and is then taken for another one than the target's. */
export function nothingWhereDenied(error: unknown): undefined {
  if (error instanceof SystemError && error.errno === Errno.EACCES) return undefined;
  throw error;
}

export function hasEnded(sys: Sys, target: Target): TsenterError {
  return new TsenterError({
    verb: 'open',
    object: target.label,
    cause: sys.describe(Errno.ESRCH),
    errno: Errno.ESRCH,
    hint: 'The process has ended; until its parent waits for it, it is still listed as a zombie.',
  });
}

/** What `/proc/PID` would be is not the process that the caller knows by this number. */
export function procOfAnother(pid: number, label: string): TsenterError {
  return new TsenterError({
    verb: 'open',
    object: label,
    cause: '/proc is of another PID namespace',
    hint: `As /proc counts, it has to be named by its files: --net=/proc/${pid}/ns/net; as the caller does, by a procfs of its own: mount -t proc proc /proc.`,
  });
}

/** A namespace that was named by a file. */
export function whyFileNotOpened(sys: Sys, path: string, errno: number): string | undefined {
  // What is inside has modes of its own.
  const pid = /^\/proc\/(\d+)\/(?!(?:root|cwd)\/)/.exec(path)?.[1];
  if (pid === undefined || (errno !== Errno.EACCES && errno !== Errno.EPERM && errno !== Errno.ENOENT))
    return undefined;
  if (errno !== Errno.ENOENT) return whyDenied(sys, `/proc/${pid}`, `process ${pid}`);
  return sys.statPath(`/proc/${pid}`) ? undefined : hiddenProc(sys);
}

/** A remedy for a file of /proc/PID that cannot be opened. */
function whyNotReadable(sys: Sys, target: Target, errno: number): string | undefined {
  // A process that ends loses its owner first: what looks like a lack of permission may be that.
  if (target.pidfd === undefined ? hasEndedInProc(sys, target) : sys.hasEnded(target.pidfd))
    throw hasEnded(sys, target);
  if (errno === Errno.EACCES || errno === Errno.EPERM) return whyDenied(sys, target.proc, target.label);
  if (errno !== Errno.ENOENT) return undefined;
  return sys.statPath('/proc/self/ns') ? hiddenProc(sys) : 'Is /proc mounted?';
}

/** @throws TsenterError where the pidfd has another inode, and so the number is another process's now */
export function checkInode(sys: Sys, target: Target, inode: string): void {
  const { pidfd } = target;
  if (pidfd === undefined)
    throw new TsenterError({
      verb: 'open',
      object: `${target.label}:${inode}`,
      cause: 'no pidfd of it can be opened, whose inode this is',
      hint: `pidfd_open(2) is denied here, or /proc is of another PID namespace: name the process as ${target.pid} alone.`,
    });
  const actual = attempt(sys, 'stat', target.label, () => sys.stat(pidfd)).inode;
  if (!kernelIsAtLeast(sys, ...PIDFD_INODES))
    throw new TsenterError({
      verb: 'open',
      object: `${target.label}:${inode}`,
      cause: 'this kernel gives pidfds no inode of their own',
      hint: `PID:inode needs Linux 6.9; this is ${sys.kernelRelease()}.`,
    });
  if (actual !== inode)
    throw new TsenterError({
      verb: 'open',
      object: `${target.label}:${inode}`,
      cause: sys.describe(Errno.ESRCH),
      errno: Errno.ESRCH,
      hint: `Process ${target.pid} is another one now: its pidfd has the inode ${actual}.`,
    });
}
