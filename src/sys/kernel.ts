import type { Sys } from './sys.ts';

/** The kernel that brought what nothing shows without a process or a namespace to try it on. */
export type KernelVersion = readonly [major: number, minor: number];

/** pidfd_getfd(2) */
export const PIDFD_GETFD: KernelVersion = [5, 6];
/** setns(2) takes a pidfd */
export const SETNS_OF_PIDFD: KernelVersion = [5, 8];
/** pidfs: before, every pidfd has the one inode that all anonymous inodes share. */
export const PIDFD_INODES: KernelVersion = [6, 9];
/** open_by_handle_at(2) of a namespace by its id alone; 6.18 wants its type and inode as well (ESTALE). */
export const NAMESPACE_IDS: KernelVersion = [6, 19];

export function kernelIsAtLeast(sys: Sys, major: number, minor: number): boolean {
  const [actualMajor = 0, actualMinor = 0] = sys.kernelRelease().split('.').map(Number);
  return actualMajor > major || (actualMajor === major && actualMinor >= minor);
}
