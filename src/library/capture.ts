import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Captured, Format } from './run-options.ts';

/** Keeps what comes out of a stream, up to a bound. */
export class Capture {
  readonly #parts: Buffer[] = [];
  #length = 0;
  #isOver = false;
  /** who waits for more */
  #waiting: (() => void)[] = [];

  /** @param overflow is called once, with the first byte that is too many */
  constructor(stream: Readable | null | undefined, most: number, overflow: () => void) {
    this.#isOver = !stream;
    stream?.once('close', () => {
      this.#isOver = true;
      this.#wake();
    });
    stream?.on('data', (given: Buffer | string) => {
      const part = Buffer.from(given);
      const room = most - this.#length;
      // A part of no length keeps all of its bytes in memory.
      if (room > 0) this.#parts.push(part.subarray(0, room));
      this.#length += Math.min(part.length, room);
      this.#wake();
      if (part.length <= room) return;
      // Who writes on has EPIPE, or SIGPIPE.
      stream.destroy();
      overflow();
    });
  }

  as<F extends Format>(format: F): Captured<F> {
    return inFormat(Buffer.concat(this.#parts), format);
  }

  /** What `lines` has, as it comes: from the first on, whenever it is asked for. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    const decoder = new StringDecoder();
    let rest = '';
    for await (const part of this.#partsAsTheyCome()) {
      const pieces = decoder.write(part).split('\n');
      pieces[0] = rest + (pieces[0] ?? '');
      rest = pieces.pop() ?? '';
      for (const line of pieces) yield line.replace(/\r$/, '');
    }
    rest += decoder.end();
    if (rest !== '') yield rest;
  }

  async *#partsAsTheyCome(): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; ; at++) {
      while (at >= this.#parts.length && !this.#isOver)
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const part = this.#parts[at];
      if (part === undefined) return;
      yield part;
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A last line end is no line of its own. */
export function inFormat<F extends Format>(bytes: Buffer, format: F): Captured<F> {
  const formats: { readonly [Each in Format]: () => Captured<Each> } = {
    bytes: () => bytes,
    text: () => textOf(bytes),
    lines: () => (bytes.length === 0 ? [] : textOf(bytes).split(/\r?\n/)),
  };
  return formats[format]();
}

function textOf(bytes: Buffer): string {
  return bytes.toString().replace(/\r?\n$/, '');
}
