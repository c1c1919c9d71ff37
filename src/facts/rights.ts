import { ALL_CAPABILITIES } from '../sys/capabilities.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import { type ProcessStatus, statusOf } from '../target/process-status.ts';
import type { Target } from '../target/target.ts';
import type { OpenNamespace } from './namespace-source.ts';

/** What the caller may do, where the kernel asks about the first user namespace, and where about the one that is entered. */
export interface Rights {
  own: ProcessStatus;
  /** of the target, read when it is first asked for */
  statusOf(target: Target): ProcessStatus;
  /** whether it is in the user namespace that the program will be in; its capabilities count in its own only */
  isInSameUser(target: Target): boolean;
  /** @throws TsenterError where the target has become another since its status was read */
  confirm(target: Target): void;
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
  let isSame = false;
  const statusOf = (target: Target) => {
    if (read) return read;
    read = ofProcess(sys, target.proc, target.label);
    // Afterwards: nobody comes back from a user namespace below, so it was in this one when it had that status.
    const expected = user ? sys.stat(user.fd) : sys.statPath('/proc/self/ns/user');
    const theirs = attempt(sys, 'read', `user namespace of ${target.label}`, () =>
      sys.statPath(`${target.proc}/ns/user`),
    );
    isSame = theirs !== undefined && theirs.identity === expected?.identity;
    return read;
  };
  return {
    own,
    user,
    statusOf,
    isInSameUser(target) {
      statusOf(target);
      return isSame;
    },
    confirm(target) {
      if (!read || credentialsIn(read) === credentialsIn(ofProcess(sys, target.proc, target.label))) return;
      throw new TsenterError({
        verb: 'take',
        object: `credentials of ${target.label}`,
        cause: 'they have changed meanwhile',
        hint: 'What was read before and after would be of two: try again, or name another process of the container.',
      });
    },
    overHost: (capability) => isFirst && own.effective.includes(capability),
    // Who enters a user namespace has them all there (user_namespaces(7)).
    permitted: user ? ALL_CAPABILITIES : own.permitted,
    bounding: user ? ALL_CAPABILITIES : own.bounding,
  };
}

/** All that decides over rights. */
const DECIDING = [
  ...(['uids', 'gids', 'groups', 'noNewPrivileges', 'seccomp'] as const),
  ...(['permitted', 'effective', 'inheritable', 'ambient', 'bounding'] as const),
];

function credentialsIn(status: ProcessStatus): string {
  return DECIDING.map((field) => status[field]).join(';');
}

function ofProcess(sys: Sys, proc: string, label: string): ProcessStatus {
  const status = statusOf(sys, proc);
  if (status) return status;
  throw new TsenterError({ verb: 'read', object: `status of ${label}`, cause: 'not to be had' });
}
