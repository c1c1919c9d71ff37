import { constants } from 'node:os';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { escapeControls } from '../sys/escape.ts';
import type { Captured, Format } from './run-options.ts';

/** What has ended a program; Node has no names for real-time signals (signal(7)). */
export type EndSignal = NodeJS.Signals | `SIGRTMIN+${number}`;

/** What a program has left. */
export interface RunResult<F extends Format = Format> {
  /** what came out; empty where `stdio` leads elsewhere */
  stdout: Captured<F>;
  stderr: Captured<F>;
  /** null: a signal ended it, or not even SIGKILL has */
  exitCode: number | null;
  signal: EndSignal | null;
  /** from the call to the end of its output */
  durationMs: number;
  /** of the program on this host; null: it was ended before it was executed */
  pid: number | null;
}

/** Why it was ended, if this library has ended it. */
export type Ended = 'timeout' | 'abort' | 'maxBuffer' | 'input';

/** What is known of that. */
interface EndedBy {
  readonly why: Ended | undefined;
  /** false: that was known before its start */
  readonly wasStarted?: boolean;
  /** something else had what it writes to, and was waited for no longer */
  readonly isHeld?: boolean;
}

/**
 * A program that was executed, and failed: it ended with a status other than 0 or by a signal, or was ended. Where it was not executed the
 * error is a TsenterError.
 */
export class ProgramError extends Error implements RunResult {
  /** the words that were executed */
  readonly command: readonly string[];
  readonly stdout: Captured<Format>;
  readonly stderr: Captured<Format>;
  readonly exitCode: number | null;
  readonly signal: EndSignal | null;
  readonly durationMs: number;
  readonly pid: number | null;
  /** by `timeout` */
  readonly timedOut: boolean;
  /** by `signal`, or because nobody read its lines any more */
  readonly isCanceled: boolean;
  /** by `maxBuffer` */
  readonly isMaxBuffer: boolean;
  /** such as ETIMEDOUT, ABORT_ERR, ENOBUFS, ERR_INPUT; undefined where it failed by itself */
  readonly code: string | undefined;
  /** the reason of an AbortSignal, or the error of the input */
  readonly cause: unknown;

  constructor(command: readonly string[], result: RunResult, by: EndedBy, cause?: unknown) {
    super(messageOf(command, result, by));
    const ended = by.why;
    this.name = 'ProgramError';
    this.command = command;
    this.stdout = result.stdout;
    this.stderr = result.stderr;
    this.exitCode = result.exitCode;
    this.signal = result.signal;
    this.durationMs = result.durationMs;
    this.pid = result.pid;
    this.timedOut = ended === 'timeout';
    this.isCanceled = ended === 'abort';
    this.isMaxBuffer = ended === 'maxBuffer';
    this.cause = cause;
    this.code = ended && CODES[ended];
  }
}

const CODES: Readonly<Record<Ended, string>> = {
  timeout: 'ETIMEDOUT',
  abort: 'ABORT_ERR',
  maxBuffer: 'ENOBUFS',
  input: 'ERR_INPUT',
};

const REASONS: Readonly<Record<Ended, string>> = {
  timeout: 'ended, for its time was over',
  abort: 'ended, for that was asked for',
  maxBuffer: 'ended, for it wrote too much',
  input: 'ended, for its input failed',
};

function messageOf(
  command: readonly string[],
  { exitCode, signal, stderr }: RunResult,
  { why, wasStarted = true, isHeld = false }: EndedBy,
): string {
  const how = wasStarted ? howItEnded(exitCode, signal) : 'it was not started';
  const held = isHeld ? ', and what it has left behind holds its output' : '';
  const cause = why ? `${REASONS[why]}: ${how}${held}` : how;
  const said = beginningOf(stderr);
  return [`run ${command.join(' ')}: ${cause}`, ...said.split('\n')].map(shown).join('\n').trimEnd();
}

function howItEnded(exitCode: number | null, signal: EndSignal | null): string {
  if (exitCode !== null) return `it ended with status ${exitCode}`;
  if (signal === null) return 'not even SIGKILL has ended it';
  const number: number | undefined = constants.signals[signal as NodeJS.Signals];
  // runSync() is not told which of the real-time ones it was.
  return `${signal || 'a real-time signal'}${number === undefined ? '' : ` (${number})`} ended it`;
}

/** Of what was said as much as people read: who wants all has `stderr`, which the program may have made as large as it is allowed. */
const READABLE = 4096;

function beginningOf(output: Captured<Format>): string {
  const beginning = output.slice(0, READABLE);
  // Each line is of any length.
  const text = Array.isArray(beginning)
    ? beginning.map((line) => line.slice(0, READABLE)).join('\n')
    : beginning.toString();
  return output.length > READABLE || text.length > READABLE ? `${text.slice(0, READABLE)}...` : text;
}

function shown(line: string): string {
  return toUnicode(escapeControls(fromUnicode(line)));
}
