import { Errno } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attemptUnless, readPath } from '../sys/system-call.ts';
import type { Target } from './target.ts';

/** Files of /proc that need not be there: older kernels, a target that is ending, hidepid. */
const MISSING = [Errno.ENOENT, Errno.ESRCH, Errno.EACCES, Errno.EPERM];
/** A few thousand numbers: who has more children than that is no shim of one. */
const MOST_OF_LIST = 1 << 16;

/**
 * What to say where the processes that somebody wants to see are in another PID namespace than the target: `unshare --pid --fork` and
 * container shims stay in the old one, and only their children are in the new one (pid_namespaces(7)). Undefined where that is not so.
 */
export function noteOnChildren(sys: Sys, { proc, label, pid }: Target): string | undefined {
  const own = attemptUnless(MISSING, () => sys.readLink(`${proc}/ns/pid`));
  const childrens = attemptUnless(MISSING, () => sys.readLink(`${proc}/ns/pid_for_children`));
  if (own === undefined || childrens === undefined || own === childrens) return undefined;
  const child = firstChild(sys, proc, pid);
  const remedy =
    child === undefined
      ? `--pid=/proc/${pid}/ns/pid_for_children`
      : `its child is process ${child}: -t ${child}`;
  return `The children of ${label} are in a PID namespace of their own, which it is not in itself; ${remedy}`;
}

/** As /proc counts; undefined too where the kernel does not tell (CONFIG_PROC_CHILDREN), or tells of too many. */
function firstChild(sys: Sys, proc: string, pid: number): string | undefined {
  const list = attemptUnless([...MISSING, Errno.EFBIG], () =>
    readPath(sys, `${proc}/task/${pid}/children`, MOST_OF_LIST),
  );
  return list?.split(' ')[0] || undefined;
}
