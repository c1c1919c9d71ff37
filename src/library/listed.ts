import type { NamespaceName } from '../sys/namespaces.ts';
import type { ResolveOptions } from './target.ts';

/** Where {@link list} looks. */
export type ListOptions = ResolveOptions;

/** What can be entered, or could be if it ran. */
export interface ListedTarget {
  /** what `target` takes and what leads to nothing else; null: it does not run */
  target: string | null;
  /** such as `docker` */
  engine: string;
  /** the usual name first; none: its id is its name */
  names: string[];
  id: string;
  /** the first process; null: it does not run, or is hidden from the caller */
  pid: number | null;
  /** `running`, or in the engine's words, such as `paused` */
  state: string;
  /** null: the engine's files do not say */
  image: string | null;
  /** the words that it was started with; null: the engine's files do not say */
  command: string[] | null;
  /** the name of the program, as the kernel has it */
  comm: string | null;
  /** the inode of each; null: the caller may not look, or it does not run */
  namespaces: Partial<Record<NamespaceName, number>> | null;
  /** the types of which it has another namespace than the caller */
  differs: NamespaceName[] | null;
  /** the effective user id of the process */
  uid: number | null;
  /** what the caller's /etc/passwd calls that; null: nothing */
  user: string | null;
  /** how long the process is there, in seconds */
  uptime: number | null;
}

/** What `--list=json` prints, as docs/list.schema.json describes it. */
export interface TargetListing {
  version: 1;
  targets: ListedTarget[];
  /** what could not be looked at, and why */
  unseen: string[];
  /** the patterns that are names, and nothing has them */
  nameless: string[];
}
