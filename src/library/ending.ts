import type { EnteredProcess } from './process.ts';
import type { Ended } from './result.ts';
import type { RunOptions } from './run-options.ts';

/** Ends a program that is not to go on: by its signal, and some time later by the one that nothing can ignore. */
export class Ending {
  #why: Ended | undefined;
  readonly #child: EnteredProcess;
  readonly #options: RunOptions;
  #timers: NodeJS.Timeout[] = [];
  readonly #abort = () => this.end('abort');

  constructor(child: EnteredProcess, options: RunOptions) {
    this.#child = child;
    this.#options = options;
    const { timeout, signal } = options;
    if (timeout !== undefined) this.#later(timeout, () => this.end('timeout'));
    signal?.addEventListener('abort', this.#abort, { once: true });
  }

  get why(): Ended | undefined {
    return this.#why;
  }

  end(why: Ended): void {
    if (this.#why !== undefined) return;
    const { killSignal = 'SIGTERM', forceKillAfter = 5000 } = this.#options;
    if (!this.#child.kill(killSignal)) return;
    this.#why = why;
    if (forceKillAfter !== false) this.#later(forceKillAfter, () => this.#child.kill('SIGKILL'));
  }

  /** It has ended. */
  forget(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  #later(milliseconds: number, call: () => void): void {
    this.#timers.push(setTimeout(call, milliseconds));
  }
}
