import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';

/** What a process is, as /proc/PID/status tells (proc_pid_status(5)). */
export interface ProcessStatus {
  name: string;
  state: string;
  /** real, effective, saved, of the file system */
  uids: readonly number[];
  gids: readonly number[];
  groups: readonly number[];
  permitted: readonly number[];
  effective: readonly number[];
  bounding: readonly number[];
  ambient: readonly number[];
  inheritable: readonly number[];
  /** since Linux 4.7 */
  umask: number | undefined;
  /** hexadecimal words with commas between (Cpus_allowed) */
  processors: string;
  seccomp: number;
  filters: number;
  noNewPrivileges: boolean;
}

/** With 65,536 groups (NGROUPS_MAX) it has 700 KiB. */
const MOST = 1 << 20;

/** undefined where it cannot be looked at. */
export function statusOf(sys: Sys, proc: string): ProcessStatus | undefined {
  const text = readIfPossible(sys, `${proc}/status`, MOST);
  if (text === undefined || text === '') return undefined;
  const lines = text.split('\n');
  const field = (name: string) =>
    lines
      .find((line) => line.startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? '';
  const numbers = (name: string) =>
    field(name)
      .split(/\s+/)
      .filter((word) => word !== '')
      .map(Number);
  return {
    name: field('Name'),
    state: field('State').slice(0, 1),
    uids: numbers('Uid'),
    gids: numbers('Gid'),
    groups: numbers('Groups'),
    permitted: bitsOf(field('CapPrm')),
    effective: bitsOf(field('CapEff')),
    bounding: bitsOf(field('CapBnd')),
    ambient: bitsOf(field('CapAmb')),
    inheritable: bitsOf(field('CapInh')),
    umask: field('Umask') === '' ? undefined : Number.parseInt(field('Umask'), 8),
    processors: field('Cpus_allowed'),
    seccomp: Number(field('Seccomp')),
    filters: Number(field('Seccomp_filters')),
    noNewPrivileges: field('NoNewPrivs') === '1',
  };
}

/** The numbers of the bits of a hexadecimal number. */
function bitsOf(digits: string): number[] {
  const bits: number[] = [];
  for (let place = 0; place < digits.length; place++) {
    const digit = Number.parseInt(digits.charAt(digits.length - 1 - place), 16);
    for (let bit = 0; bit < 4; bit++) if (digit & (1 << bit)) bits.push(4 * place + bit);
  }
  return bits;
}
