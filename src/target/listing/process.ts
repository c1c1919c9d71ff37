import { Errno, SystemError } from '../../sys/errors.ts';
import { NAMESPACES, type NamespaceName, procFile } from '../../sys/namespaces.ts';
import type { Sys } from '../../sys/sys.ts';
import { attemptUnless, ifPossible, readPath } from '../../sys/system-call.ts';
import type { Proof } from '../engines/engine.ts';
import { fieldIn, fileFor, isShown, START, STATE } from '../proof-text.ts';

const MOST = 1 << 16;
/** With 65,536 groups (NGROUPS_MAX) it has 700 KiB; of the lines one is kept. */
const MOST_OF_STATUS = 1 << 20;
/** USER_HZ, which is the same on every architecture that this is for. */
const TICKS_PER_SECOND = 100;

/** The inode of each namespace, in decimal. */
export type Inodes = Partial<Record<NamespaceName, string>>;

/** What /proc tells of a process, to everybody but for its namespaces. */
export interface Process {
  pid: number;
  /** the name of its program, as the kernel has it: a process may choose it */
  comm: string;
  /** effective, as the caller's user namespace counts */
  uid: number | undefined;
  /** since the boot, in seconds */
  start: number;
  /** undefined: the caller may not look */
  namespaces: Inodes | undefined;
}

/** undefined where there is no such process, or it has ended, or it is not the one that was proven. */
export function lookAt(sys: Sys, pid: number, proof: Proof | undefined): Process | undefined {
  return ifPossible(() => {
    const stat = readPath(sys, `/proc/${pid}/stat`, MOST);
    if (proof !== undefined && !isThat(sys, pid, proof, stat)) return undefined;
    if ('ZX'.includes(fieldIn(stat, STATE) ?? 'X')) return undefined;
    const status = readPath(sys, `/proc/${pid}/status`, MOST_OF_STATUS, 'Uid:\t');
    return {
      pid,
      comm: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
      uid: uidIn(status),
      start: Number(fieldIn(stat, START) ?? 0) / TICKS_PER_SECOND,
      namespaces: inodesOf(sys, String(pid)),
    };
  });
}

/** Whether it is the process that an engine wrote down: for those who want no more than its number. */
export function isThere(sys: Sys, pid: number, proof: Proof | undefined): boolean {
  const isProven = () => {
    const stat = readPath(sys, `/proc/${pid}/stat`, MOST);
    return (
      (proof === undefined || isThat(sys, pid, proof, stat)) && !'ZX'.includes(fieldIn(stat, STATE) ?? 'X')
    );
  };
  return ifPossible(isProven) ?? false;
}

function isThat(sys: Sys, pid: number, proof: Proof, stat: string): boolean {
  return isShown(sys, proof, fileFor(proof) === 'stat' ? stat : readPath(sys, `/proc/${pid}/cgroup`, MOST));
}

/** The name of the program, which stands in another line, may look like this one. */
function uidIn(lines: string): number | undefined {
  const line = lines.split('\n').find((each) => each.startsWith('Uid:\t'));
  const effective = Number(line?.split('\t')[2]);
  return Number.isSafeInteger(effective) ? effective : undefined;
}

/**
 * None of what has ended.
 *
 * @param pid or `self`
 * @returns undefined where the caller may not look: at all of them, or none
 */
export function inodesOf(sys: Sys, pid: string): Inodes | undefined {
  const inodes: Inodes = {};
  try {
    for (const { name } of NAMESPACES) {
      // What a link says is told also where AppArmor lets nobody look at what it leads to.
      const link = attemptUnless([Errno.ENOENT], () => sys.readLink(`/proc/${pid}/ns/${procFile(name)}`));
      if (link !== undefined) inodes[name] = link.slice(link.indexOf('[') + 1, -1);
    }
    return inodes;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return error.errno === Errno.ESRCH ? {} : undefined;
  }
}
