/** The library's Target, and what the command line shows as data. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { explain, list, resolve, run, runSync, spawn, Target, TsenterError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { violations } from '../support/json-schema.ts';
import { programEnds, startInside } from '../support/library.ts';
import { buildPrograms } from '../support/programs.ts';
import { type Target as Process, startTarget } from '../support/targets.ts';

let target: Process;
let host: Scratch;

beforeAll(async () => {
  buildPrograms();
  target = await startInside();
  host = scratch();
  mkdirSync(`${host.path}/run/runc/web`, { recursive: true });
  const start = Number(readFileSync(`/proc/${target.pid}/stat`, 'latin1').split(' ')[21]);
  const state = { id: 'web', init_process_pid: target.pid, init_process_start: start };
  writeFileSync(`${host.path}/run/runc/web/state.json`, JSON.stringify(state));
});

afterAll(async () => {
  host[Symbol.dispose]();
  await target.stop();
});

const env = { PATH: '/bin' };

describe('a target that is held', () => {
  it('is entered many times, and looked up once', async () => {
    using web = new Target('runc:web', { hostRoot: host.path });
    expect(web).toMatchObject({
      pid: target.pid,
      container: { engine: 'runc', id: 'web', names: [] },
      hasEnded: false,
    });
    // Nothing is looked up any more: there is no such directory.
    for (let round = 0; round < 3; round++)
      expect((await run('hostname', { target: web, env })).stdout).toBe('inside');
  });

  it('is no other process, once it has ended', async () => {
    const process = await startTarget({ namespaces: ['uts'] });
    using held = new Target(process.pid);
    await process.stop();
    expect(held.hasEnded).toBe(true);
    expect(() => spawn('true', { target: held, all: true })).toThrow(/No such process/);
    // Nothing is told of whoever has its number by now.
    expect(await explain('true', { target: held, all: true })).toMatchObject({
      target: null,
      verdict: { enters: false, reason: expect.stringContaining('No such process') },
    });
  });

  it('is what explain() tells of, too', async () => {
    const web = new Target('runc:web', { hostRoot: host.path });
    const { verdict, target: told } = await explain('true', { target: web, env });
    expect({ enters: verdict.enters, pid: told?.pid }).toEqual({ enters: true, pid: target.pid });
    web.close();
    expect(() => web.hasEnded).toThrow(expect.objectContaining({ code: expect.any(String) }));
    const closed = await explain('true', { target: web, env }).catch((error: Error) => error.message);
    expect(closed).toContain('it was closed');
  });

  it('is let go by close() and by using, and not entered afterwards', () => {
    const open = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return (
            readlinkSync(`/proc/self/fd/${fd}`) === 'anon_inode:[pidfd]' ||
            readlinkSync(`/proc/self/fd/${fd}`).startsWith('pidfd:')
          );
        } catch {
          return false;
        }
      }).length;
    const before = open();
    const held = new Target(target.pid);
    {
      using other = new Target(String(target.pid));
      expect(other.pid).toBe(target.pid);
      expect(open()).toBe(before + 2);
    }
    held.close();
    held.close();
    expect(open()).toBe(before);
    expect(() => spawn('true', { target: held, all: true })).toThrow('enter target: it was closed');
    expect(() => held.pid).toThrow(TsenterError);
  });
});

describe('a name', () => {
  it('leads to a process', () => {
    expect(resolve(target.pid)).toEqual({ pid: target.pid, container: null });
    expect(resolve('web', { hostRoot: host.path })).toEqual({
      pid: target.pid,
      container: { engine: 'runc', id: 'web', names: [] },
    });
  });

  it.each([
    ['nosuch', /^parse target 'nosuch': /],
    [0x7fff_fffe, /: No such process$/],
    [-1, /^parse target '-1': /],
    [null, /^parse target: neither a number nor a string/],
  ])('%j leads nowhere, which is an error', (name, message) => {
    expect(() => resolve(name as string, { hostRoot: host.path })).toThrow(message);
  });

  it('is looked up where this process says, not where the environment of the program does', async () => {
    const theirs = { target: 'runc:web', all: true, env: { ...env, TSENTER_HOST_ROOT: host.path } };
    const nothing = /^parse target 'runc:web': /;
    expect(() => spawn('true', theirs)).toThrow(nothing);
    expect(() => runSync('true', theirs)).toThrow(nothing);
    expect((await explain('true', theirs)).verdict).toMatchObject({ enters: false });
    expect(
      await programEnds(
        `try { tsenter.enter('true', ${JSON.stringify(theirs)}); } catch (error) { console.log(error.message); }`,
      ),
    ).toMatchObject({ stdout: expect.stringMatching(nothing) });

    process.env.TSENTER_HOST_ROOT = host.path;
    try {
      const options = { target: 'runc:web', all: true, env };
      expect((await run('hostname', options)).stdout).toBe('inside');
      expect(runSync('hostname', options).stdout).toBe('inside');
      expect((await explain('hostname', options)).verdict).toMatchObject({ enters: true });
      expect(resolve('runc:web').pid).toBe(target.pid);
      expect((await list(['runc:web'])).nameless).toEqual([]);
      // The program has its own all the same, its login shell as well.
      const shell = { ...options, env: { ...env, SHELL: '/bin/sh' }, input: 'echo $TSENTER_HOST_ROOT. $0' };
      expect((await run(shell)).stdout).toBe('. -sh');
    } finally {
      delete process.env.TSENTER_HOST_ROOT;
    }
  });
});

it('lists as --list=json does', async () => {
  const listing = await list([], { hostRoot: host.path });
  expect(listing.nameless).toEqual([]);
  expect(violations(listing)).toEqual([]);
  expect(listing.targets).toContainEqual(
    expect.objectContaining({ target: 'runc:web', pid: target.pid, state: 'running' }),
  );
  const printed = spawnSync(tsenter, ['--list=json', `--host-root=${host.path}`, 'runc:web'], {
    encoding: 'utf8',
  });
  const [own, theirs] = [await list(['runc:web'], { hostRoot: host.path }), JSON.parse(printed.stdout)].map(
    ({ targets }) => {
      const [{ uptime: _, ...one }] = targets;
      return one;
    },
  );
  expect(own).toEqual(theirs);
  expect(await list(['runc:nosuch'], { hostRoot: host.path })).toMatchObject({
    targets: [],
    nameless: ['runc:nosuch'],
  });
  await expect(list('web' as unknown as string[])).rejects.toThrow('parse patterns: not an array');
});

it('explains as --explain=json does', async () => {
  const explained = await explain('sh', { target: target.pid, all: true, env });
  const printed = spawnSync(tsenter, ['--explain=json', '-t', String(target.pid), '-a', 'sh'], {
    encoding: 'utf8',
    env,
  });
  const { stays: _, plan, ...told } = JSON.parse(printed.stdout);
  expect(explained).toMatchObject(told);
  expect(violations(explained, 'explain')).toEqual([]);
  expect(explained.plan.map(({ step }) => step)).toEqual(plan.map(({ step }: { step: string }) => step));
  expect((await explain('nosuch', { target: target.pid, all: true, env })).verdict).toMatchObject({
    enters: false,
    reason: 'execute nosuch: No such file or directory',
  });
  expect((await explain('true', { target: 0x7fff_fffe, all: true })).verdict.enters).toBe(false);
  await expect(explain('true', { target: 1, rooot: true } as object)).rejects.toThrow("option 'rooot'");
});

describe('in place of this process', () => {
  const words = () => `{ target: ${target.pid}, all: true, env: { PATH: '/bin' } }`;

  it('a program has its streams, and its end is this one’s', async () => {
    const code = `process.on('exit', () => console.log('never'));
      tsenter.enter('sh', ['-c', 'hostname; echo $0 $1 >&2; exit 7', 'größe', 'b'], ${words()});`;
    expect(await programEnds(code)).toMatchObject({ stdout: 'inside\n', stderr: 'größe b\n', code: 7 });
    expect(await programEnds(`tsenter.enter('sh', ['-c', 'kill -9 $$'], ${words()});`)).toMatchObject({
      signal: 'SIGKILL',
    });
  });

  it('a failure before is thrown, and one inside is told', async () => {
    const thrown = `try { tsenter.enter('true', { target: 0x7ffffffe, all: true }); } catch (error) { console.log(error.code); }`;
    expect(await programEnds(thrown)).toMatchObject({ stdout: 'ESRCH\n', code: 0 });
    expect(await programEnds(`tsenter.enter('nosuch', ${words()});`)).toMatchObject({
      stderr: expect.stringMatching(/^tsenter: execute nosuch: No such file or directory\n/),
      code: 127,
    });
  });

  it('nothing is executed from a worker', async () => {
    const code = `
      import { isMainThread, Worker } from 'node:worker_threads';
      if (isMainThread) new Worker(new URL(import.meta.url));
      else
        try { tsenter.enter('true', ${words()}); } catch (error) { console.log(error.message); }`;
    expect(await programEnds(code)).toMatchObject({
      stdout: 'replace this process: not from a worker\n',
      code: 0,
    });
  });
});
