/** The document of test/programs/probe.c. */

export type ProcNamespace =
  | 'cgroup'
  | 'ipc'
  | 'mnt'
  | 'net'
  | 'pid'
  | 'pid_for_children'
  | 'time'
  | 'time_for_children'
  | 'user'
  | 'uts';

export interface ProbeDescriptor {
  readonly fd: number;
  /** `file`, `dir`, `pipe`, `socket`, `char MAJOR:MINOR`, `anon` … */
  readonly type: string;
  /** What /proc/self/fd says, null without a /proc. */
  readonly link: string | null;
  /** F_GETFL, octal. */
  readonly flags: string;
  readonly cloexec: boolean;
}

type Limit = number | 'unlimited';

/** Strings hold one byte per character: `Buffer.from(text, 'latin1')` gives the bytes back. */
export interface ProbeReport {
  readonly probe: 1;
  readonly pid: number;
  readonly ppid: number;
  readonly fds: readonly ProbeDescriptor[];
  /** `mnt:[4026531832]`, null where it cannot be found out. */
  readonly ns: Readonly<Record<ProcNamespace, string | null>>;
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly groups: readonly number[];
  /** 16 hexadecimal digits each. */
  readonly caps: Readonly<Record<'inheritable' | 'permitted' | 'effective' | 'bounding' | 'ambient', string>>;
  readonly no_new_privs: number;
  readonly seccomp: number;
  readonly dumpable: number;
  readonly keepcaps: number;
  readonly securebits: number;
  /** The kernel's own words: outside the root it begins with `(unreachable)`. */
  readonly cwd: string;
  /** `device:inode`, or the error. */
  readonly cwd_inode: string;
  readonly root_inode: string;
  readonly umask: string;
  readonly pdeathsig: number;
  readonly signals: Readonly<Record<'blocked' | 'ignored' | 'pending', string>>;
  readonly rlimits: Readonly<Record<string, readonly [Limit, Limit]>>;
  readonly sid: number;
  readonly pgrp: number;
  /** Is there a controlling terminal, and is this group in its foreground? */
  readonly tty: boolean;
  readonly foreground: boolean;
  readonly nice: number;
  readonly scheduler: number;
  readonly timerslack: number;
  readonly personality: number;
  readonly hostname: string;
  /** CLOCK_BOOTTIME in seconds: shows the offsets of a time namespace. */
  readonly boottime: number;
  readonly oom_score_adj: string | null;
  readonly cgroup: string | null;
  readonly comm: string | null;
  readonly argv: readonly string[];
  readonly env: readonly string[];
}

/** The report in `output`, if that is what it is. */
export function parseProbe(output: Buffer | string): ProbeReport | undefined {
  const text = output.toString('latin1' as BufferEncoding);
  if (!text.startsWith('{"probe":1,')) return undefined;
  return JSON.parse(text) as ProbeReport;
}
