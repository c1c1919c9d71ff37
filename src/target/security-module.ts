import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';

/** With 65,536 groups (NGROUPS_MAX) it has 700 KiB. */
const MOST_OF_STATUS = 1 << 20;

/** As which a security module knows a process. */
export interface Confinement {
  module: 'AppArmor' | 'SELinux' | 'Smack' | 'the security module';
  context: string;
  /** Not in a profile that only complains, nor where all is allowed. */
  denies: boolean;
}

/**
 * From proc_pid_attr(5): AppArmor and Smack have files of their own since Linux 5.8 and 5.0, and one file is of the first of them all.
 *
 * @param proc the process's directory in /proc
 */
export function confinementOf(sys: Sys, proc: string): Confinement | undefined {
  const read = (file: string) =>
    readIfPossible(sys, `${proc}/attr/${file}`, 4096)?.replace(/[\0\n]+$/, '') || undefined;
  const smack = read('smack/current');
  if (smack !== undefined) return { module: 'Smack', context: smack, denies: true };
  const context = read('apparmor/current') ?? read('current');
  if (context === undefined) return undefined;
  const mode = /^unconfined$| \((\w+)\)$/.exec(context);
  if (mode)
    return { module: 'AppArmor', context, denies: /^(?!complain|unconfined)/.test(mode[1] ?? context) };
  // One that has no policy yet knows everything as `kernel`.
  if (!/^[^:]+:[^:]+:[^:]/.test(context)) return { module: 'the security module', context, denies: false };
  const enforce = readIfPossible(sys, '/sys/fs/selinux/enforce', 64);
  return { module: 'SELinux', context, denies: enforce?.[0] !== '0' };
}

/**
 * What denies something to a caller who has all that the kernel itself asks for, as far as it can be told.
 *
 * @param rules which rules AppArmor has for it
 */
export function denialOf(sys: Sys, rules: string): string {
  const by = confinementOf(sys, '/proc/self');
  const seccomp = readIfPossible(sys, '/proc/self/status', MOST_OF_STATUS, 'Seccomp:');
  const isFiltered = seccomp?.trim() !== 'Seccomp:\t0';
  if (!by?.denies) return `${isFiltered ? 'a seccomp filter or ' : ''}a security module denies it.`;
  const whom = isFiltered
    ? `a seccomp filter denies it, or ${by.module} to ${by.context}`
    : `${by.module} denies it to ${by.context}`;
  return by.module === 'AppArmor' ? `${whom}: ${rules}` : `${whom}.`;
}
