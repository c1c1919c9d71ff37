/** How spawn() can be called, as the compiler and the program see it. */
import type { Readable, Writable } from 'node:stream';
import { type EnteredProcess, type SpawnOptions, spawn, UsageError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { startInside } from '../support/library.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startInside();
});

afterAll(() => target.stop());

async function textOf(child: EnteredProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (part: Buffer) => {
    text += part.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return text;
}

const inside = () => ({ target: target.pid, all: true, env: { PATH: '/bin' } }) as const;

it('takes words, none, or a login shell', async () => {
  expect(await textOf(spawn('echo', ['a', 'b'], inside()))).toBe('a b\n');
  expect(await textOf(spawn('hostname', inside()))).toBe('inside\n');
  for (const none of [null, undefined, []])
    expect(await textOf(spawn('hostname', none, inside()))).toBe('inside\n');
  const shell = spawn(inside());
  shell.stdin.end('echo $0\n');
  expect(await textOf(shell)).toBe('-sh\n');
});

it.each<[readonly unknown[], string]>([
  [['true', 'x', {}], 'parse arguments: not an array of strings, but string'],
  [['true', ['a', 1], {}], 'parse argument 1: not a string, but number'],
  [['true', ['a\0b'], {}], 'parse argument 0: a character is NUL, which ends words'],
  [['a\0b', {}], 'parse program: a character is NUL, which ends words'],
  [[1, [], {}], 'parse program: not a string, but number'],
  [[null, {}], 'parse program: not a string, but null'],
  [['true'], 'parse options: not an object, but undefined'],
  [['true', [], null], 'parse options: not an object, but null'],
  [[], 'parse options: not an object, but undefined'],
  [[undefined, ['a'], {}], 'parse program: not a string, but undefined'],
  [
    ['true', { all: true, target: 1, cwd: '/', workingDirectoryInside: '/' }],
    'parse options cwd and workingDirectoryInside: mutually exclusive',
  ],
  [['true', { all: true, target: 1, argv0: 'a\0b' }], 'parse argv0: not a string without NUL'],
  [[{ all: true, target: 1, argv0: 'a' }], 'parse argv0: no program is named'],
  [
    ['true', { all: true, target: 1, pty: { columns: -1, rows: 3 } }],
    'parse columns of a terminal: not a number up to 65535',
  ],
])('refuses %j', (values, message) => {
  const call = spawn as unknown as (...values: readonly unknown[]) => unknown;
  let thrown: unknown;
  try {
    call(...values);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UsageError);
  expect(thrown).toMatchObject({ message, code: 'ERR_INVALID_ARG_VALUE' });
});

it('has the streams that were asked for', async () => {
  const child = spawn('true', { ...inside(), stdio: ['ignore', null, undefined] });
  expectTypeOf(child.stdin).toEqualTypeOf<null>();
  expectTypeOf(child.stdout).toEqualTypeOf<Readable>();
  expectTypeOf(child.stderr).toEqualTypeOf<Readable>();
  expect(child.stdin).toBeNull();
  expect(child.stdout).toBeDefined();
  expect(child.stdio).toHaveLength(3);
  await textOf(child);
});

describe('the types', () => {
  /** Never called: the compiler is who tries it. */
  const tried = () => {
    const usual = spawn('true', [], { target: 1, env: process.env });
    expectTypeOf(usual.stdin).toEqualTypeOf<Writable>();
    usual.stdout.pipe(process.stdout);
    const ignored = spawn('true', { target: 1, stdio: 'ignore' });
    expectTypeOf(ignored.stdout).toEqualTypeOf<null>();
    const one = spawn('true', { target: 1, stdio: ['pipe'] });
    expectTypeOf(one.stderr).toEqualTypeOf<Readable>();
    const options: SpawnOptions = { target: 1 };
    const unknown = spawn('true', options);
    expectTypeOf(unknown.stdout).toEqualTypeOf<Readable | null>();
    const any: EnteredProcess = usual;
    // @ts-expect-error a misspelt option
    spawn('true', { target: 1, rooot: true });
    return [one, any];
  };

  it('are those of child_process', () => expect(tried).toBeTypeOf('function'));
});

it('tells the process id of the program on this host', async () => {
  const child = spawn('sh', ['-c', 'read line'], inside());
  const pid = await child.entered;
  expect(pid).not.toBe(child.pid);
  process.kill(pid, 'SIGTERM');
  await textOf(child);
  expect(child.signalCode).toBe('SIGTERM');
  const same = spawn('sh', ['-c', 'read line'], { ...inside(), fork: false });
  expect(await same.entered).toBe(same.pid);
  same.stdin.end();
  await textOf(same);
});

it('starts where cwd says, by the name that argv0 says', async () => {
  expect(await textOf(spawn('pwd', { ...inside(), cwd: '/bin' }))).toBe('/bin\n');
  expect(await textOf(spawn('pwd', { ...inside(), cwd: new URL('file:///bin') }))).toBe('/bin\n');
  expect(
    await textOf(spawn('sh', ['-c', 'echo $0'], { target: target.pid, namespaces: ['uts'], argv0: 'mine' })),
  ).toBe('mine\n');
});

it('has a terminal of the size that was said, and of another one later', async () => {
  const child = spawn('sh', ['-c', 'trap "stty size" WINCH; stty size; read a; read b'], {
    target: target.pid,
    namespaces: ['uts'],
    pty: { columns: 90, rows: 31 },
  });
  let text = '';
  for await (const part of child.stdout) {
    text += String(part);
    if (text === '31 90\r\n') child.resize({ columns: 120, rows: 40 });
    if (text.includes('40 120')) child.stdin.end('\n\n');
  }
  expect(text).toBe('31 90\r\n40 120\r\n');
  expect(() => child.resize({ columns: 1e6, rows: 1 })).toThrow('columns of a terminal');
});
