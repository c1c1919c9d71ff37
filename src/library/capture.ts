import type { Readable } from 'node:stream';
import type { Captured, Format } from './run-options.ts';

/** Keeps what comes out of a stream, up to a bound. */
export class Capture {
  readonly #parts: Buffer[] = [];
  #length = 0;

  /** @param overflow is called once, with the first byte that is too many */
  constructor(stream: Readable | null | undefined, most: number, overflow: () => void) {
    stream?.on('data', (part: Buffer) => {
      const room = most - this.#length;
      // A part of no length keeps all of its bytes in memory.
      if (room > 0) this.#parts.push(part.subarray(0, room));
      this.#length += Math.min(part.length, room);
      if (part.length <= room) return;
      // Who writes on has EPIPE, or SIGPIPE.
      stream.destroy();
      overflow();
    });
  }

  as<F extends Format>(format: F): Captured<F> {
    return inFormat(Buffer.concat(this.#parts), format);
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
