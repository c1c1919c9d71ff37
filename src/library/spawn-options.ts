import type { EnterOptions } from './enter-options.ts';
import type { StdioOption } from './streams.ts';

/** What {@link spawn} takes: what to enter, and what child_process.spawn takes. */
export interface SpawnOptions<S extends StdioOption = StdioOption> extends EnterOptions {
  /** as child_process.spawn's; default `pipe` for each */
  stdio?: S | undefined;
  /**
   * The program's environment; default this process's. Where the target's is taken (`targetEnvironment`, `asTarget`), these are set in
   * that, and those that are undefined taken out of it. Where containers are looked for is said by this process's, not by these.
   */
  env?: Readonly<NodeJS.ProcessEnv> | undefined;
  /** what the program finds as its own name, in place of the one that it is looked up by */
  argv0?: string | undefined;
  /** ends the process when it aborts, as child_process.spawn's */
  signal?: AbortSignal | undefined;
  /** makes the process the leader of a session of its own (setsid(2)) */
  detached?: boolean | undefined;
  /**
   * Where the helper is: for a program that a bundler has made one file of; default beside the library. It counts for this call; koffi, which lies
   * beside it or beside the library, is loaded once.
   */
  helperPath?: string | undefined;
}
