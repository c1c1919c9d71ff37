/** Text that arrives piece by piece, and waiting until it says something. */

export interface WaitOptions {
  /** In milliseconds. */
  readonly timeout?: number;
}

interface Waiter {
  readonly look: () => boolean;
  readonly fail: (why: string) => void;
}

export class ExpectText {
  #text = '';
  #seen = 0;
  #ended = false;
  readonly #what: string;
  readonly #waiters = new Set<Waiter>();

  constructor(what: string) {
    this.#what = what;
  }

  /** Everything so far. */
  get text(): string {
    return this.#text;
  }

  /** What no wait has passed yet. */
  get rest(): string {
    return this.#text.slice(this.#seen);
  }

  add(text: string): void {
    this.#text += text;
    this.#look();
  }

  end(): void {
    this.#ended = true;
    this.#look();
    for (const waiter of this.#waiters) waiter.fail('it has ended');
  }

  /** Until the text behind the last match matches; the next wait goes on behind that. */
  waitFor(pattern: RegExp | string, { timeout = 30_000 }: WaitOptions = {}): Promise<RegExpExecArray> {
    const expression = typeof pattern === 'string' ? new RegExp(escaped(pattern)) : pattern;
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        look: () => {
          const match = expression.exec(this.rest);
          if (match === null) return false;
          this.#seen += match.index + match[0].length;
          done();
          resolve(match);
          return true;
        },
        fail: (why) => {
          done();
          reject(
            new Error(`${this.#what}: no ${expression}: ${why}\n${JSON.stringify(this.#text.slice(-2000))}`),
          );
        },
      };
      const timer = setTimeout(() => waiter.fail(`not within ${timeout} ms`), timeout);
      this.#waiters.add(waiter);
      if (!waiter.look() && this.#ended) waiter.fail('it has ended');
    });
  }

  #look(): void {
    // One at a time: a match moves what the others see.
    while ([...this.#waiters].some((waiter) => waiter.look()));
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
