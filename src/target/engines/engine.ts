import type { StateFiles } from './state-files.ts';

/** What shows that a process is the one that an engine wrote down, and not another that has got its number since. */
export type Proof =
  /** its start, in clock ticks since the boot, as proc_pid_stat(5) has it */
  | { kind: 'start'; ticks: string }
  /** the name of a cgroup that it is in, or below */
  | { kind: 'cgroup'; name: string }
  /** an id that is such a name, or ends it: `docker-ID.scope` */
  | { kind: 'cgroup-id'; id: string }
  /** its parent, a process of the host, and the name of that one's program */
  | { kind: 'child'; parent: number; comm: string }
  /** two files of the engine contradict each other */
  | { kind: 'none' };

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
  /** why there is no process to enter, where that is not that it does not run */
  cause?: string;
  /** what it was made from, and the words that it was started with, where the files that are read anyway say so */
  image?: string;
  command?: readonly string[];
  /** it runs, and what its process is nothing but a cgroup tells; `pid` is 0 */
  isOnlyInCgroup?: boolean;
  /** it holds the namespaces of a pod and runs no program of anybody's */
  sandbox?: true;
  /** whose it is, where that is neither root's nor the caller's */
  user?: number;
  /** it may take another file, which is read when it is called */
  proof(): Proof;
}

/** One file and one row of the table (table.ts) for each. */
export interface Engine {
  scheme: string;
  /**
   * From its state files. What is malformed is passed over, and noted by `files`.
   *
   * @param wanted what a name or an id has to begin with: more may be given, which costs time only; undefined: all
   */
  find(files: StateFiles, wanted: string | undefined): Container[];
}

/** As docker, podman and Kubernetes' runtimes make them; the beginning of one stands for it. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** What a file has that holds nothing but a process id; 0 where there is none. */
export function pidIn(text: string | undefined): number {
  return text !== undefined && /^\d{1,10}\s*$/.test(text) ? Number(text) : 0;
}
