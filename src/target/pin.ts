import type { TargetNumber } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';
import { checkInode, hasEnded, notOpened, notPolled, procNotRead, procOfAnother } from './failure.ts';
import { hasEndedInProc } from './in-proc.ts';
import { pinOtherwise } from './pin-otherwise.ts';
import type { Target } from './target.ts';

/**
 * Opens a pidfd of the process (pidfd_open(2), Linux 5.3), or where there is none its directory in /proc, and checks that it
 * is the one that was meant.
 *
 * @throws TsenterError where there is no such process, it has ended, or the inode is another process's
 */
export function pinTarget(sys: Sys, { pid, inode }: TargetNumber): Target {
  const label = `target ${pid}`;
  let target: Target;
  try {
    target = { pid, pidfd: sys.openProcess(pid), proc: `/proc/${pid}`, label };
  } catch (error) {
    target = pinOtherwise(sys, pid, label, error);
  }
  // pidfd_open(2) counts in the caller's PID namespace, /proc/PID in that of the mounted procfs: where they differ, they
  // are two processes. /proc/self tells.
  let ownProc: boolean;
  try {
    ownProc = sys.countsAsProc();
  } catch (error) {
    throw procNotRead(sys, pid, label, error);
  }
  if (!ownProc && target.pidfd !== undefined) throw procOfAnother(pid, label);
  if (inode !== undefined) checkInode(sys, target, inode);
  checkAlive(sys, target);
  return target;
}

/**
 * To be called after anything was opened through /proc/PID: while the process lives, that number was its own.
 *
 * @throws TsenterError where the process has ended
 */
export function checkAlive(sys: Sys, target: Target): void {
  let ended: boolean;
  try {
    ended = target.pidfd === undefined ? hasEndedInProc(sys, target) : sys.hasEnded(target.pidfd);
  } catch (error) {
    throw notPolled(sys, target, error);
  }
  if (ended) throw hasEnded(sys, target);
}

/** Opens a file of the target's /proc directory. The caller ends with checkAlive. */
export function openOfTarget(
  sys: Sys,
  target: Target,
  entry: string,
  as: 'namespace' | 'file' | 'directory',
  what: string,
): number {
  try {
    return sys.open(`${target.proc}/${entry}`, as);
  } catch (error) {
    throw notOpened(sys, target, what, error);
  }
}
