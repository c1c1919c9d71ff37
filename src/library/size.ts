import { UsageError } from '../sys/errors.ts';
import type { EnterOptions, TerminalSize } from './enter-options.ts';

/** What TIOCSWINSZ takes (ioctl_tty(2)). */
const MOST = 0xffff;

/** @throws UsageError for what is no size */
export function checkSize(size: TerminalSize): void {
  const { columns, rows } = Object(size) as TerminalSize;
  for (const [what, count] of [
    ['columns', columns],
    ['rows', rows],
  ] as const)
    if (!Number.isInteger(count) || count < 0 || count > MOST)
      throw new UsageError(
        'parse',
        `${what} of a terminal`,
        'not a number up to 65535',
        'A size is { columns: 80, rows: 24 }.',
      );
}

export function asSize(pty: EnterOptions['pty']): TerminalSize | undefined {
  return typeof pty === 'object' ? pty : undefined;
}

/** As the helper reads it: rows, columns. */
export function sizeBytes(size: TerminalSize): Uint8Array {
  checkSize(size);
  return new Uint8Array(new Uint16Array([size.rows, size.columns]).buffer);
}
