import type { Sys } from '../sys/sys.ts';
import { attempt, readPath } from '../sys/system-call.ts';
import type { Target } from '../target/target.ts';

const AT_SECURE = 23;
/** Two words of eight bytes: a type and its value (getauxval(3)). */
const PAIR = 16;
const MOST = 1 << 16;

/** Whether its exec gave it rights that who executed it had not (AT_SECURE in proc_pid_auxv(5)). */
export function isSecure(sys: Sys, target: Target): boolean {
  const pairs = attempt(sys, 'read', `auxiliary vector of ${target.label}`, () =>
    readPath(sys, `${target.proc}/auxv`, MOST),
  );
  for (let at = 0; at + PAIR <= pairs.length; at += PAIR)
    if (pairs.charCodeAt(at) === AT_SECURE && pairs.charCodeAt(at + 1) === 0)
      return pairs.charCodeAt(at + PAIR / 2) !== 0;
  return false;
}
