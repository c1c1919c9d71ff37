import { Errno } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attemptUnless, readPath } from '../sys/system-call.ts';
import type { Proof } from './engines/engine.ts';

const MOST = 1 << 16;

/** proc_pid_stat(5) numbers its fields from 1; the second is a name in parentheses, which may hold any character. */
export const STATE = 3;
const PARENT = 4;
export const START = 22;

export function fieldIn(stat: string, number: number): string | undefined {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3];
}

/** The file of a process that shows a proof. */
export function fileFor(proof: Proof): 'stat' | 'cgroup' {
  return proof.kind === 'start' || proof.kind === 'child' ? 'stat' : 'cgroup';
}

/** @param text what that file says */
export function isShown(sys: Sys, proof: Proof, text: string): boolean {
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
