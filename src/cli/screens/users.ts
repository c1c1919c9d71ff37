import type { Sys } from '../../sys/sys.ts';
import { ifPossible, readPath } from '../../sys/system-call.ts';

const MOST = 4 << 20;

/** What /etc/passwd calls each user. */
export function userNames(sys: Sys): (uid: number) => string | undefined {
  let names: Map<number, string> | undefined;
  return (uid) => {
    names ??= readNames(sys);
    return names.get(uid);
  };
}

function readNames(sys: Sys): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of (ifPossible(() => readPath(sys, '/etc/passwd', MOST)) ?? '').split('\n')) {
    const [name, , digits] = line.split(':');
    // Of several with a number the first one counts, as for getpwuid(3).
    if (name && digits && /^\d{1,10}$/.test(digits) && !names.has(Number(digits)))
      names.set(Number(digits), name);
  }
  return names;
}
