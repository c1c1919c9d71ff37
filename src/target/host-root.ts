import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';

/**
 * The directory that is the root of the system whose files tell of names; undefined: that of this one.
 *
 * @param option of --host-root; without one TSENTER_HOST_ROOT counts, where the caller may say
 */
export function openHostRoot(sys: Sys, option: string | undefined): number | undefined {
  const path = option ?? (sys.isPrivileged() ? undefined : sys.variable('TSENTER_HOST_ROOT'));
  if (path === undefined || path === '' || path === '/') return undefined;
  return attempt(sys, 'open', `host root ${path}`, () => sys.open(path, 'directory'));
}
