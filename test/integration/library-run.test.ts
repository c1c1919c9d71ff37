/** The library's run(): results, and each way to fail. */
import { Readable } from 'node:stream';
import { type Format, type RunOptions, type RunResult, run, runSync, spawn, TsenterError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { until } from '../support/enter.ts';
import { failure, startInside } from '../support/library.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startInside();
});

afterAll(() => target.stop());

const inside = () => ({ target: target.pid, all: true, env: { PATH: '/bin' } }) as const;
const shell = (code: string, options: RunOptions = {}) =>
  run('sh', ['-c', code], { ...inside(), ...options });

it('gives what a program wrote, and how it ended', async () => {
  const result = await run('sh', ['-c', 'echo out; echo err >&2'], inside());
  expect(result).toEqual({
    stdout: 'out',
    stderr: 'err',
    exitCode: 0,
    signal: null,
    durationMs: expect.any(Number),
    pid: expect.any(Number),
  });
  expectTypeOf(result.stdout).toEqualTypeOf<string>();
});

it('gives lines, or bytes as they came', async () => {
  const lines = await run('sh', ['-c', 'echo a; echo; echo b'], { ...inside(), as: 'lines' });
  expectTypeOf(lines).toEqualTypeOf<RunResult<'lines'>>();
  expect(lines.stdout).toEqual(['a', '', 'b']);
  expect((await run('true', { ...inside(), as: 'lines' })).stdout).toEqual([]);
  const bytes = await run('cat', { ...inside(), input: new Uint8Array([0xff, 0x0a]), as: 'bytes' });
  expectTypeOf(bytes.stdout).toEqualTypeOf<Buffer>();
  expect(bytes.stdout).toEqual(Buffer.from([0xff, 0x0a]));
});

it('is given a text, bytes, a stream, or nothing', async () => {
  const read = async (input: RunOptions['input']) => (await run('cat', { ...inside(), input })).stdout;
  expect(await read('größe\n')).toBe('größe');
  expect(await read(new Uint8Array([65, 66]))).toBe('AB');
  expect(await read(Readable.from(['a', 'b', 'c']))).toBe('abc');
  expect(await read(undefined)).toBe('');
  // A program that ends before it has read all of it.
  expect((await run('true', { ...inside(), input: 'x'.repeat(1 << 20) })).exitCode).toBe(0);
});

it('gives lines as they come, to the end and no further than wanted', async () => {
  const seen: string[] = [];
  for await (const line of shell('echo 1; echo 2; printf 3')) seen.push(line);
  expect(seen).toEqual(['1', '2', '3']);
  const endless = shell('while :; do echo y; done');
  for await (const line of endless) {
    expect(line).toBe('y');
    break;
  }
  await until('it was ended', () => endless.process?.signalCode === 'SIGTERM');
  const failing = async () => {
    for await (const line of shell('echo 1; exit 3')) seen.push(line);
  };
  expect(await failure(failing())).toMatchObject({ exitCode: 3, stdout: '1' });
});

describe('a program that fails', () => {
  it('is an error with everything that is known', async () => {
    const error = await failure(shell('echo out; echo "a\u001b[2Jb" >&2; exit 3'));
    expect(error).toMatchObject({
      name: 'ProgramError',
      message: expect.stringMatching(/^run sh -c [^\n]*: it ended with status 3\na\\x1b\[2Jb$/),
      command: ['sh', '-c', expect.any(String)],
      stdout: 'out',
      exitCode: 3,
      signal: null,
      timedOut: false,
      isCanceled: false,
      isMaxBuffer: false,
      code: undefined,
      pid: expect.any(Number),
    });
    expect(await failure(shell('kill -9 $$; :'))).toMatchObject({ exitCode: null, signal: 'SIGKILL' });
  });

  it('is ended when its time is over, at last by SIGKILL', async () => {
    expect(await failure(run('sleep', ['1000'], { ...inside(), timeout: 50 }))).toMatchObject({
      timedOut: true,
      signal: 'SIGTERM',
      code: 'ETIMEDOUT',
    });
    const ignoring = shell('trap "" TERM; while :; do sleep 0.1; done', {
      timeout: 300,
      forceKillAfter: 100,
    });
    expect(await failure(ignoring)).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(
      await failure(run('sleep', ['1000'], { ...inside(), timeout: 50, killSignal: 'SIGINT' })),
    ).toMatchObject({
      signal: 'SIGINT',
    });
  });

  it.each<[string, string, RunOptions, object]>([
    ['it has ended', 'exit 0', {}, { isCanceled: true }],
    ['a signal has ended it', 'sleep 9', {}, { signal: 'SIGTERM' }],
    ['SIGKILL has', 'while :; do sleep 0.1; done', { forceKillAfter: 50 }, { signal: 'SIGKILL' }],
    ['it writes too much', 'sleep 9', { maxBuffer: 1 }, { isMaxBuffer: true, stdout: 'r' }],
    ['its time is over', 'exit 0', { timeout: 1000, signal: undefined }, { timedOut: true, exitCode: 0 }],
  ])(
    'is not waited for where what it has left behind holds its output: %s',
    async (_, code, options, expected) => {
      const controller = new AbortController();
      const trap = options.forceKillAfter === undefined ? '' : 'trap "" TERM;';
      const running = shell(`${trap} sleep 9 & echo ready; ${code}`, {
        signal: controller.signal,
        ...options,
      });
      running.process?.stdout?.once('data', () => controller.abort());
      const error = await failure(running);
      expect(error).toMatchObject(expected);
      expect(error.message).toMatch(/, and what it has left behind holds its output$/);
      expect(error.durationMs).toBeLessThan(5000);
    },
  );

  it('keeps what it wrote until it was ended', async () => {
    const running = shell('trap "echo last; exit 3" TERM; echo first; while :; do sleep 0.1; done', {
      timeout: 9000,
    });
    for await (const line of running) {
      expect(line).toBe('first');
      break;
    }
    expect(await failure(running)).toMatchObject({ isCanceled: true, exitCode: 3, stdout: 'first\nlast' });
  });

  it('is not waited for where not even SIGKILL ends it', async () => {
    const running = run('sleep', ['1000'], { ...inside(), timeout: 50, forceKillAfter: 50 });
    const { process: child } = running;
    await child?.entered;
    const kill = child?.kill.bind(child);
    // As for who waits for a file system that does not answer.
    Object.assign(child ?? {}, { kill: () => true });
    try {
      expect(await failure(running)).toMatchObject({
        timedOut: true,
        exitCode: null,
        signal: null,
        message: expect.stringMatching(/: not even SIGKILL has ended it$/),
      });
    } finally {
      kill?.('SIGKILL');
    }
  });

  it('is ended by a signal that aborts, with its reason', async () => {
    const controller = new AbortController();
    const running = run('sleep', ['1000'], { ...inside(), signal: controller.signal });
    await running.process?.entered;
    controller.abort('enough');
    expect(await failure(running)).toMatchObject({ isCanceled: true, cause: 'enough', code: 'ABORT_ERR' });
    const never = run('true', { ...inside(), signal: controller.signal });
    expect(never.process).toBeUndefined();
    expect(await failure(never)).toMatchObject({
      message: 'run true: ended, for that was asked for: it was not started',
      isCanceled: true,
      cause: 'enough',
      pid: null,
    });
  });

  it('is ended when it writes too much, of which the beginning is kept', async () => {
    expect(await failure(shell('while :; do echo y; done', { maxBuffer: 5 }))).toMatchObject({
      isMaxBuffer: true,
      stdout: 'y\ny\ny',
      code: 'ENOBUFS',
    });
  });

  it('is read no further when it writes too much, though it does not obey', async () => {
    const before = process.memoryUsage.rss();
    const error = await failure(
      shell('trap "" TERM PIPE; yes | head -c 600000000; while :; do sleep 0.1; done', {
        maxBuffer: 1000,
        forceKillAfter: 500,
        as: 'bytes',
      }),
    );
    expect(error).toMatchObject({ isMaxBuffer: true, signal: 'SIGKILL' });
    expect(error.stdout).toHaveLength(1000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20);
  });

  it.each<Format>(['text', 'lines', 'bytes'])('tells of %s in its message what people read', async (as) => {
    const error = await failure(shell('yes "$(printf "\\033[2J")" | head -c 4000000 >&2; exit 3', { as }));
    expect(Buffer.byteLength(error.message)).toBeLessThan(20_000);
    expect(error.message).toMatch(/: it ended with status 3\n(\\x1b\[2J\n)+.*\.\.\.$/);
  });
});

describe('a setup that fails', () => {
  it.each<[string, () => Promise<unknown>, object]>([
    ['inside', () => run('nosuch', inside()), { code: 'ENOENT', status: 127 }],
    ['before', () => run('true', { target: 0x7fff_fffe, all: true }), { code: 'ESRCH', status: 1 }],
    [
      'by its options',
      () => run('true', { ...inside(), as: 'rows' as 'text' }),
      { code: 'ERR_INVALID_ARG_VALUE' },
    ],
    [
      'by a number',
      () => run('true', { ...inside(), timeout: -1 }),
      { message: 'parse option timeout: not a whole number up to 2147483647' },
    ],
  ])('%s is a TsenterError that it rejects with', async (_, start, expected) => {
    const error: unknown = await start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TsenterError);
    expect(error).toMatchObject(expected);
  });

  it('by being killed before the program was executed as well', async () => {
    const child = spawn('sleep', ['1000'], inside());
    child.kill('SIGKILL');
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
    await child.entered.catch((error: unknown) => expect(error).toBeInstanceOf(TsenterError));
    expect(await ended).toEqual([null, 'SIGKILL']);
  });
});

describe('without an event loop', () => {
  const code = (thrown: () => unknown): unknown => {
    try {
      return thrown();
    } catch (error) {
      return error;
    }
  };

  it('is the same', () => {
    expect(runSync('hostname', inside())).toMatchObject({
      stdout: 'inside',
      exitCode: 0,
      pid: expect.any(Number),
    });
    expect(runSync('cat', { ...inside(), input: 'a\nb\n', as: 'lines' }).stdout).toEqual(['a', 'b']);
    expect(code(() => runSync('nosuch', inside()))).toBeInstanceOf(TsenterError);
    expect(code(() => runSync('nosuch', inside()))).toMatchObject({ code: 'ENOENT' });
    expect(code(() => runSync('sh', ['-c', 'echo no >&2; exit 3'], inside()))).toMatchObject({
      name: 'ProgramError',
      exitCode: 3,
      stderr: 'no',
    });
    expect(code(() => runSync('sleep', ['1000'], { ...inside(), timeout: 100 }))).toMatchObject({
      timedOut: true,
    });
    expect(
      code(() => runSync('sh', ['-c', 'while :; do echo y; done'], { ...inside(), maxBuffer: 3 })),
    ).toMatchObject({
      isMaxBuffer: true,
      stdout: 'y\ny',
    });
    // What is told of the entry is no output.
    expect(runSync('echo', ['ab'], { ...inside(), maxBuffer: 3 }).stdout).toBe('ab');
    expect(code(() => runSync('echo', ['abc'], { ...inside(), maxBuffer: 3 }))).toMatchObject({
      isMaxBuffer: true,
      stdout: 'abc',
    });
    expect(code(() => runSync('nosuch', { ...inside(), maxBuffer: 3 }))).toMatchObject({ code: 'ENOENT' });
  });
});
