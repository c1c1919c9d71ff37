import type { NamespaceName } from '../sys/namespaces.ts';
import type { Maps } from '../target/id-maps.ts';

/**
 * What `--explain=json` prints, and the text form says in words. A field that is added leaves `version` as it is; one that goes or changes
 * its meaning makes another. In a text that others wrote, such as the name of a process, a byte that is no UTF-8 is `\x` and two hexadecimal
 * digits, and control characters are in it as they are: who shows it on a terminal escapes them.
 */
export interface Explanation {
  version: 1;
  verdict: Verdict;
  target: TargetTold | null;
  namespaces: readonly NamespaceTold[];
  ids: Ids;
  root: Place;
  directory: Place;
  cgroup: CgroupTold | null;
  /** what is no namespace: what the program will have, the caller's unless a step sets it, and what the target has */
  stays: readonly Stay[];
  plan: readonly PlanLine[];
  /** what is no obstacle, and worth knowing */
  notes: readonly string[];
}

export interface Verdict {
  /** nothing that can be known before speaks against it */
  enters: boolean;
  /** what entering fails with: `VERB OBJECT: CAUSE` */
  reason: string | null;
  /** the message's second line, where it has one; why a file that is there cannot be executed, which it would say, is told by entering alone */
  hint: string | null;
  /** what only entering shows */
  cannotBeTold: readonly string[];
}

export interface TargetTold {
  pid: number;
  /** proc_pid_comm(5) */
  name: string | null;
  /** a letter of proc_pid_stat(5) */
  state: string | null;
  uid: number | null;
  gid: number | null;
  /** whose container it is, where it was named so */
  container: { engine: string; id: string; names: readonly string[]; proof: string } | null;
}

export interface NamespaceTold {
  type: NamespaceName;
  /** `TYPE:[INODE]` */
  caller: string | null;
  /** of the target, or of the file or id that was named */
  target: string | null;
  same: boolean | null;
  /** the user namespace that owns it (for one, its parent), and the user who made that; null: it is not below the caller's */
  owner: { namespace: string; uid: number | null } | null;
  /** passed over: asked for by --all, and the caller is in it already */
  action: 'enter' | 'enter again' | 'passed over' | 'not asked for';
  /** whether setns(2) will be allowed; null: nobody asks, or it cannot be told */
  allowed: boolean | null;
  /** which capabilities are missing, and in which user namespace */
  missing: readonly { capability: string; namespace: string }[];
  /** in words, where it is not allowed */
  why: string | null;
}

export interface Identity {
  uid: number;
  gid: number;
  groups: readonly number[];
}

export interface Ids {
  caller: Identity;
  /** as the entered user namespace counts; null where it cannot be told */
  program: Identity | null;
  /** of the user namespace that is entered, as the caller counts */
  maps: Maps | null;
}

export interface Place {
  of: 'caller' | 'namespace' | 'target' | 'path';
  path: string | null;
}

export interface CgroupTold {
  joins: boolean;
  caller: readonly string[];
  target: readonly string[];
  /** the processes of the target's do not run */
  frozen: boolean;
}

export interface Stay {
  what: string;
  program: string;
  target: string | null;
}

export interface PlanLine {
  /** a word of --explain=steps */
  step: string;
  does: string;
  reason: string;
}
