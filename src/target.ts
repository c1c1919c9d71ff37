import type { TargetName } from './request.ts';
import type { Sys } from './sys/sys.ts';
import { attempt, type Hint } from './system-call.ts';
import { checkInode, hasEnded, procOfAnother, whyNotAProcess, whyNotReadable } from './target-failure.ts';

/** A process that is pinned: its pidfd names it and no other, even after its number is used anew. */
export interface Target {
  pid: number;
  pidfd: number;
  /** how messages call it */
  label: string;
}

/**
 * Opens a pidfd of the process (pidfd_open(2), Linux 5.3) and checks that it is the one that was meant.
 *
 * @throws TsenterError where there is no such process, it has ended, or the inode is another process's
 */
export function pinTarget(sys: Sys, name: TargetName): Target {
  const label = `target ${name.pid}`;
  const pidfd = attempt(
    sys,
    'open',
    label,
    () => sys.openProcess(name.pid),
    (errno) => whyNotAProcess(sys, name.pid, errno),
  );
  const target = { pid: name.pid, pidfd, label };
  checkProc(sys, target);
  if (name.inode !== undefined) checkInode(sys, target, name.inode);
  checkAlive(sys, target);
  return target;
}

/**
 * pidfd_open(2) counts in the caller's PID namespace, /proc/PID in that of the mounted procfs: where they differ, they are
 * two processes. /proc/self tells.
 */
function checkProc(sys: Sys, target: Target): void {
  const own = attempt(
    sys,
    'read',
    '/proc/self',
    () => sys.countsAsProc(),
    () => 'Is /proc mounted?',
  );
  if (!own) throw procOfAnother(target);
}

/**
 * To be called after anything was opened through /proc/PID: while the pidfd lives, that number was its process's.
 *
 * @throws TsenterError where the process has ended
 */
export function checkAlive(sys: Sys, target: Target): void {
  if (!attempt(sys, 'poll', target.label, () => sys.hasEnded(target.pidfd))) return;
  throw hasEnded(sys, target);
}

/** Opens a file of the target's /proc directory. The caller ends with checkAlive. */
export function openOfTarget(
  sys: Sys,
  target: Target,
  entry: string,
  as: 'namespace' | 'file' | 'directory',
  what: string,
  hint?: Hint,
): number {
  return attempt(
    sys,
    'open',
    `${what} of ${target.label}`,
    () => sys.open(`/proc/${target.pid}/${entry}`, as),
    (errno) => hint?.(errno) ?? whyNotReadable(sys, target, errno),
  );
}
