/** The library's spawn(): an ordinary child process, and failures that are never taken for the program's own. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The built library, as users get it: it finds its helper beside itself.
import { type EnteredProcess, type SpawnOptions, spawn, TsenterError } from '../../dist/lib/index.js';
import type { ProbeReport } from '../support/probe.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({
    namespaces: ['mount', 'pid', 'uts'],
    hostname: 'inside',
    root: 'pivot',
    env: { MARK: 'theirs', PATH: '/bin' },
  });
});

afterAll(() => target.stop());

async function outcome(
  child: EnteredProcess,
): Promise<{ stdout: string; code: number | null; error: unknown }> {
  let stdout = '';
  let error: unknown;
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
  });
  child.once('error', (failure) => {
    error = failure;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { stdout, code, error };
}

function run(
  words: readonly string[],
  options: Omit<SpawnOptions, 'target'> = {},
): ReturnType<typeof outcome> {
  const [program, ...rest] = words;
  return outcome(spawn(program, rest, { target: target.pid, namespaces: ['mount', 'pid'], ...options }));
}

describe('a program that is executed', () => {
  it('is inside, and its status is its own', async () => {
    expect(await run(['sh', '-c', 'echo $$; cat /etc/passwd | head -n 1; exit 1'])).toEqual({
      stdout: expect.stringMatching(/^[0-9]{1,3}\nroot:x:0:0:root:/),
      code: 1,
      error: undefined,
    });
  });

  it('fulfils `entered` before it ends', async () => {
    const child = spawn('cat', [], { target: target.pid, all: true });
    await child.entered;
    expect(child.exitCode).toBeNull();
    child.stdin?.end();
    expect((await outcome(child)).code).toBe(0);
  });

  it('gets stdin, and words that are UTF-8', async () => {
    const child = spawn('sh', ['-c', 'cat; printf %s "$1"', 'sh', 'größe'], {
      target: target.pid,
      namespaces: ['mount'],
    });
    child.stdin?.end('from outside ');
    const { stdout } = await outcome(child);
    expect(Buffer.from(stdout, 'latin1').toString()).toBe('from outside größe');
  });

  it('has the environment that was asked for', async () => {
    expect((await run(['sh', '-c', 'echo $MARK'], { env: { MARK: 'mine', PATH: '/bin' } })).stdout).toBe(
      'mine\n',
    );
    expect((await run(['sh', '-c', 'echo $MARK'], { targetEnvironment: true })).stdout).toBe('theirs\n');
  });

  it('has no descriptor but the standard streams', async () => {
    const { stdout } = await run(['/probe'], {
      namespaces: { mount: true, net: '/proc/self/ns/net' },
      root: true,
    });
    const { fds } = JSON.parse(stdout) as ProbeReport;
    // What Node itself inherited at high numbers it hands on to every child.
    expect(fds.map(({ fd }) => fd).filter((fd) => fd < 100)).toEqual([0, 1, 2]);
  });

  it('is a login shell where none is named', async () => {
    const child = spawn(undefined, [], { target: target.pid, namespaces: ['mount'], env: { PATH: '/bin' } });
    child.stdin?.end('echo $0');
    expect((await outcome(child)).stdout).toBe('-sh\n');
  });

  it('stays in its PID namespace with fork: false', async () => {
    const child = spawn('sh', ['-c', 'echo $$'], {
      target: target.pid,
      namespaces: ['mount', 'pid'],
      fork: false,
    });
    expect((await outcome(child)).stdout).toBe(`${child.pid}\n`);
  });

  it('is killed by the signal that aborts', async () => {
    const controller = new AbortController();
    const child = spawn('cat', [], { target: target.pid, all: true, signal: controller.signal, fork: false });
    await child.entered;
    const ended = outcome(child);
    controller.abort();
    expect((await ended).error).toMatchObject({ name: 'AbortError' });
  });
});

/** What a program in JavaScript can write, whatever the types say. */
function misspelt(options: object): SpawnOptions {
  return { target: process.pid, ...options } as SpawnOptions;
}

describe('a failure', () => {
  it('of the program is an error with its cause', async () => {
    const child = spawn('nonexistent', [], { target: target.pid, namespaces: ['mount'] });
    const rejected = expect(child.entered).rejects.toBeInstanceOf(TsenterError);
    const { code, error } = await outcome(child);
    await rejected;
    expect(code).toBe(127);
    expect(error).toMatchObject({
      message: 'execute nonexistent: No such file or directory',
      verb: 'execute',
      object: 'nonexistent',
      reason: 'No such file or directory',
      errno: 2,
      status: 127,
    });
  });

  it('of a step is an error with a hint', async () => {
    const child = spawn('true', [], { target: target.pid, namespaces: { user: '/proc/self/ns/user' } });
    const { code, error } = await outcome(child);
    expect(code).toBe(1);
    expect(error).toMatchObject({
      message: 'enter user namespace of /proc/self/ns/user: Invalid argument',
      hint: expect.stringContaining('in already'),
    });
  });

  it.each<[string, SpawnOptions, RegExp]>([
    ['no target', { all: true }, /no target PID specified/],
    ['a target that is not there', { target: 0x7fff_fffe, all: true }, /No such process/],
    ['nothing to enter', { target: process.pid }, /no namespace specified/],
    ['a namespace by its name in /proc', misspelt({ namespaces: ['mnt', 'uts'] }), /unknown namespace/],
    ['a namespace that is misspelt', misspelt({ namespaces: { mnt: true } }), /unknown namespace/],
    ['one namespace as a string', misspelt({ namespaces: 'uts' }), /neither an array nor an object/],
    ['an option that is misspelt', misspelt({ all: true, rooot: true }), /option rooot: unknown option/],
    [
      'options that exclude each other',
      { target: process.pid, workingDirectory: '/', workingDirectoryInside: '/' },
      /mutually exclusive/,
    ],
    ['a bad id', { target: process.pid, all: true, uid: -1 }, /not a number/],
  ])('before anything is started is thrown: %s', (_, options, message) => {
    expect(() => spawn('true', [], options)).toThrow(message);
  });
});

it('leaves no descriptor open', async () => {
  const count = () => readdirSync('/proc/self/fd').length;
  await run(['true']);
  const before = count();
  for (let i = 0; i < 5; i++) {
    await run(['true'], { uid: 0, namespaces: [], all: true });
    expect(() => spawn('true', [], { target: target.pid, namespaces: { net: '/nowhere' } })).toThrow();
  }
  expect(count()).toBe(before);
});
