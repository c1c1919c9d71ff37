import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { TerminalSize } from './enter-options.ts';
import type { Errors, Input, Output, StdioOption } from './streams.ts';

/** An ordinary ChildProcess, and what it cannot tell. */
export interface EnteredProcess<
  In extends Writable | null = Writable | null,
  Out extends Readable | null = Readable | null,
  Err extends Readable | null = Readable | null,
> extends ChildProcessByStdio<In, Out, Err> {
  /**
   * Fulfilled once the program is executed, with its process id on this host: that of the ChildProcess may be of who waits for it. Rejected
   * with a TsenterError where a step before that failed.
   */
  readonly entered: Promise<number>;
  /** What of `asTarget` the program has not, each with its reason. */
  readonly notTaken: readonly string[];
  /** Tells the program's pseudo-terminal (`pty`) another size, of which the program gets a SIGWINCH. */
  resize(size: TerminalSize): void;
}

/** The process whose streams are those that `stdio` asks for: of what is not piped there is none. */
export type Entered<S extends StdioOption> = EnteredProcess<Input<S>, Output<S>, Errors<S>>;
