import { ALL_CAPABILITIES } from '../sys/capabilities.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { type ProcessStatus, statusOf } from '../target/process-status.ts';
import type { Target } from '../target/target.ts';
import type { OpenNamespace } from './namespace-source.ts';

/** What the caller may do, where the kernel asks about the first user namespace, and where about the one that is entered. */
export interface Rights {
  own: ProcessStatus;
  /** of the target, read when it is asked for */
  statusOf(target: Target): ProcessStatus;
  /** the user namespace that is going to be entered */
  user: OpenNamespace | undefined;
  /** over what is in no namespace, such as limits (capable() of the kernel) */
  overHost(capability: number): boolean;
  /** those that it has once inside, and those that it can keep from dropping */
  permitted: readonly number[];
  bounding: readonly number[];
}

/** Of the first user namespace (PROC_USER_INIT_INO of the kernel). */
const FIRST = '4026531837';

/** @throws TsenterError where /proc tells nothing of this process */
export function rightsOf(sys: Sys, namespaces: readonly OpenNamespace[]): Rights {
  const own = ofProcess(sys, '/proc/self', 'this process');
  const user = namespaces.find(({ name, entered }) => name === 'user' && !entered);
  const isFirst = sys.statPath('/proc/self/ns/user')?.inode === FIRST;
  let read: ProcessStatus | undefined;
  return {
    own,
    user,
    statusOf(target) {
      read ??= ofProcess(sys, target.proc, target.label);
      return read;
    },
    overHost: (capability) => isFirst && own.effective.includes(capability),
    // Who enters a user namespace has them all there (user_namespaces(7)).
    permitted: user ? ALL_CAPABILITIES : own.permitted,
    bounding: user ? ALL_CAPABILITIES : own.bounding,
  };
}

function ofProcess(sys: Sys, proc: string, label: string): ProcessStatus {
  const status = statusOf(sys, proc);
  if (status) return status;
  throw new TsenterError({ verb: 'read', object: `status of ${label}`, cause: 'not to be had' });
}
