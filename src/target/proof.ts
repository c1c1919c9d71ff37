import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, attemptUnless, readPath } from '../sys/system-call.ts';
import type { Proof } from './engines/engine.ts';
import { checkAlive } from './pin.ts';
import type { Target } from './target.ts';

const MOST = 1 << 16;

/**
 * Whether a process that is pinned is the one that an engine wrote down.
 *
 * @throws TsenterError where it has ended meanwhile
 */
export function isProven(sys: Sys, target: Target, proof: Proof): boolean {
  const file = proof.kind === 'start' || proof.kind === 'child' ? 'stat' : 'cgroup';
  const text = attempt(sys, 'read', `${file} of ${target.label}`, () =>
    readPath(sys, `${target.proc}/${file}`, MOST),
  );
  checkAlive(sys, target);
  switch (proof.kind) {
    case 'start':
      return fieldIn(text, START) === proof.ticks;
    case 'child':
      return fieldIn(text, PARENT) === String(proof.parent) && commOf(sys, proof.parent) === proof.comm;
    case 'cgroup':
      return text.split(/[/\n]/).includes(proof.name);
    case 'cgroup-id':
      return text
        .split(/[/\n:]/)
        .map((name) => name.replace(/\.scope$/, ''))
        .some((name) => name === proof.id || name.endsWith(`-${proof.id}`));
    case 'none':
      return false;
  }
}

/** undefined where it has ended. */
function commOf(sys: Sys, pid: number): string | undefined {
  const text = attemptUnless([Errno.ENOENT, Errno.ESRCH], () => readPath(sys, `/proc/${pid}/comm`, MOST));
  return text?.slice(0, -1);
}

/** Whether it has a mount or a PID namespace that the caller has not. */
export function isInContainer(sys: Sys, target: Target): boolean {
  const HIDDEN = [Errno.EACCES, Errno.EPERM, Errno.ESRCH];
  return ['mnt', 'pid'].some((name) => {
    const identity = (proc: string) =>
      attemptUnless(HIDDEN, () => sys.statPath(`${proc}/ns/${name}`)?.identity);
    const theirs = identity(target.proc);
    return theirs === undefined || theirs !== identity('/proc/self');
  });
}

/** proc_pid_stat(5) numbers its fields from 1; the second is a name in parentheses, which may hold any character. */
const PARENT = 4;
const START = 22;

function fieldIn(stat: string, number: number): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3];
}

export function notProven(sys: Sys, { label, pid }: Target): TsenterError {
  return new TsenterError({
    verb: 'open',
    object: label,
    cause: sys.describe(Errno.ESRCH),
    errno: Errno.ESRCH,
    hint: `Process ${pid} is another one than the engine has written down: it was restarted, or the engine was killed with it.`,
  });
}
