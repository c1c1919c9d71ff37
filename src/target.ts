import { Errno, TsenterError } from './errors.ts';
import type { TargetName } from './request.ts';
import type { Sys } from './sys/sys.ts';
import { attempt, attemptUnless, type Hint } from './system-call.ts';

/** A process that is pinned: its pidfd names it and no other, even after its number is used anew. */
export interface Target {
  pid: number;
  pidfd: number;
  /** how messages call it */
  label: string;
}

/**
 * Opens a pidfd of the process (pidfd_open(2), Linux 5.3) and checks that it is the one that was meant.
 *
 * @throws TsenterError where there is no such process, it has ended, or the inode is another process's
 */
export function pinTarget(sys: Sys, name: TargetName): Target {
  const label = `target ${name.pid}`;
  const pidfd = attempt(
    sys,
    'open',
    label,
    () => sys.openProcess(name.pid),
    (errno) => whyNotAProcess(sys, name.pid, errno),
  );
  const target = { pid: name.pid, pidfd, label };
  if (name.inode !== undefined) checkInode(sys, target, name.inode);
  checkAlive(sys, target);
  return target;
}

/**
 * To be called after anything was opened through /proc/PID: while the pidfd lives, that number was its process's.
 *
 * @throws TsenterError where the process has ended
 */
export function checkAlive(sys: Sys, target: Target): void {
  if (!attempt(sys, 'poll', target.label, () => sys.hasEnded(target.pidfd))) return;
  throw new TsenterError({
    verb: 'open',
    object: target.label,
    cause: sys.describe(Errno.ESRCH),
    errno: Errno.ESRCH,
    hint: 'The process has ended; until its parent waits for it, it is still listed as a zombie.',
  });
}

/** Opens a file of the target's /proc directory. The caller ends with checkAlive. */
export function openOfTarget(
  sys: Sys,
  target: Target,
  entry: string,
  as: 'namespace' | 'file' | 'directory',
  what: string,
  hint?: Hint,
): number {
  return attempt(
    sys,
    'open',
    `${what} of ${target.label}`,
    () => sys.open(`/proc/${target.pid}/${entry}`, as),
    (errno) => hint?.(errno) ?? whyNotReadable(sys, target, errno),
  );
}

function whyNotReadable(sys: Sys, target: Target, errno: number): string | undefined {
  if (errno === Errno.EACCES || errno === Errno.EPERM)
    return 'Needs the rights of a debugger over the target (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user and no capability that the caller lacks, or CAP_SYS_PTRACE in its user namespace.';
  if (errno !== Errno.ENOENT) return undefined;
  checkAlive(sys, target);
  return sys.statPath('/proc/self/ns') ? undefined : 'Is /proc mounted?';
}

function whyNotAProcess(sys: Sys, pid: number, errno: number): string | undefined {
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

function checkInode(sys: Sys, target: Target, inode: string): void {
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
