/** The library where something is missing or comes in between: what it tells, and that it tells it once. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawn, TsenterError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch } from '../support/enter.ts';
import { ended, programEnds } from '../support/library.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['net', 'uts'] });
});

afterAll(() => target.stop());

it('goes on where signals interrupt its system calls', async () => {
  using files = scratch();
  // The profiler sends one every 50 µs, as ends of children may come.
  const flags = ['--cpu-prof', '--cpu-prof-interval', '50', '--cpu-prof-dir', files.path];
  const code = `
    for (let round = 0; round < 200; round++) {
      const child = tsenter.spawn('true', { target: ${target.pid}, all: true, stdio: 'ignore' });
      if (round % 8 === 7) await new Promise((resolve) => child.once('close', resolve));
    }
    console.log('all');`;
  expect(await programEnds(code, { flags })).toMatchObject({ stdout: 'all\n', stderr: '', code: 0 });
});

it('has one error at every number of free descriptors, until there are enough', async () => {
  const code = `
    import { closeSync, openSync } from 'node:fs';
    process.on('uncaughtException', (error) => console.log('uncaught', error.message));
    const end = (child) => new Promise((resolve) => child.once('close', resolve));
    // What is loaded at the first call is there.
    await end(tsenter.spawn('true', { target: ${target.pid}, all: true }));
    const all = [];
    try {
      for (;;) all.push(openSync('/dev/null'));
    } catch {}
    for (let free = 0; free < 30; free++) {
      // libuv loses some at each attempt of child_process's that fails so.
      if (free === 29) for (const fd of all.splice(0, 60)) closeSync(fd);
      const told = [];
      try {
        const child = tsenter.spawn('true', { target: ${target.pid}, all: true });
        child.on('error', (error) => told.push('event ' + error.code));
        child.entered.catch(() => told.push('rejected'));
        await end(child);
        if (child.exitCode === 0) told.push('success');
      } catch (error) {
        told.push('thrown ' + error.code);
      }
      console.log(told.join(' '));
      closeSync(all.pop());
    }`;
  const { stdout, stderr, code: status } = await programEnds(code, { openFiles: 128 });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const told = stdout.trimEnd().split('\n');
  expect(told).toHaveLength(30);
  for (const one of told)
    expect(one).toMatch(/^(thrown EMFILE|rejected event EMFILE|event EMFILE rejected|success)$/);
  expect(told[0]).toBe('thrown EMFILE');
  expect(told.at(-1)).toBe('success');
});

describe('a helper that ends before the program is executed', () => {
  /** A copy of the library beside another helper. */
  function library(files: string, makeHelper: (path: string) => void): string {
    cpSync(`${repository}/dist/lib`, `${files}/dist/lib`, { recursive: true });
    mkdirSync(`${files}/dist/helper`);
    symlinkSync(`${repository}/node_modules`, `${files}/node_modules`);
    makeHelper(`${files}/dist/helper/tsenter-helper`);
    return `${files}/dist/lib/index.js`;
  }

  const compiled = (statement: string) => (path: string) =>
    execFileSync('cc', ['-x', 'c', '-o', path, '-'], {
      input: `#include <signal.h>\nint main(void) { ${statement}; return 0; }`,
    });

  const foreign = Buffer.alloc(64);
  foreign.write('\x7fELF\x02\x01\x01', 'latin1');
  foreign.writeUInt16LE(process.arch === 'arm64' ? 62 : 183, 18);

  it.each<[string, (path: string) => void, RegExp]>([
    [
      'killed',
      compiled('raise(SIGKILL)'),
      /^rejected SIGKILL ended .*-helper before it was executed\nexit null SIGKILL\nclose null SIGKILL\n$/,
    ],
    [
      'with a status',
      compiled('return 1'),
      /^rejected .*-helper ended with status 1 before it was executed\nerror EPROTO\nclose -71 null\n$/,
    ],
    [
      'with 0',
      compiled('return 0'),
      /^rejected .*-helper ended with status 0 before it was executed\nerror EPROTO\nclose -71 null\n$/,
    ],
    [
      'of another machine',
      (path) => writeFileSync(path, foreign, { mode: 0o755 }),
      /^thrown execute .*-helper: Exec format error\n$/,
    ],
    [
      'that is a script',
      (path) => writeFileSync(path, 'echo a shell read it\n', { mode: 0o755 }),
      /^thrown execute .*-helper: Exec format error\n$/,
    ],
    ['that is not there', () => undefined, /^thrown open .*-helper: No such file or directory\n$/],
  ])('%s', async (_, makeHelper, expected) => {
    using files = scratch();
    const code = `
      const { spawn } = await import(${JSON.stringify(library(files.path, makeHelper))});
      try {
        const child = spawn('true', { target: ${target.pid}, all: true, stdio: ['ignore', 'inherit', 'inherit'] });
        child.entered.then(() => console.log('entered'), (error) => console.log('rejected', error.reason));
        child.on('error', (error) => setImmediate(() => console.log('error', error.code)));
        child.on('exit', (...values) => setImmediate(() => console.log('exit', ...values)));
        child.on('close', (...values) => setTimeout(() => console.log('close', ...values)));
      } catch (error) {
        console.log('thrown', error.message);
      }`;
    const { stdout, stderr } = await programEnds(code);
    expect(stderr).toBe('');
    expect(stdout).toMatch(expected);
  });
});

it('is executed as an image that nobody inside can write to, of which there is one for all entries', async () => {
  const code = `
    import { readdirSync, readlinkSync } from 'node:fs';
    const images = () => readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return readlinkSync('/proc/self/fd/' + fd).startsWith('/memfd:tsenter');
      } catch {}
    });
    const options = { target: ${target.pid}, all: true, root: true, newSession: true };
    const children = [tsenter.spawn('cat', options), tsenter.spawn('cat', options)];
    for (const child of children) {
      await child.entered;
      console.log(readlinkSync('/proc/' + child.pid + '/exe'));
      child.stdin.end();
    }
    console.log(images().length);
    const plain = tsenter.spawn('cat', { ...options, unsealed: true });
    await plain.entered;
    console.log(readlinkSync('/proc/' + plain.pid + '/exe'));
    plain.stdin.end();`;
  const image = '/memfd:tsenter (deleted)\n';
  expect(await programEnds(code)).toEqual({
    stdout: `${image}${image}1\n${repository}/dist/helper/tsenter-helper\n`,
    stderr: '',
    code: 0,
    signal: null,
  });
});

it('has no image of it any more when a worker that has made one ends, however that is', async () => {
  const code = `
    import { readdirSync, readlinkSync } from 'node:fs';
    import { isMainThread, parentPort, Worker } from 'node:worker_threads';
    const isImage = (fd) => {
      try {
        return readlinkSync('/proc/self/fd/' + fd).startsWith('/memfd:tsenter');
      } catch {
        return false;
      }
    };
    const images = () => readdirSync('/proc/self/fd').filter(isImage).length;
    if (isMainThread) {
      const worker = new Worker(new URL(import.meta.url));
      worker.once('message', async (inside) => {
        await worker.terminate();
        console.log(inside, images());
      });
    } else {
      await tsenter.run('true', { target: ${target.pid}, root: true });
      parentPort.postMessage(images());
      setInterval(() => {}, 1e6);
    }`;
  expect(await programEnds(code)).toEqual({ stdout: '1 0\n', stderr: '', code: 0, signal: null });
});

it('is executed as it is where there can be no image, and makes itself one', async () => {
  const code = `console.log((await tsenter.run('echo', ['entered'], { target: ${target.pid}, root: true })).stdout);`;
  const filtered = [program('filtered'), '1', 'memfd_create', '--'];
  expect(await programEnds(code, { under: filtered })).toMatchObject({
    stdout: 'entered\n',
    stderr: '',
    code: 0,
  });
});

it('closes in a worker what it has opened, without a warning', async () => {
  const code = `
    import { isMainThread, Worker } from 'node:worker_threads';
    if (isMainThread) new Worker(new URL(import.meta.url));
    else console.log((await tsenter.run('hostname', { target: ${target.pid}, all: true })).exitCode);`;
  expect(await programEnds(code)).toEqual({ stdout: '0\n', stderr: '', code: 0, signal: null });
});

describe('without a listener', () => {
  it.each([
    [
      'a program that is not there',
      `'nosuch', { target: PID, all: true }`,
      'execute nosuch: No such file or directory',
    ],
    [
      'a step that fails',
      `'true', { target: PID, namespaces: { user: '/proc/self/ns/user' } }`,
      'enter user namespace of /proc/self/ns/user: Invalid argument',
    ],
  ])('%s ends the process', async (_, words, message) => {
    const code = `tsenter.spawn(${words.replace('PID', String(target.pid))}).on('exit', () => console.log('exit'));`;
    const { stdout, stderr, code: status } = await programEnds(code);
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 });
    expect(stderr).toContain(`TsenterError: ${message}\n`);
  });
});

it('has no exit for what was not executed, and child_process’s close', async () => {
  const child = spawn('nosuch', { target: target.pid, all: true });
  const events: unknown[] = [];
  for (const event of ['error', 'exit', 'close'] as const)
    child.on(event, (...values: unknown[]) => events.push([event, ...values]));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await expect(child.entered).rejects.toBeInstanceOf(TsenterError);
  await closed;
  expect(events).toEqual([
    ['error', expect.objectContaining({ code: 'ENOENT', errno: 2, status: 127 })],
    ['close', -2, null],
  ]);
  expect(child).toMatchObject({ exitCode: -2, signalCode: null });
});

it('is named for one call, and the next has its own again', async () => {
  const code = `
    const options = { target: ${target.pid}, all: true };
    const reason = (call) => call().then(() => 'none', (error) => error.code);
    const wrong = ['/nonexistent/helper', '/etc/passwd', ${JSON.stringify(process.execPath)}];
    for (const helperPath of wrong) {
      console.log(await reason(() => tsenter.run('true', { ...options, helperPath })));
      console.log((await tsenter.run('echo', ['entered'], options)).stdout);
    }
    // Meanwhile another one is named.
    const explained = tsenter.explain('true', { ...options, uid: 'root', root: true });
    await reason(() => tsenter.run('true', { ...options, helperPath: wrong.at(-1) }));
    console.log((await explained).verdict.enters);
    tsenter.enter('echo', ['replaced'], { ...options, uid: 'root', root: true });`;
  expect(await programEnds(code)).toMatchObject({
    stdout: 'ENOENT\nentered\nENOEXEC\nentered\nEPROTO\nentered\ntrue\nreplaced\n',
    stderr: '',
    code: 0,
  });
});

describe('a program that a bundler has made one file of', () => {
  const source = `
    import { spawn } from '${repository}/dist/lib/index.js';
    try {
      const child = spawn('echo', ['entered'], { target: Number(process.argv[2]), all: true, helperPath: process.argv[3] });
      child.stdout.pipe(process.stdout);
    } catch (error) {
      console.log(error.hint);
    }`;

  it.each(['esm', 'cjs'] as const)('%s', async (format) => {
    using files = scratch();
    const [from, bundle] = [
      `${files.path}/source.mjs`,
      `${files.path}/bundle.${format === 'esm' ? 'mjs' : 'cjs'}`,
    ];
    writeFileSync(from, source);
    const options = [
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--outfile=${bundle}`,
      '--log-level=error',
    ];
    execFileSync(`${repository}/node_modules/.bin/esbuild`, [from, ...options]);
    const words = [process.execPath, bundle, String(target.pid)];
    expect(await ended(words)).toMatchObject({
      stdout: expect.stringMatching(/tsenter has to be external .* or helperPath/),
      stderr: '',
    });
    expect(await ended([...words, `${repository}/dist/helper/tsenter-helper`])).toMatchObject({
      stdout: 'entered\n',
      stderr: '',
    });
  });
});
