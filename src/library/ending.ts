import { addAbortListener } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { EnteredProcess } from './process.ts';
import type { Ended } from './result.ts';
import type { RunOptions } from './run-options.ts';
import { immediately } from './timers.ts';

/** So many milliseconds after SIGKILL nobody waits any longer: a file system that does not answer may hold a process for ever. */
const PATIENCE = 1000;

/**
 * Ends a program that is not to go on: by its signal, and some time later by the one that nothing can ignore. What it has left behind gets
 * no signal, and what that writes is waited for no longer than for the program.
 */
export class Ending {
  #why: Ended | undefined;
  #isHeld = false;
  #hasEnded = false;
  readonly #child: EnteredProcess;
  readonly #options: RunOptions;
  #timers: NodeJS.Timeout[] = [];
  #giveUp: () => void = () => undefined;
  #left: Disposable | undefined;

  /** Fulfilled where not even SIGKILL ends it. */
  readonly givenUp: Promise<void> = new Promise((resolve) => {
    this.#giveUp = resolve;
  });

  constructor(child: EnteredProcess, options: RunOptions) {
    this.#child = child;
    this.#options = options;
    const { timeout, signal } = options;
    if (timeout) this.#later(timeout, () => this.end('timeout'));
    if (signal) this.#left = addAbortListener(signal, () => this.end('abort'));
    child.once('exit', () => {
      if (this.#why !== undefined) this.#letGo();
    });
  }

  get why(): Ended | undefined {
    return this.#why;
  }

  /** Whether something else had what the program writes to, when that was waited for no longer. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  end(why: Ended): void {
    if (this.#why !== undefined || this.#hasEnded) return;
    this.#why = why;
    const { killSignal = 'SIGTERM', forceKillAfter = 5000 } = this.#options;
    if (!this.#child.kill(killSignal)) this.#letGo();
    else if (forceKillAfter !== false) this.#later(forceKillAfter, () => this.#force());
  }

  /** It has ended. */
  forget(): void {
    this.#hasEnded = true;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#left?.[Symbol.dispose]();
  }

  #force(): void {
    this.#child.kill('SIGKILL');
    this.#later(PATIENCE, () => {
      this.#destroy();
      // Nor does it keep this process.
      this.#child.unref();
      this.#giveUp();
    });
  }

  /** What it wrote is in the pipes, and read before they are closed. */
  #letGo(): void {
    immediately(() =>
      immediately(() => {
        this.#isHeld = this.#streams.some((stream) => 'readable' in stream && stream.readable);
        this.#destroy();
      }),
    );
  }

  #destroy(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  get #streams(): (Readable | Writable)[] {
    // Where there was no descriptor left it has none at all.
    const streams: readonly (Readable | Writable | null | undefined)[] = this.#child.stdio ?? [];
    return streams.flatMap((stream) => stream ?? []);
  }

  #later(milliseconds: number, call: () => void): void {
    this.#timers.push(setTimeout(call, milliseconds));
  }
}
