/** What the library does not understand is refused before anything is started, with an error that says what there is. */
import { enter, explain, list, resolve, run, runSync, spawn, Target, TsenterError } from 'tsenter';
import { describe, expect, it } from 'vitest';

const target = process.pid;

/** What a caller in JavaScript may write. */
type Call = (options: object) => unknown;

const calls: Readonly<Record<string, Call>> = {
  spawn: (options) => spawn('true', options),
  run: (options) => run('true', options),
  runSync: (options) => runSync('true', options),
  enter: (options) => enter('true', options),
  explain: (options) => explain('true', options),
  list: (options) => list([], options),
  resolve: (options) => resolve(target, options),
  Target: (options) => new Target(target, options),
};

async function refusal(call: Call, options: object): Promise<unknown> {
  try {
    await call(options);
  } catch (error) {
    return error;
  }
  throw new Error('it was understood');
}

const entering = { target, namespaces: ['uts'] };

describe('refused', () => {
  it.each(Object.entries(calls))('%s: a key that is misspelt', async (_, call) => {
    const error = await refusal(call, { hostroot: '/' });
    expect(error).toBeInstanceOf(TsenterError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^parse option hostroot: unknown option/),
      code: 'ERR_INVALID_ARG_VALUE',
    });
  });

  it.each(['list', 'resolve', 'Target'])('%s: no object', async (name) => {
    const call = calls[name] ?? (() => undefined);
    expect(await refusal(call, null as unknown as object)).toMatchObject({ object: 'options' });
  });

  it.each<[string, object]>([
    ['enter', { argv0: 'other' }],
    ['enter', { stdio: 'ignore' }],
    ['enter', { signal: AbortSignal.abort() }],
    ['enter', { detached: true }],
    ['runSync', { signal: AbortSignal.abort() }],
    ['spawn', { timeout: 5 }],
    ['spawn', { all: 'false' }],
    ['spawn', { namespaces: ['net', undefined] }],
    ['spawn', { env: 'A=b' }],
    ['spawn', { signal: 'SIGTERM' }],
    ['run', { signal: {} }],
    ['run', { timeout: Number.POSITIVE_INFINITY }],
    ['run', { timeout: 500.5 }],
    ['run', { timeout: 2 ** 31 }],
    ['run', { timeout: -1 }],
    ['run', { forceKillAfter: Number.NaN }],
    ['run', { forceKillAfter: true }],
    ['run', { killSignal: 'SIGNOPE' }],
    ['run', { killSignal: 0 }],
    ['run', { input: null }],
    ['run', { input: 5 }],
    ['run', { input: 'x', stdio: ['ignore', 'pipe', 'pipe'] }],
    ['run', { input: 'x', stdio: 'inherit' }],
    ['runSync', { input: {} }],
    ['runSync', { input: 'x', stdio: 'ignore' }],
    ['runSync', { timeout: 500.5 }],
    ['runSync', { killSignal: 'SIGNOPE' }],
  ])('%s: %j', async (name, options) => {
    const call = calls[name] ?? (() => undefined);
    expect(await refusal(call, { ...entering, ...options })).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });
});
