import { Errno, SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { described } from '../sys/system-call.ts';
import { notAProcess, procNotRead, procOfAnother } from './failure.ts';
import type { Target } from './target.ts';

/**
 * What pins a target of which pidfd_open(2) gave no pidfd: that of a thread, or its directory in /proc.
 *
 * @param error why it gave none
 * @throws TsenterError where there is no such process, or the number may be that of two
 */
export function pinOtherwise(sys: Sys, pid: number, label: string, error: unknown): Target {
  const errno = errnoOf(error);
  if (errno === Errno.ENOENT || errno === Errno.EINVAL) {
    const pidfd = openThread(sys, pid, label);
    if (pidfd !== undefined) return { pid, pidfd, proc: `/proc/${pid}`, label };
  } else if (errno !== Errno.ESRCH && errno !== Errno.EPERM && errno !== Errno.ENOSYS) {
    throw notAProcess(sys, label, error);
  }
  let ownProc: boolean;
  try {
    ownProc = sys.countsAsProc();
  } catch (failure) {
    throw procNotRead(sys, pid, label, failure);
  }
  // Where the caller counts otherwise than /proc, and has no process of this number, the one that ps(1) shows is meant.
  const isNone = errno === Errno.ESRCH;
  if (ownProc && isNone) throw notAProcess(sys, label, error);
  if (!ownProc && !isNone) throw procOfAnother(pid, label);
  return pinInProc(sys, pid, label);
}

/** PIDFD_THREAD came with Linux 6.9. */
function openThread(sys: Sys, pid: number, label: string): number | undefined {
  try {
    return sys.openProcess(pid, 'thread');
  } catch (error) {
    if (errnoOf(error) === Errno.EINVAL) return undefined;
    throw notAProcess(sys, label, error);
  }
}

/**
 * A descriptor of /proc/PID is that process's for good: once it has been waited for, every name in it gives ESRCH, though the
 * number be another process's by then. So all is opened through it. (The start time would tell less: it is counted in
 * hundredths of a second.)
 */
function pinInProc(sys: Sys, pid: number, label: string): Target {
  const proc = `/proc/self/fd/${openInProc(sys, `/proc/${pid}`, 'directory', label)}`;
  return { pid, pidfd: undefined, stat: openInProc(sys, `${proc}/stat`, 'file', label), proc, label };
}

function openInProc(sys: Sys, path: string, as: 'directory' | 'file', label: string): number {
  try {
    return sys.open(path, as);
  } catch (error) {
    const isGone = errnoOf(error) === Errno.ENOENT;
    throw described(sys, 'open', label, isGone ? new SystemError(Errno.ESRCH, 'open') : error);
  }
}

function errnoOf(error: unknown): number | undefined {
  return error instanceof SystemError ? error.errno : undefined;
}
