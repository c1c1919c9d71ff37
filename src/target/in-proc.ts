import { Errno, SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { readPath } from '../sys/system-call.ts';
import type { Target } from './target.ts';

/** Whether a process without a pidfd has ended, a zombie's included. */
export function hasEndedInProc(sys: Sys, { proc }: Target): boolean {
  let stat: string;
  try {
    stat = readPath(sys, `${proc}/stat`, 1 << 16);
  } catch (error) {
    if (error instanceof SystemError && (error.errno === Errno.ESRCH || error.errno === Errno.ENOENT))
      return true;
    throw error;
  }
  // The name, in parentheses, may hold any character; the state follows (proc_pid_stat(5)).
  return 'ZXx'.includes(stat.charAt(stat.lastIndexOf(')') + 2));
}
