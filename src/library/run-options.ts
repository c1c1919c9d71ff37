import type { Readable } from 'node:stream';
import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';
import type { SpawnOptions } from './spawn-options.ts';

/** How output is given: as text, as its lines, or as it came. */
export type Format = 'text' | 'lines' | 'bytes';

/** What has come out, in one of the formats. */
export type Captured<F extends Format> = F extends 'lines' ? string[] : F extends 'bytes' ? Buffer : string;

/** What {@link run} takes: what {@link spawn} takes, and what is done with input and output. */
export interface RunOptions<F extends Format = Format> extends SpawnOptions {
  /** what the program reads; default nothing, unless `stdio` says otherwise */
  input?: string | Uint8Array | Readable | undefined;
  /** default `text`, UTF-8 without its last line end */
  as?: F | undefined;
  /** so many milliseconds after its start it is ended */
  timeout?: number | undefined;
  /** by which it is ended; default SIGTERM */
  killSignal?: NodeJS.Signals | number | undefined;
  /** so many milliseconds after that signal SIGKILL follows, `false`: never; default 5000 */
  forceKillAfter?: number | false | undefined;
  /** of each stream at most so many bytes: with more it is ended; default 100 MiB */
  maxBuffer?: number | undefined;
}

export const RUN_KEYS = ['input', 'as', 'timeout', 'killSignal', 'forceKillAfter', 'maxBuffer'];

/** Of each stream. */
export const MOST = 100 << 20;

const FORMATS: readonly unknown[] = ['text', 'lines', 'bytes'] satisfies Format[];

/** @throws UsageError */
export function checkRun({ as, timeout, maxBuffer, forceKillAfter }: RunOptions): void {
  if (as !== undefined && !FORMATS.includes(as))
    throw new UsageError(
      'parse',
      fromUnicode(`option as: '${String(as)}'`),
      'unknown format',
      'There are text, lines and bytes.',
    );
  for (const [name, value] of Object.entries({
    timeout,
    maxBuffer,
    forceKillAfter: forceKillAfter || undefined,
  }))
    if (value !== undefined && !(typeof value === 'number' && value >= 0))
      throw new UsageError(
        'parse',
        `option ${name}`,
        'not a number from 0',
        'Times are milliseconds, sizes bytes.',
      );
}
