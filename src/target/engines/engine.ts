import type { StateFiles } from './state-files.ts';

/** What shows that a process is the one that an engine wrote down, and not another that has got its number since. */
export type Proof =
  /** its start, in clock ticks since the boot, as proc_pid_stat(5) has it */
  | { kind: 'start'; ticks: string }
  /** the name of a cgroup that it is in, or below */
  | { kind: 'cgroup'; name: string }
  /** an id that is part of such a name */
  | { kind: 'cgroup-id'; id: string }
  /** its parent, and the name of that one's program */
  | { kind: 'child'; parent: number; comm: string };

/** A container, or whatever else an engine has a name for, as its state files tell. */
export interface Container {
  /** the scheme of its engine */
  scheme: string;
  id: string;
  /** what people call it, the usual name first; none: its id */
  names: readonly string[];
  /** of its first process; 0: it does not run */
  pid: number;
  /** in the engine's words, where it is anything but running */
  state?: string;
  proof: Proof;
}

/** One file and one row of the table (table.ts) for each. */
export interface Engine {
  scheme: string;
  /**
   * From its state files, without asking anybody. What is malformed is passed over, and noted by `files`.
   *
   * @param wanted what a name or an id has to begin with: more may be given, which costs time only; undefined: all
   */
  find(files: StateFiles, wanted: string | undefined): Container[];
}
