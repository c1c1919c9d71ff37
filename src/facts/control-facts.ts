import type { CapabilitySets } from '../sys/capabilities.ts';
import type { User } from './passwd.ts';

/** Says that something cannot be taken, or with `strict` throws that. */
export type Miss = (what: string, why: string) => void;

/** A resource of getrlimit(2) by its number, with decimal numbers of 64 bits. */
export interface Limit {
  resource: number;
  soft: string;
  hard: string;
}

export interface LimitChanges {
  /** while the caller's rights count: inside of a user namespace nobody may raise one */
  raisedLimits: readonly Limit[];
  limits: readonly Limit[];
}

/** See sched(7), ioprio_set(2). */
export interface Priorities {
  nice?: number;
  scheduler?: { policy: number; priority: number };
  ioPriority?: number;
}

/** What differs of the target's. */
export interface Scheduling {
  /** proc_pid_oom_score_adj(5) */
  oomScore?: number | undefined;
  /** what takes a right over the host: the waiting parent has it as well */
  raised: Priorities;
  /** what does not: the waiting parent is not to be slow because the target is */
  lowered: Priorities;
  /** as Cpus_allowed of /proc/PID/status has it */
  affinity?: string | undefined;
}

/** What the program is going to be; without a value it is as the caller has it. */
export interface ControlFacts extends LimitChanges, Scheduling {
  /** as the user namespace counts that is entered */
  uid?: number | undefined;
  gid?: number | undefined;
  groups?: readonly number[] | 'keep' | undefined;
  /** who was named: of passwd(5) */
  user?: User | undefined;
  capabilities?: CapabilitySets | undefined;
  noNewPrivileges: boolean;
  umask?: number | undefined;
  /** PATH of the program is not the target's, whatever else is */
  pathIsCallers?: boolean;
  /** the last descriptor that the program gets */
  closedAbove?: number | undefined;
  newSession: boolean;
  newKeyring: boolean;
  /** of AppArmor */
  profile?: string | undefined;
  /** whose seccomp filters it has */
  filtersOf?: { pid: number; pidfd: number } | undefined;
  /** what the target has and the program will not, each with its reason */
  notTaken: readonly string[];
}
