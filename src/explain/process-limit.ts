import { ownDirectories } from '../facts/cgroup.ts';
import type { Sys } from '../sys/sys.ts';
import { ifPossible, readIfPossible } from '../sys/system-call.ts';

/**
 * Whether the caller's cgroup, or one above it that is seen, holds as many as may be (pids.max): nothing can be forked there. They are
 * counted as it would be for an entry, which is one thread, whatever looks now.
 */
export function hasFullCgroup(sys: Sys): boolean {
  const threads = Number(
    /^Threads:\t(\d+)$/m.exec(readIfPossible(sys, '/proc/self/status', MOST) ?? '')?.[1],
  );
  return (ifPossible(() => ownDirectories(sys)) ?? []).some(({ directory, mountpoint }) => {
    for (let at = directory; at.length > mountpoint.length; at = at.slice(0, at.lastIndexOf('/')))
      if (count(sys, `${at}/pids.current`) - threads + 2 > count(sys, `${at}/pids.max`)) return true;
    return false;
  });
}

/** With 65,536 groups (NGROUPS_MAX) it has 700 KiB. */
const MOST = 1 << 20;

/** NaN, which is more and less than nothing, where there is no such file, and for `max`. */
function count(sys: Sys, path: string): number {
  return Number(readIfPossible(sys, path, 64) || 'none');
}
