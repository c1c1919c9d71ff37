import { spawnSync } from 'node:child_process';
import { toUnicode } from '../hosts/node/bytes.ts';
import { NodeSys } from '../hosts/node/node-sys.ts';
import type { Plan } from '../plan/plan.ts';
import { TsenterError } from '../sys/errors.ts';
import { type Call, readCall, wordsOf } from './call.ts';
import { inFormat } from './capture.ts';
import { checkOptions, SPAWN_KEYS } from './check-options.ts';
import { OWN, variablesOf } from './environment.ts';
import { endedEarly, inUnicode } from './errors.ts';
import { NAME } from './helper.ts';
import { helperCall } from './helper-call.ts';
import { executableFor } from './image.ts';
import { ownedByThis, planFor } from './planned.ts';
import { type Ended, ProgramError, type RunResult } from './result.ts';
import { checkRun, type Format, MOST, RUN_KEYS, type RunOptions } from './run-options.ts';
import { seenBy } from './seen.ts';
import { MOST_TOLD, parseStatus } from './told.ts';

/** What {@link runSync} takes: what needs no event loop. */
export type RunSyncOptions<F extends Format = Format> = Omit<
  RunOptions<F>,
  'input' | 'signal' | 'forceKillAfter' | 'detached'
> & {
  /** what the program reads; default nothing, unless `stdio` says otherwise */
  input?: string | Uint8Array | undefined;
};

/**
 * As {@link run}, and waits for the end: for scripts, in which nothing else is to go on meanwhile.
 *
 * ```ts
 * import { runSync } from 'tsenter';
 *
 * console.log(runSync('hostname', { target: 'docker:web' }).stdout);
 * ```
 *
 * @throws TsenterError where the program was not executed
 * @throws ProgramError where it was and failed
 */
export function runSync<const F extends Format = 'text'>(
  program: string | undefined,
  args: readonly string[] | null | undefined,
  options: RunSyncOptions<F>,
): RunResult<F>;
export function runSync<const F extends Format = 'text'>(
  program: string | undefined,
  options: RunSyncOptions<F>,
): RunResult<F>;
export function runSync<const F extends Format = 'text'>(options: RunSyncOptions<F>): RunResult<F>;
export function runSync(...values: readonly unknown[]): RunResult {
  return inUnicode(() => runCall(checkOptions(readCall<RunSyncOptions>(values), KEYS)));
}

const KEYS = SPAWN_KEYS.filter((key) => key !== 'signal').concat(
  RUN_KEYS.filter((key) => key !== 'forceKillAfter'),
);

function runCall(call: Call<RunSyncOptions>): RunResult {
  const { options } = call;
  checkRun(options);
  const start = performance.now();
  const seen = seenBy(options);
  const sys = new NodeSys(seen);
  try {
    const { plan } = planFor(sys, call);
    const stdio = options.stdio ?? [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'];
    return waitFor(seen.helper, { ...call, options: { ...options, stdio } }, ownedByThis(sys, plan), start);
  } finally {
    sys.closeAll();
  }
}

function waitFor(helper: string, call: Call<RunSyncOptions>, plan: Plan, start: number): RunResult {
  const { input, as = 'text', timeout, killSignal, maxBuffer = MOST } = call.options;
  const called = helperCall(plan, call.options, call);
  const { words, stdio, environment, status } = called;
  const ended = spawnSync(executableFor(helper, called), words.map(toUnicode), {
    argv0: NAME,
    stdio,
    env: environment === undefined ? OWN : variablesOf(environment),
    input,
    timeout,
    killSignal,
    // It counts for what the helper tells, too.
    maxBuffer: Math.max(maxBuffer, MOST_TOLD + 1),
  });
  const { output, signal } = ended;
  const error: NodeJS.ErrnoException | undefined = ended.error;
  const told = parseStatus(bytesOf(output?.[status]));
  const [stdout, stderr] = [bytesOf(output?.[1]), bytesOf(output?.[2])];
  const isTooMuch = Math.max(stdout.length, stderr.length) > maxBuffer;
  const why = whyEnded(error) ?? (isTooMuch ? 'maxBuffer' : undefined);
  if (told.failure) throw told.failure;
  if (error && !why)
    throw new TsenterError({
      verb: 'spawn',
      object: 'helper',
      cause: error.message,
      errno: -(error.errno ?? 0),
    });
  if (!told.executes && !why) throw endedEarly(helper, ended.status, signal);
  const result: RunResult = {
    stdout: inFormat(stdout.subarray(0, maxBuffer), as),
    stderr: inFormat(stderr.subarray(0, maxBuffer), as),
    exitCode: ended.status,
    signal,
    durationMs: performance.now() - start,
    pid: told.executes ? (told.pid ?? ended.pid) : null,
  };
  if (result.exitCode === 0 && !why) return result;
  throw new ProgramError(wordsOf(call), result, { why });
}

function whyEnded(error: NodeJS.ErrnoException | undefined): Ended | undefined {
  if (error?.code === 'ETIMEDOUT') return 'timeout';
  return error?.code === 'ENOBUFS' ? 'maxBuffer' : undefined;
}

function bytesOf(output: unknown): Buffer {
  return Buffer.isBuffer(output) ? output : Buffer.alloc(0);
}
