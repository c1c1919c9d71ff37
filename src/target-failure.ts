import { Errno, TsenterError } from './errors.ts';
import type { Sys } from './sys/sys.ts';
import { attempt, attemptUnless } from './system-call.ts';

/** What is looked at only when a target is not as expected, and the process's inode where that was named. */

/** A process that is pinned: its pidfd names it and no other, even after its number is used anew. */
export interface Target {
  pid: number;
  pidfd: number;
  /** how messages call it */
  label: string;
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

/** A remedy for a file of /proc/PID that cannot be opened. */
export function whyNotReadable(sys: Sys, target: Target, errno: number): string | undefined {
  if (errno === Errno.EACCES || errno === Errno.EPERM)
    return 'Needs the rights of a debugger over the target (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user and no capability that the caller lacks, or CAP_SYS_PTRACE in its user namespace.';
  if (errno !== Errno.ENOENT) return undefined;
  if (sys.hasEnded(target.pidfd)) throw hasEnded(sys, target);
  return sys.statPath('/proc/self/ns') ? undefined : 'Is /proc mounted?';
}

/** Why a number is no process. */
export function whyNotAProcess(sys: Sys, pid: number, errno: number): string | undefined {
  if (errno === Errno.ENOSYS) return `pidfd_open(2) needs Linux 5.3; this is ${sys.kernelRelease()}.`;
  const leader = attemptUnless([Errno.ENOENT, Errno.EACCES], () => {
    const fd = sys.open(`/proc/${pid}/status`, 'file');
    const status = sys.read(fd, 1 << 16);
    sys.close(fd);
    return /^Tgid:\s+([0-9]+)$/m.exec(status)?.[1];
  });
  if (leader !== undefined && leader !== String(pid)) return `${pid} is a thread of process ${leader}.`;
  return undefined;
}

/** @throws TsenterError where the pidfd has another inode, and so the number is another process's now */
export function checkInode(sys: Sys, target: Target, inode: string): void {
  const actual = attempt(sys, 'stat', target.label, () => sys.stat(target.pidfd)).inode;
  if (!hasPidfdInodes(sys))
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

/** Before pidfs (Linux 6.9) every pidfd has the one inode that all anonymous inodes share. */
function hasPidfdInodes(sys: Sys): boolean {
  const [major = 0, minor = 0] = sys.kernelRelease().split('.').map(Number);
  return major > 6 || (major === 6 && minor >= 9);
}
