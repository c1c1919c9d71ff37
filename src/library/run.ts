import type { Readable, Writable } from 'node:stream';
import { TsenterError } from '../sys/errors.ts';
import { type Call, readCall, wordsOf } from './call.ts';
import { Capture, inFormat } from './capture.ts';
import { checkOptions, SPAWN_KEYS } from './check-options.ts';
import { Ending } from './ending.ts';
import { forUsers, inUnicode } from './errors.ts';
import type { EnteredProcess } from './process.ts';
import { ProgramError, type RunResult } from './result.ts';
import { checkRun, type Format, MOST, RUN_KEYS, type RunOptions } from './run-options.ts';
import { spawnCall } from './spawn.ts';
import type { SpawnOptions } from './spawn-options.ts';

/** A result that is to come, and the lines of what is written until then. */
export interface Running<F extends Format = Format> extends Promise<RunResult<F>>, AsyncIterable<string> {
  /** the process; undefined where none could be started, which the promise tells */
  readonly process: EnteredProcess | undefined;
}

/**
 * Runs a program to its end, and gives what it wrote.
 *
 * It rejects with a {@link TsenterError} where the program was not executed, and with a {@link ProgramError} where it was and failed. Its
 * lines can be read as they come; what is not read so is in the result all the same.
 *
 * ```ts
 * import { ProgramError, run } from 'tsenter';
 *
 * try {
 *   const { stdout } = await run('ls', ['/srv'], { target: 'docker:web', as: 'lines', timeout: 5000 });
 *   console.log(stdout.length);
 * } catch (error) {
 *   if (error instanceof ProgramError) console.log(error.exitCode, error.stderr);
 *   else throw error;
 * }
 * for await (const line of run('cat', ['/etc/passwd'], { target: 'docker:web' })) console.log(line);
 * ```
 */
export function run<const F extends Format = 'text'>(
  program: string | undefined,
  args: readonly string[] | null | undefined,
  options: RunOptions<F>,
): Running<F>;
export function run<const F extends Format = 'text'>(
  program: string | undefined,
  options: RunOptions<F>,
): Running<F>;
export function run<const F extends Format = 'text'>(options: RunOptions<F>): Running<F>;
export function run(...values: readonly unknown[]): Running {
  const start = performance.now();
  try {
    return inUnicode(() => runCall(checkOptions(readCall<RunOptions>(values), KEYS), start));
  } catch (error) {
    return running(Promise.reject(error));
  }
}

const KEYS: readonly string[] = [...SPAWN_KEYS, ...RUN_KEYS];

function runCall(call: Call<RunOptions>, start: number): Running {
  const { options } = call;
  checkRun(options);
  const { signal, input, as = 'text', maxBuffer = MOST } = options;
  if (signal?.aborted) return running(Promise.reject(neverStarted(call, start)));
  const child = spawnCall({ ...call, options: asSpawned(options) });
  const ending = new Ending(child, options);
  const overflow = () => ending.end('maxBuffer');
  const stdout = new Capture(child.stdout, maxBuffer, overflow);
  const stderr = new Capture(child.stderr, maxBuffer, overflow);
  const result = async (): Promise<RunResult> => {
    const [exitCode, endedBy] = await Promise.race([closed(child), ending.givenUp.then(() => NOT_ENDED)]);
    const pid = await Promise.race([child.entered, ending.givenUp.then(() => null)]).catch(
      (error: unknown) => {
        if (ending.why === undefined) throw error;
        return null;
      },
    );
    const durationMs = performance.now() - start;
    const found = {
      stdout: stdout.as(as),
      stderr: stderr.as(as),
      exitCode,
      signal: endedBy,
      durationMs,
      pid,
    };
    if (exitCode === 0 && ending.why === undefined) return found;
    throw new ProgramError(wordsOf(call), found, ending, inputError ?? signal?.reason);
  };
  let inputError: unknown;
  if (child.stdin && input !== undefined)
    feed(child.stdin, input, (error) => {
      inputError = error;
      ending.end('input');
    });
  return running(
    result().finally(() => ending.forget()),
    child,
    stdout,
    () => ending.end('abort'),
  );
}

const NOT_ENDED = [null, null] as const;

/** The signal is obeyed here, as the other reasons to end it are. */
function asSpawned({ signal, stdio, input, ...options }: RunOptions): SpawnOptions {
  return { ...options, stdio: stdio ?? [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] };
}

function closed(child: EnteredProcess): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(error instanceof TsenterError ? error : notSpawned(error)));
    child.once('close', (code, signal) => resolve([code, signal]));
  });
}

/** child_process has not even started the helper. */
function notSpawned(error: NodeJS.ErrnoException): TsenterError {
  const [errno, cause] = [error.errno === undefined ? undefined : -error.errno, error.message];
  const failure = { verb: 'spawn', object: 'helper', cause, ...(errno !== undefined && { errno }) };
  return forUsers(new TsenterError(failure));
}

function neverStarted(call: Call<RunOptions>, start: number): ProgramError {
  const nothing = inFormat(Buffer.alloc(0), call.options.as ?? 'text');
  const durationMs = performance.now() - start;
  const result = { stdout: nothing, stderr: nothing, exitCode: null, signal: null, durationMs, pid: null };
  return new ProgramError(
    wordsOf(call),
    result,
    { why: 'abort', wasStarted: false },
    call.options.signal?.reason,
  );
}

/** @param failed is called where the input fails: an end of it would be taken for its own */
function feed(
  stdin: Writable,
  input: string | Uint8Array | Readable,
  failed: (error: unknown) => void,
): void {
  // A program need not read all of it.
  stdin.on('error', () => undefined);
  if (typeof input === 'string' || input instanceof Uint8Array) {
    stdin.end(input);
    return;
  }
  let isOver = input.readableEnded;
  const over = (error?: unknown): void => {
    if (isOver) return;
    isOver = true;
    if (error !== undefined) failed(error);
    input.destroy();
  };
  input.once('end', () => over()).on('error', over);
  input.once('close', () => over(new Error('the input was closed before its end')));
  stdin.once('close', () => over());
  if (input.destroyed) over(input.errored ?? new Error('the input was closed before its end'));
  if (isOver) stdin.end();
  else input.pipe(stdin);
}

/** @param leave is called where who reads the lines does not want the rest */
function running(
  result: Promise<RunResult>,
  child?: EnteredProcess,
  stdout?: Capture,
  leave: () => void = () => undefined,
): Running {
  const lines = async function* (): AsyncGenerator<string, void, undefined> {
    // The loop gets it at its end.
    result.catch(() => undefined);
    let isWhole = false;
    try {
      if (stdout) yield* stdout.lines();
      isWhole = true;
    } finally {
      if (!isWhole) leave();
    }
    await result;
  };
  return Object.assign(result, { process: child, [Symbol.asyncIterator]: lines });
}
