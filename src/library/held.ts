import { TsenterError } from '../sys/errors.ts';
import type { Target as Pinned } from '../target/target.ts';

/** A target that stays pinned. `Target` is this with what users see of it; options know no more. */
export class Held {
  #pinned: Pinned | undefined;

  /** what it was asked for as */
  readonly #word: string;

  constructor(pinned: Pinned, word: string) {
    this.#pinned = pinned;
    this.#word = word;
  }

  /** @throws TsenterError once it was closed */
  get pinned(): Pinned {
    if (this.#pinned === undefined)
      throw new TsenterError({ verb: 'enter', object: 'target', cause: 'it was closed' });
    return this.#pinned;
  }

  /** As the command line names it. */
  get word(): string {
    return this.#word;
  }

  protected forget(): void {
    this.#pinned = undefined;
  }
}

export function heldBy(target: number | string | Held | undefined): Pinned | undefined {
  return target instanceof Held ? target.pinned : undefined;
}
