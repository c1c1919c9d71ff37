import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, attemptUnless, readPath } from '../sys/system-call.ts';
import type { Proof } from './engines/engine.ts';
import { checkAlive } from './pin.ts';
import { fileFor, isShown } from './proof-text.ts';
import type { Target } from './target.ts';

const MOST = 1 << 16;

/**
 * Whether a process that is pinned is the one that an engine wrote down.
 *
 * @throws TsenterError where it has ended meanwhile
 */
export function isProven(sys: Sys, target: Target, proof: Proof): boolean {
  const file = fileFor(proof);
  const text = attempt(sys, 'read', `${file} of ${target.label}`, () =>
    readPath(sys, `${target.proc}/${file}`, MOST),
  );
  checkAlive(sys, target);
  return isShown(sys, proof, text);
}

/**
 * Whether it has a mount or a PID namespace that the caller has not.
 *
 * @param own those of the caller
 */
export function isInContainer(
  sys: Sys,
  { proc }: Pick<Target, 'proc'>,
  own: Surroundings = surroundings(sys, '/proc/self'),
): boolean {
  return SURROUNDINGS.some((name, index) => {
    const theirs = linkOf(sys, proc, name);
    return theirs === undefined || theirs !== own[index];
  });
}

/** The namespaces that tell a container from the host, most often the first; undefined: it may not be looked at, or has ended. */
export type Surroundings = readonly (string | undefined)[];
const SURROUNDINGS = ['mnt', 'pid'];
const HIDDEN: readonly number[] = [Errno.EACCES, Errno.EPERM, Errno.ESRCH, Errno.ENOENT];

export function surroundings(sys: Sys, proc: string): Surroundings {
  return SURROUNDINGS.map((name) => linkOf(sys, proc, name));
}

/** What a link says is told also where AppArmor lets nobody look at what it leads to. */
function linkOf(sys: Sys, proc: string, name: string): string | undefined {
  return attemptUnless(HIDDEN, () => sys.readLink(`${proc}/ns/${name}`));
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
