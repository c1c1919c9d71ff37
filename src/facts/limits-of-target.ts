import { CAP_SYS_RESOURCE } from '../sys/capabilities.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, readPath } from '../sys/system-call.ts';
import { type LimitLine, limitsIn, UNLIMITED } from '../target/limits.ts';
import type { Target } from '../target/target.ts';
import type { Limit, LimitChanges, Miss } from './control-facts.ts';
import type { Rights } from './rights.ts';

const MOST = 1 << 16;
/** The one that Node raises for itself (RLIMIT_NOFILE): what /proc/self tells of it is not the caller's. */
const OPEN_FILES = 7;

/** Those that differ. */
export function limitsOf(sys: Sys, target: Target | undefined, rights: Rights, miss: Miss): LimitChanges {
  const raisedLimits: Limit[] = [];
  const limits: Limit[] = [];
  if (!target) return { raisedLimits, limits };
  const own = read(sys, '/proc/self', 'this process');
  for (const [resource, theirs] of read(sys, target.proc, target.label).entries()) {
    const ours = own[resource];
    if (!ours || (resource !== OPEN_FILES && ours.soft === theirs.soft && ours.hard === theirs.hard))
      continue;
    const { soft, hard } = theirs;
    if (!isMore(hard, ours.hard)) {
      limits.push({ resource, soft, hard });
    } else if (rights.overHost(CAP_SYS_RESOURCE)) {
      raisedLimits.push({ resource, soft: ours.soft, hard });
      limits.push({ resource, soft, hard });
    } else {
      miss(`limit of ${theirs.name}`, `it is more than the caller's, who lacks CAP_SYS_RESOURCE`);
      limits.push({ resource, soft: isMore(soft, ours.hard) ? ours.hard : soft, hard: ours.hard });
    }
  }
  return { raisedLimits, limits };
}

function read(sys: Sys, proc: string, label: string): LimitLine[] {
  const text = attempt(sys, 'read', `limits of ${label}`, () => readPath(sys, `${proc}/limits`, MOST));
  return limitsIn(text).map(({ name, soft, hard }) => ({ name, soft: number(soft), hard: number(hard) }));
}

function number(limit: string): string {
  return limit === 'unlimited' ? UNLIMITED : limit;
}

/** Numbers of JavaScript have 53 bits. */
function isMore(one: string, other: string): boolean {
  return one.length === other.length ? one > other : one.length > other.length;
}
