/** What the library does not understand is refused before anything is started, with an error that says what there is. */
import {
  enter,
  explain,
  list,
  type RunOptions,
  type RunSyncOptions,
  resolve,
  run,
  runSync,
  type SpawnOptions,
  spawn,
  Target,
  type TerminalSize,
  TsenterError,
} from 'tsenter';
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
      message: expect.stringMatching(/^parse option 'hostroot': unknown option/),
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
    ['spawn', { namespaces: { uts: false, net: true } }],
    ['spawn', { namespaces: { uts: 1 } }],
    ['spawn', { namespaces: { uts: null } }],
    ['spawn', { namespaces: new Set(['uts']), joinCgroup: true }],
    ['spawn', { signal: { aborted: false } }],
    ['run', { signal: { aborted: false } }],
    ['spawn', { cwd: new URL('http://x/') }],
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

  it.each<[string, unknown]>([
    ['uid', true],
    ['uid', false],
    ['gid', null],
    ['caps', null],
    ['caps', {}],
    ['caps', false],
    ['target', [1]],
    ['target', true],
    ['target', { pid: 1 }],
    ['netSocket', true],
    ['hostRoot', true],
    ['helperPath', 5],
    ['root', false],
    ['cwd', 7],
    ['umask', true],
    ['groups', [true]],
    ['asTarget', ['caps', 5]],
    ['preserveDescriptors', '3'],
    ['pty', 'yes'],
    ['escape', 1],
    ['detached', 'no'],
    ['detached', 1],
  ])('a value of another type: %s: %j', async (key, value) => {
    for (const name of ['spawn', 'run', 'runSync', 'explain']) {
      const error = await refusal(calls[name] as Call, { ...entering, [key]: value });
      expect(error, name).toBeInstanceOf(TsenterError);
      expect(error, name).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', object: `option ${key}` });
    }
  });

  it.each<[string, object]>([
    ['option cwd', { cwd: '/tmp\0/nosuch' }],
    ['option root', { root: '/\0' }],
    ['option workingDirectory', { workingDirectory: '/tmp\0' }],
    ['option caps', { caps: ['chown\0'] }],
    ['option env', { env: { A: 'b\0C=d' } }],
    ['option env', { env: { 'A\0B=c': 'd' } }],
    ['option env', { env: { A: 'b\0' }, targetEnvironment: true }],
    ['option target', { target: '1\0' }],
    ['option hostRoot', { hostRoot: '/\0' }],
  ])('a NUL, of which the system would take what is in front: %s: %j', async (object, options) => {
    for (const name of ['spawn', 'run', 'runSync', 'enter', 'explain'])
      expect(await refusal(calls[name] as Call, { ...entering, ...options }), name).toMatchObject({
        code: 'ERR_INVALID_ARG_VALUE',
        object,
      });
  });

  it.each([
    ['al', 'Did you mean all?'],
    ['namespace', 'Did you mean namespaces?'],
    ['user', 'It is uid here.'],
    ['pid', 'It is target here.'],
    ['mount', 'It is namespaces here.'],
    ['shell', "A shell is a program as any other: ('sh', ['-c', '...'])."],
    ['--all', 'Did you mean all?'],
    ['nonsense', expect.stringMatching(/^There are target, /)],
  ])('a key that is none, with what was meant: %s', async (key, hint) => {
    expect(await refusal(calls.spawn as Call, { ...entering, [key]: true })).toMatchObject({
      object: `option '${key}'`,
      hint,
    });
  });

  it('a size for a terminal that is not there, or of another kind', async () => {
    const without = spawn('true', { ...entering, stdio: 'ignore' } as SpawnOptions);
    expect(() => without.resize({ columns: 80, rows: 24 })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE', object: 'terminal' }),
    );
    const child = spawn('true', { ...entering, pty: true, stdio: 'ignore' } as SpawnOptions);
    for (const size of [undefined, null, {}, { columns: -1, rows: 3 }])
      expect(() => child.resize(size as TerminalSize)).toThrow(
        expect.objectContaining({ code: 'ERR_INVALID_ARG_VALUE' }),
      );
    await Promise.all([without, child].map((one) => new Promise((resolve) => one.once('close', resolve))));
  });
});

describe('what an error says', () => {
  it('a container that is not there is ENOENT, as what is not found', async () => {
    expect(await refusal(calls.run as Call, { target: 'no-such-container' })).toMatchObject({
      code: 'ENOENT',
      name: 'TsenterError',
    });
  });

  it.each([
    ['ls -t /tmp', {}, 'ls -t /tmp'],
    ['git log --all', {}, 'git log --all'],
    ['--mount', {}, '--mount'],
    ['nöt', {}, 'nöt'],
    ['true', { cwd: '/nosuch/--net/x' }, expect.stringContaining('/nosuch/--net/x')],
  ])('somebody’s words are as they were: %s', async (program, options, object) => {
    const asked = { ...entering, ...options } as RunOptions;
    const errors = [
      await run(program, asked).catch((error: unknown) => error),
      await refusal((all) => runSync(program, all as RunSyncOptions), asked),
    ];
    for (const error of errors) {
      expect(error).toMatchObject({ object });
      expect(String(error)).toContain(String((error as TsenterError).object));
    }
  });
});
