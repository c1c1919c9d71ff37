import { Errno, SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { described } from '../sys/system-call.ts';
import { notAProcess } from './failure.ts';
import type { Target } from './target.ts';

/**
 * What pins a target of which pidfd_open(2) gave none.
 *
 * @param error why it did not
 * @throws TsenterError where there is no such process
 */
export function pinOtherwise(sys: Sys, pid: number, label: string, error: unknown): Target {
  const errno = error instanceof SystemError ? error.errno : undefined;
  // Unknown to the kernel (before Linux 5.3), or to a seccomp filter.
  if (errno === Errno.EPERM || errno === Errno.ENOSYS) return pinInProc(sys, pid, label);
  throw notAProcess(sys, pid, label, error);
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
    const isGone = error instanceof SystemError && error.errno === Errno.ENOENT;
    throw described(sys, 'open', label, isGone ? new SystemError(Errno.ESRCH, 'open') : error);
  }
}
