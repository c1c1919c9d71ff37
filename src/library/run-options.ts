import { constants } from 'node:os';
import { type Readable, Stream } from 'node:stream';
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
  /**
   * so many milliseconds after its start it is ended; what it has left behind is not, but waited for no longer. 0, the default: never
   */
  timeout?: number | undefined;
  /** by which it is ended; default SIGTERM */
  killSignal?: NodeJS.Signals | number | undefined;
  /** so many milliseconds after that signal SIGKILL follows, `false`: never; default 5000 */
  forceKillAfter?: number | false | undefined;
  /** of each stream at most so many bytes: with more it is ended; default 100 MiB */
  maxBuffer?: number | undefined;
}

export const RUN_KEYS = ['input', 'as', 'timeout', 'killSignal', 'forceKillAfter', 'maxBuffer'];

/** Of a timer, in milliseconds: 24 days (setTimeout()). */
const MOST_OF_TIME = 2 ** 31 - 1;

/** Of each stream. */
export const MOST = 100 << 20;

const FORMATS: readonly unknown[] = ['text', 'lines', 'bytes'] satisfies Format[];

/** @throws UsageError */
export function checkRun({
  as,
  input,
  stdio,
  timeout,
  maxBuffer,
  forceKillAfter,
  killSignal,
}: RunOptions): void {
  if (as !== undefined && !FORMATS.includes(as))
    throw new UsageError(
      'parse',
      fromUnicode(`option as: '${String(as)}'`),
      'unknown format',
      'There are text, lines and bytes.',
    );
  if (maxBuffer !== undefined && !(typeof maxBuffer === 'number' && maxBuffer >= 0))
    throw new UsageError('parse', 'option maxBuffer', 'not a number from 0', 'It is in bytes.');
  checkTime('timeout', timeout);
  checkInput(input, stdio);
  if (forceKillAfter !== false) checkTime('forceKillAfter', forceKillAfter);
  checkKillSignal(killSignal);
}

function checkInput(input: unknown, stdio: RunOptions['stdio']): void {
  if (input === undefined) return;
  if (typeof input !== 'string' && !(input instanceof Uint8Array) && !(input instanceof Stream))
    throw new UsageError(
      'parse',
      'option input',
      'neither a string nor bytes nor a stream',
      'What is not said is no input.',
    );
  const stdin = Array.isArray(stdio) ? stdio[0] : stdio;
  if (stdin !== undefined && stdin !== null && stdin !== 'pipe')
    throw new UsageError(
      'parse',
      'options input and stdio',
      'mutually exclusive',
      'Input goes into a pipe: the first of stdio is not to be said, or to be pipe.',
    );
}

/** A timer that is given more fires at once. */
function checkTime(name: string, time: unknown): void {
  if (time !== undefined && !(Number.isInteger(time) && Number(time) >= 0 && Number(time) <= MOST_OF_TIME))
    throw new UsageError(
      'parse',
      `option ${name}`,
      `not a whole number up to ${MOST_OF_TIME}`,
      'It is in milliseconds.',
    );
}

function checkKillSignal(signal: unknown): void {
  if (signal === undefined || Object.keys(constants.signals).includes(String(signal))) return;
  if (!Object.values(constants.signals).some((number) => number === signal))
    throw new UsageError(
      'parse',
      fromUnicode(`option killSignal: '${String(signal)}'`),
      'unknown signal',
      'It is a name such as SIGTERM, or its number.',
    );
}
