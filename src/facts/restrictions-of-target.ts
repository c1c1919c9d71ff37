import { CAP_SYS_ADMIN } from '../sys/capabilities.ts';
import type { Sys } from '../sys/sys.ts';
import { confinementOf } from '../target/security-module.ts';
import type { Target } from '../target/target.ts';
import type { Miss } from './control-facts.ts';
import type { Rights } from './rights.ts';

/** The AppArmor profile of the target, where the caller has another. SELinux has `-Z` (readContext). */
export function profileOf(sys: Sys, target: Target | undefined, miss: Miss): string | undefined {
  const theirs = target && confinementOf(sys, target.proc);
  if (!theirs || theirs.module === 'SELinux') return undefined;
  const own = confinementOf(sys, '/proc/self');
  if (own?.context === theirs.context) return undefined;
  if (theirs.module === 'AppArmor') return theirs.context.replace(/ \(\w+\)$/, '');
  miss('security label', `${theirs.module} knows no way to take it`);
  return undefined;
}

const MODE_FILTER = 2;

/** PTRACE_SECCOMP_GET_FILTER (ptrace(2)): for who has CAP_SYS_ADMIN in the first user namespace, and no filter. */
export function filtersOf(
  target: Target | undefined,
  rights: Rights,
  miss: Miss,
): { pid: number; pidfd: number } | undefined {
  if (!target) return undefined;
  const { seccomp } = rights.statusOf(target);
  if (seccomp === 0) return undefined;
  const { pid, pidfd } = target;
  if (seccomp !== MODE_FILTER) miss('seccomp mode', 'no program is executed in strict mode');
  else if (pidfd === undefined) miss('seccomp filters', 'it cannot be pinned by a pidfd');
  else if (!rights.overHost(CAP_SYS_ADMIN)) miss('seccomp filters', 'the caller lacks CAP_SYS_ADMIN');
  else if (rights.own.seccomp !== 0) miss('seccomp filters', 'the caller has one');
  else return { pid, pidfd };
  return undefined;
}
