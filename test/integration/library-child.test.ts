/**
 * The child that the library makes without child_process, beside one that child_process makes of the same program: fields, events and their order,
 * streams, signals, and what the program finds. And beside the library's other way, by child_process, where it has to.
 */
import { ChildProcess, type StdioOptions, spawn as spawnProcess } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { run, runSync, type SpawnOptions, spawn } from 'tsenter';
import { beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/enter.ts';
import { programEnds } from '../support/library.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';

beforeAll(buildPrograms);

interface How {
  stdio?: StdioOptions;
  env?: NodeJS.ProcessEnv;
  detached?: boolean;
}

const inside = { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } } as const;
const entering = (program: string, words: readonly string[], how: SpawnOptions): ChildProcess =>
  spawn(program, words, { ...inside, ...how }) as unknown as ChildProcess;

/** As where Node was started with permissions, which child_process alone knows to hand on. */
function withPermissions<T>(call: () => T): T {
  Object.defineProperty(process, 'permission', { value: { has: () => true }, configurable: true });
  try {
    return call();
  } finally {
    Reflect.deleteProperty(process, 'permission');
  }
}

/** Each starts a program. */
const WAYS: readonly [string, (program: string, words: readonly string[], how?: How) => ChildProcess][] = [
  ['child_process', (program, words, how = {}) => spawnProcess(program, words, how)],
  ['spawn', (program, words, how = {}) => entering(program, words, how as SpawnOptions)],
  [
    'spawn, by child_process',
    (program, words, how = {}) => withPermissions(() => entering(program, words, how as SpawnOptions)),
  ],
];

/** What it writes, and what is told of it until its end. */
async function lifeOf(child: ChildProcess): Promise<{ events: unknown[]; stdout: string; stderr: string }> {
  const events: unknown[] = [];
  const texts = { stdout: '', stderr: '' };
  for (const event of ['spawn', 'error', 'exit', 'close'] as const)
    child.on(event, (...values: unknown[]) => events.push([event, ...values]));
  child.stdout?.on('data', (part: Buffer) => {
    texts.stdout += part.toString('latin1');
  });
  child.stderr?.on('data', (part: Buffer) => {
    texts.stderr += part.toString('latin1');
  });
  await new Promise((resolve) => child.once('close', resolve));
  return { events, ...texts };
}

function ended(code: number | null, signal: string | null): unknown[] {
  return [['spawn'], ['exit', code, signal], ['close', code, signal]];
}

const SIGNALS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 31];

describe.each(WAYS)('%s', (_, start) => {
  const shell = (code: string, how?: How) => start('sh', ['-c', code], how);

  it('is a ChildProcess, with its fields', async () => {
    const child = start('true', []);
    expect(child).toBeInstanceOf(ChildProcess);
    const { connected, exitCode, signalCode, killed } = child;
    expect([child.constructor.name, typeof child.spawnfile]).toEqual(['ChildProcess', 'string']);
    expect({ connected, exitCode, signalCode, killed }).toEqual({
      connected: false,
      exitCode: null,
      signalCode: null,
      killed: false,
    });
    expect(readFileSync(`/proc/${child.pid}/status`, 'latin1')).toContain(`PPid:\t${process.pid}\n`);
    expect([child.stdin, child.stdout, child.stderr]).toEqual(child.stdio.slice(0, 3));
    expect(
      (child.stdio as readonly unknown[] as readonly Duplex[])
        .slice(0, 3)
        .map(({ readable, writable }) => [readable, writable]),
    ).toEqual([
      [false, true],
      [true, true],
      [true, true],
    ]);
    expect((await lifeOf(child)).events).toEqual(ended(0, null));
    expect([child.exitCode, child.signalCode]).toEqual([0, null]);
  });

  it.each([0, 1, 2, 126, 127, 128, 255])('status %i', async (status) => {
    expect((await lifeOf(shell(`exit ${status}`))).events).toEqual(ended(status, null));
  });

  it('each signal that ends it', async () => {
    const ends = SIGNALS.map(async (signal) => {
      const { events } = await lifeOf(shell(`ulimit -c 0; kill -${signal} $$`));
      return events[1] as unknown[];
    });
    const [names, theirs] = await Promise.all([
      Promise.all(ends),
      Promise.all(
        SIGNALS.map(async (signal) => {
          const child = spawnProcess('sh', ['-c', `ulimit -c 0; kill -${signal} $$`], { stdio: 'ignore' });
          return (await lifeOf(child)).events[1] as unknown[];
        }),
      ),
    ]);
    expect(names).toEqual(theirs);
  });

  it('is killed, and later is nobody', async () => {
    const child = shell('trap "exit 7" USR1; echo here; while :; do sleep 0.01; done');
    const life = lifeOf(child);
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    expect(child.kill(0)).toBe(true);
    for (const signal of ['SIGNOSUCH', '', null, 1000, -1])
      expect(() => child.kill(signal as NodeJS.Signals), String(signal)).toThrow(
        expect.objectContaining({ code: 'ERR_UNKNOWN_SIGNAL' }),
      );
    expect(child.kill('sigusr1' as NodeJS.Signals)).toBe(true);
    expect(child.killed).toBe(true);
    expect((await life).events).toEqual(ended(7, null));
    expect([child.kill(), child.kill(0)]).toEqual([false, false]);
  });

  it('is disposed of', async () => {
    const child = shell('exec sleep 100');
    const life = lifeOf(child);
    await new Promise((resolve) => setImmediate(resolve));
    child[Symbol.dispose]();
    expect((await life).events.at(-1)).toEqual(['close', null, 'SIGTERM']);
  });

  it('closes once a megabyte of it was read', async () => {
    const child = shell('head -c 1000000 /dev/zero');
    const ends: string[] = [];
    for (const event of ['exit', 'close']) child.once(event, (code) => ends.push(`${event} ${code}`));
    child.stdout?.resume();
    await new Promise((resolve) => child.once('close', resolve));
    expect(ends).toEqual(['exit 0', 'close 0']);
  });

  it('what is read from its end on is all there', async () => {
    for (let time = 0; time < 10; time++) {
      const child = shell('echo all of it');
      let stdout = '';
      child.once('exit', () =>
        child.stdout?.on('data', (part: Buffer) => {
          stdout += part.toString();
        }),
      );
      await new Promise((resolve) => child.once('close', resolve));
      expect(stdout).toBe('all of it\n');
    }
  });

  it('what another child reads is not read here', async () => {
    const child = start('sh', ['-c', 'head -c 100000 /dev/zero']);
    const exit = new Promise((resolve) => child.once('exit', resolve));
    const stdio: StdioOptions = [child.stdout, 'pipe', 'inherit', 'pipe'];
    const reader = spawnProcess('sh', ['-c', 'read -r go <&3; wc -c'], { stdio });
    const life = lifeOf(reader);
    await exit;
    await new Promise((resolve) => setImmediate(resolve));
    (reader.stdio[3] as NodeJS.WritableStream).end('go\n');
    const { stdout } = await life;
    child.stdout?.destroy();
    expect(stdout).toBe('100000\n');
  });

  it('closes though nobody has touched what it wrote', async () => {
    const child = shell('echo a; echo b >&2');
    await new Promise((resolve) => child.once('close', resolve));
    expect(child.exitCode).toBe(0);
  });

  it('exits first, and closes with the last of whoever has its streams', async () => {
    const child = shell('(read a; echo late) <&3 & exit 4', { stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
    const life = lifeOf(child);
    await new Promise((resolve) => child.once('exit', resolve));
    (child.stdio[3] as NodeJS.WritableStream).end('go\n');
    expect(await life).toMatchObject({ events: ended(4, null), stdout: 'late\n' });
  });

  it('reads its input to the end', async () => {
    const child = start('cat', []);
    child.stdin?.end('x'.repeat(300_000));
    expect((await lifeOf(child)).stdout).toHaveLength(300_000);
  });

  it('has what stdio says, where it says', async () => {
    using files = scratch();
    const [one, other] = ['one', 'other'].map((name) => openSync(`${files.path}/${name}`, 'w+'));
    if (one === undefined || other === undefined) throw new Error('not opened');
    const child = shell('echo to 1; echo to 2 >&2; echo to 5 >&5; ls -l /proc/self/fd >&3', {
      stdio: ['ignore', other, one, 'pipe', 'ignore', 'overlapped'],
    });
    const texts = ['', ''];
    [3, 5].forEach((number, index) => {
      (child.stdio[number] as NodeJS.ReadableStream).on('data', (part) => {
        texts[index] += String(part);
      });
    });
    expect(child.stdio.map((stream) => stream === null)).toEqual([true, true, true, false, true, false]);
    await lifeOf(child);
    closeSync(one);
    closeSync(other);
    expect([
      readFileSync(`${files.path}/one`, 'utf8'),
      readFileSync(`${files.path}/other`, 'utf8'),
      texts[1],
    ]).toEqual(['to 2\n', 'to 1\n', 'to 5\n']);
    // At 4 is what `ls` has open itself, or what whoever started the tests has.
    const links = (texts[0] ?? '').split('\n').filter((line) => / [01235] -> /.test(line));
    expect(links.map((line) => / (\d+) -> (\S+?)(:.*)?$/.exec(line)?.slice(1, 3))).toEqual([
      ['0', '/dev/null'],
      ['1', 'socket'],
      ['2', `${files.path}/one`],
      ['3', 'socket'],
      ['5', 'socket'],
    ]);
  });

  it('waits for its input, though this process does not', async () => {
    const O_NONBLOCK = 0o4000;
    using files = scratch();
    const fifo = `${files.path}/fifo`;
    await lifeOf(spawnProcess('mkfifo', [fifo], { stdio: 'ignore' }));
    const fd = openSync(fifo, 2 | O_NONBLOCK);
    try {
      const child = shell('grep flags /proc/self/fdinfo/0', { stdio: [fd, 'pipe', 'inherit'] });
      const { stdout } = await lifeOf(child);
      expect(Number.parseInt(/flags:\t(\d+)/.exec(stdout)?.[1] ?? '', 8) & O_NONBLOCK).toBe(0);
    } finally {
      closeSync(fd);
    }
  });

  it('says of a descriptor that is none what child_process says', () => {
    expect(() => start('true', [], { stdio: ['ignore', 'ignore', 999_999] })).toThrow(
      expect.objectContaining({ code: 'EBADF' }),
    );
  });

  it('has no signal ignored or blocked that this process has', async () => {
    const { stdout } = await lifeOf(start('cat', ['/proc/self/status']));
    expect(stdout).toMatch(/SigIgn:\t0+\n/);
    expect(stdout).toMatch(/SigBlk:\t0+\n/);
  });

  it('leads a session where it is detached, and not otherwise', async () => {
    const sessions = [];
    for (const detached of [true, false]) {
      const child = start('cut', ['-d', ' ', '-f', '5,6', '/proc/self/stat'], { detached });
      sessions.push((await lifeOf(child)).stdout === `${child.pid} ${child.pid}\n`);
    }
    expect(sessions).toEqual([true, false]);
  });

  it('has the environment that is given, with what an object has from its prototype', async () => {
    const env = Object.assign(Object.create({ ABOVE: 'a' }), {
      PATH: '/usr/bin:/bin',
      OWN: 'o=ß',
      NONE: undefined,
    });
    const { stdout } = await lifeOf(start('env', [], { env }));
    expect(stdout.split('\n').filter(Boolean).sort()).toEqual(
      ['ABOVE=a', Buffer.from('OWN=o=ß').toString('latin1'), 'PATH=/usr/bin:/bin'].sort(),
    );
  });

  it('has the environment of this process as it is now', async () => {
    process.env.TSENTER_NOW = 'first';
    process.env.TSENTER_NOW = 'then ß';
    try {
      const { stdout } = await lifeOf(start('printenv', ['TSENTER_NOW']));
      expect(Buffer.from(stdout, 'latin1').toString()).toBe('then ß\n');
      // Node 26's child_process looks at it once.
      if (start === WAYS[0]?.[1]) return;
      const own = process.env;
      process.env = { ...own, TSENTER_NOW: 'another object' };
      try {
        expect((await lifeOf(start('printenv', ['TSENTER_NOW']))).stdout).toBe('another object\n');
      } finally {
        process.env = own;
      }
    } finally {
      delete process.env.TSENTER_NOW;
    }
    expect((await lifeOf(start('printenv', ['TSENTER_NOW']))).stdout).toBe('');
  });
});

describe('of its own', () => {
  it('it is made without child_process', async () => {
    const made = WAYS.map(([, start]) => start('true', [], { stdio: 'ignore' }));
    expect(made.map((child) => Object.getPrototypeOf(child) === ChildProcess.prototype)).toEqual([
      true,
      false,
      true,
    ]);
    await Promise.all(made.map(lifeOf));
  });

  it('it is not made where Node’s permissions have no children', async () => {
    const name = process.allowedNodeEnvironmentFlags.has('--permission')
      ? '--permission'
      : '--experimental-permission';
    const flags = [name, '--allow-fs-read=*', '--allow-addons', '--no-warnings'];
    const code = `
      try {
        tsenter.spawn('true', [], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } });
      } catch ({ code }) {
        console.log(code);
      }`;
    expect(await programEnds(code, { flags })).toMatchObject({ stdout: 'ERR_ACCESS_DENIED\n', code: 0 });
  });

  it('a real-time signal is no success', async () => {
    const child = entering('sh', ['-c', 'kill -35 $$'], { stdio: 'ignore' });
    expect((await lifeOf(child)).events).toEqual(ended(null, 'SIGRTMIN+1'));
    await expect(run('sh', ['-c', 'kill -35 $$'], inside)).rejects.toThrow(/: SIGRTMIN\+1 ended it$/);
    expect(() => runSync('sh', ['-c', 'kill -35 $$'], inside)).toThrow(/: a real-time signal ended it$/);
  });

  it('options count that come from a class or a prototype', async () => {
    class Config {
      target = process.pid;
      namespaces = inside.namespaces;
      get uid(): number {
        return 1000;
      }
    }
    for (const options of [new Config(), Object.assign(Object.create({ uid: 1000 }), inside)]) {
      expect((await run('id', ['-u'], options)).stdout).toBe('1000');
      expect(runSync('id', ['-u'], options).stdout).toBe('1000');
    }
  });

  it('what is written to this process’s own output takes no other way', async () => {
    const code = `
      const child = tsenter.spawn('sh', ['-c', 'echo out; echo err >&2'], { target: process.pid,
        namespaces: { uts: '/proc/self/ns/uts' }, stdio: ['ignore', process.stderr, process.stdout] });
      console.log(Object.getPrototypeOf(Object.getPrototypeOf(child)) === (await import('node:child_process')).ChildProcess.prototype);`;
    const { stdout, stderr } = await programEnds(code);
    expect([stdout.split('\n').sort(), stderr]).toEqual([['', 'err', 'true'], 'out\n']);
  });

  it('its listener on an AbortSignal is there no longer, whatever became of it', async () => {
    const { signal } = new AbortController();
    for (const program of ['true', '/nope']) {
      const child = entering(program, [], { signal, stdio: 'ignore' }).on('error', () => undefined);
      await new Promise((resolve) => child.once('close', resolve));
      await run(program, [], { ...inside, signal }).catch(() => undefined);
    }
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('a listener of somebody else does not keep an AbortSignal from it', async () => {
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => event.stopImmediatePropagation());
    const child = entering('sleep', ['100'], { signal: controller.signal, stdio: 'ignore' });
    child.on('error', () => undefined);
    const running = run('sleep', ['100'], { ...inside, signal: controller.signal });
    const canceled = expect(running).rejects.toMatchObject({ isCanceled: true });
    controller.abort();
    expect(await new Promise((resolve) => child.once('close', (...values) => resolve(values)))).toEqual([
      null,
      'SIGTERM',
    ]);
    await canceled;
  });

  it('unref() lets this process go though it tells a terminal its size', async () => {
    const code = `
      const child = tsenter.spawn('sleep', ['100'], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' },
        pty: true, stdio: 'ignore' });
      await child.entered;
      child.unref();
      process.once('beforeExit', () => console.log('beforeExit'));`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'beforeExit\n', code: 0 });
  });

  it('what could not be spawned is a TsenterError', async () => {
    const env = { A: 'x'.repeat(200_000) };
    await expect(run('true', [], { ...inside, env })).rejects.toMatchObject({
      name: 'TsenterError',
      code: 'E2BIG',
    });
  });

  it('closes where a listener of its failure throws', async () => {
    const code = `
      process.on('uncaughtException', ({ code, message }) => console.log(code ?? message));
      const child = tsenter.spawn('/nope', [], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } });
      child.on('error', () => { throw new Error('thrown'); });
      child.once('close', (code) => console.log('close', code));`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'thrown\nclose -2\n', code: 0 });
  });

  it('its words are text', async () => {
    const child = entering('echo', ['ß'], { stdio: 'ignore' });
    expect(child.spawnargs.at(-1)).toBe('ß');
    await lifeOf(child);
  });

  it('standard streams that change places', async () => {
    const code = `
      const child = tsenter.spawn('sh', ['-c', 'echo to 1; echo to 2 >&2'], { target: process.pid,
        namespaces: { uts: '/proc/self/ns/uts' }, stdio: ['ignore', 2, 1] });`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'to 2\n', stderr: 'to 1\n', code: 0 });
  });

  it('an AbortSignal is obeyed as child_process does', async () => {
    const before = { signal: AbortSignal.abort('why') };
    const later = new AbortController();
    for (const start of [
      (how: { signal: AbortSignal }) => spawnProcess('sleep', ['100'], { stdio: 'ignore', ...how }),
      (how: { signal: AbortSignal }) => entering('sleep', ['100'], { stdio: 'ignore', ...how }),
    ]) {
      for (const how of [before, { signal: later.signal }]) {
        const child = start(how);
        const error = new Promise((resolve) => child.once('error', resolve));
        const ended = new Promise((resolve) => child.once('close', (...values) => resolve(values)));
        if (how !== before) later.abort('why');
        expect(await error).toMatchObject({ name: 'AbortError', code: 'ABORT_ERR', cause: 'why' });
        expect(await ended).toEqual([null, 'SIGTERM']);
      }
    }
  });

  it('what is read once it has been entered is all there, whatever the loop did in between', async () => {
    for (let time = 0; time < 20; time++) {
      const child = spawn('echo', ['hi'], inside);
      const end = performance.now() + 10;
      while (performance.now() < end);
      await child.entered;
      let stdout = '';
      child.stdout.on('data', (part: Buffer) => {
        stdout += part.toString();
      });
      await new Promise((resolve) => child.once('close', resolve));
      expect(stdout).toBe('hi\n');
    }
  });

  it('timers of a test that stand still do not hold it', async () => {
    const code = `
      globalThis.setImmediate = globalThis.setTimeout = () => undefined;
      const { stdout } = await tsenter.run('echo', ['hi'], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } });
      console.log(stdout);`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'hi\n', stderr: '', code: 0 });
  });

  it.each([
    ['pidfd_open fails, so that its end is looked for', [program('filtered'), '1', 'pidfd_open', '--']],
    ['dup3 fails', [program('filtered'), '1', 'dup3', '--']],
  ])('%s: it is executed once, and its end is seen', async (_name, under) => {
    const code = `
      import { readdirSync } from 'node:fs';
      const open = () => readdirSync('/proc/self/fd').length;
      const enter = () => tsenter.run('sh', ['-c', 'echo once; exit 3'], { target: process.pid, killChild: false,
        namespaces: { uts: '/proc/self/ns/uts' } }).catch(({ stdout, exitCode }) => console.log(stdout, exitCode));
      await enter();
      const before = open();
      for (let time = 0; time < 3; time++) await enter();
      for (let tries = 0; open() > before && tries < 1000; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
      console.log(open() <= before);`;
    expect(await programEnds(code, { under })).toMatchObject({
      stdout: `${'once 3\n'.repeat(4)}true\n`,
      stderr: '',
      code: 0,
    });
  });

  it.each([
    ['has Node’s as its prototype', '{ __proto__: process.env, NEW: "n" }'],
    ['is of a class without a name', 'new (class { NEW = "n"; PATH = process.env.PATH })()'],
    [
      'is a Proxy',
      'new Proxy(process.env, { ownKeys: () => ["PATH", "NEW"], get: (all, name) => name === "NEW" ? "n" : all[name], getOwnPropertyDescriptor: () => ({ value: "n", enumerable: true, configurable: true }) })',
    ],
  ])('another process.env counts, before the library is loaded: it %s', async (_name, env) => {
    const code = `
      process.env = ${env};
      const { run } = await import(${JSON.stringify(`${repository}/dist/lib/index.js?other`)});
      console.log((await run('printenv', ['NEW'], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } })).stdout);`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'n\n', stderr: '', code: 0 });
  });

  it('whoever listens for the end once it has been entered is told of it', async () => {
    for (let time = 0; time < 20; time++) {
      const child = spawn('true', [], { ...inside, stdio: 'ignore' });
      await child.entered;
      expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(0);
    }
  });

  it.each([
    ['unref() lets this process end', '100', 'child.unref()', 'beforeExit'],
    ['ref() keeps it', '0.3', 'child.unref(); child.ref()', 'exit 0\nbeforeExit'],
  ])('%s', async (_name, seconds, call, told) => {
    const code = `
      const child = tsenter.spawn('sleep', ['${seconds}'], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' }, stdio: 'ignore' });
      child.once('exit', (code) => console.log('exit', code));
      await child.entered;
      ${call};
      // Without a fork it outlives this process.
      process.once('beforeExit', () => {
        console.log('beforeExit');
        child.kill();
      });`;
    expect(await programEnds(code)).toMatchObject({ stdout: `${told}\n`, stderr: '', code: 0 });
  });

  it('the program has a variable that is not UTF-8 as this process has it', async () => {
    const code = `
      const { stdout } = await tsenter.run('printenv', ['LATIN'], { target: process.pid,
        namespaces: { uts: '/proc/self/ns/uts' }, as: 'bytes' });
      console.log(Buffer.from(stdout).toString('hex'));`;
    const under = ['sh', '-c', `LATIN=$(printf '\\337') exec "$@"`, 'sh'];
    expect(await programEnds(code, { under })).toMatchObject({ stdout: 'df0a\n', stderr: '', code: 0 });
  });

  it('a worker’s environment is its own', async () => {
    const code = `
      import { isMainThread, Worker } from 'node:worker_threads';
      if (isMainThread) new Worker(new URL(import.meta.url), { env: { PATH: process.env.PATH, OF: 'the worker' } });
      else console.log((await tsenter.run('printenv', ['OF'], { target: process.pid,
        namespaces: { uts: '/proc/self/ns/uts' } })).stdout);`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'the worker\n', stderr: '', code: 0 });
  });

  it('is told of on the channel of child_process', async () => {
    const code = `
      import { subscribe } from 'node:diagnostics_channel';
      const made = [];
      subscribe('child_process', ({ process }) => made.push(process));
      const child = tsenter.spawn('true', [], { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } });
      console.log(made.length === 1 && made[0] === child);`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'true\n', stderr: '', code: 0 });
  });
});
