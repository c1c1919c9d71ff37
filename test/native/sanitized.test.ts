/**
 * The whole executable, engine included, under AddressSanitizer and UndefinedBehaviorSanitizer, and under valgrind.
 * Nothing of the engine needs an exception from either. Both see the bounds of a block only where it is malloc's
 * (malloc-memory.c); the executable's own allocator is tried as well. What runs before the C library (start.c) is not.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun, type Outcome, run } from '../support/command.ts';
import { program, repository } from '../support/programs.ts';
import { engineDirectory, executable, execute } from './build.ts';
import { files, startSubject, t } from './subject.ts';

const valgrind = '/usr/bin/valgrind';

const reason = startSubject('sanitized', ['uts', 'ipc', 'net', 'pid', 'mount', 'cgroup', 'time']);

const namespaceFile = (name: string): string => `/proc/${t}/ns/${name}`;
const many = Array.from({ length: 10_000 }, (_, index) => `operand-${index}`);

interface Line {
  readonly name: string;
  readonly words: () => string[];
}

/** valgrind 3.19 knows no pidfd_open(2) and executes nothing by a descriptor: these name no target and are not sealed. */
const withoutTarget: readonly Line[] = [
  { name: 'help', words: () => ['--help'] },
  { name: 'the version', words: () => ['--version'] },
  { name: 'nothing', words: () => [] },
  { name: 'an unknown option', words: () => ['--no-such-option'] },
  { name: 'an ambiguous abbreviation', words: () => ['--set', '1'] },
  { name: 'an abbreviation', words: () => [`--ut=${namespaceFile('uts')}`, '/bin/hostname'] },
  { name: 'a number that is none', words: () => ['-S', '12x', '-u', 'true'] },
  { name: 'a target that does not exist', words: () => ['-t', '999999999', '-u', 'true'] },
  { name: 'a file that does not exist', words: () => ['--uts=/nonexistent', 'true'] },
  { name: 'a file that is no namespace', words: () => ['--uts=/etc/passwd', 'true'] },
  { name: 'a namespace of another type', words: () => [`--net=${namespaceFile('uts')}`, 'true'] },
  { name: 'bytes that are not UTF-8', words: () => ['--wd=/nonexistent/%FF%C3', '-r/', 'true'] },
  {
    name: 'namespace files',
    words: () => [`--uts=${namespaceFile('uts')}`, `-n${namespaceFile('net')}`, '/bin/hostname'],
  },
  { name: 'a fork', words: () => [`--pid=${namespaceFile('pid')}`, program('probe'), 'exit', '5'] },
  { name: 'no fork', words: () => [`--pid=${namespaceFile('pid')}`, '-F', program('probe'), 'exit', '5'] },
  { name: 'directories', words: () => ['--unsealed', '-r/', '-w/usr', '/bin/pwd'] },
  {
    name: 'a program that does not exist',
    words: () => [`--uts=${namespaceFile('uts')}`, 'no-such-program'],
  },
  { name: 'other ids', words: () => [`--uts=${namespaceFile('uts')}`, '-S', '7', '-G', '8', '/usr/bin/id'] },
  { name: '10,000 operands', words: () => [`--uts=${namespaceFile('uts')}`, '/bin/echo', ...many] },
  {
    name: 'a 100 KB option',
    words: () => [`--wd=/${'x'.repeat(100_000)}`, `--uts=${namespaceFile('uts')}`, 'true'],
  },
];

const withTarget: readonly Line[] = [
  { name: 'a target', words: () => ['-t', t, '-u', '-i', '-n', '/bin/hostname'] },
  { name: 'a target, forked', words: () => ['-t', t, '-p', '-u', program('probe'), 'exit', '6'] },
  { name: 'a target, not forked', words: () => ['-t', t, '-p', '-F', program('probe'), 'exit', '6'] },
  { name: 'all of a target', words: () => ['-t', t, '-a', '/bin/busybox', 'hostname'] },
  {
    name: 'root and working directory of a target',
    words: () => ['-t', t, '-r', '-w', '/probe', 'exit', '3'],
  },
  { name: 'the environment', words: () => ['-t', t, '-u', '-e', '/usr/bin/env'] },
  { name: 'the cgroup', words: () => ['-t', t, '-u', '-c', program('probe'), 'exit', '2'] },
  { name: 'an explanation', words: () => ['-t', t, '-a', '-e', '--explain', 'true'] },
  {
    name: 'the ids of the target',
    words: () => ['-t', t, '-u', '-S', 'follow', '-G', 'follow', '/usr/bin/id'],
  },
  { name: 'a shell', words: () => ['-t', t, '-a'] },
  { name: 'a process that is killed', words: () => ['-t', t, '-p', program('probe'), 'kill', '15'] },
  { name: '10,000 operands, forked', words: () => ['-t', t, '-u', '-p', '/bin/echo', ...many] },
];

function seen({ status, signal, stdout, stderr }: Outcome): object {
  return { status, signal, stdout: stdout.toString('latin1'), stderr: stderr.toString('latin1') };
}

const environment = { PATH: '/usr/bin:/bin', SHELL: '/bin/sh' };

type Allocator = 'malloc' | 'its own memory';

const memories: Readonly<Record<Allocator, string>> = {
  malloc: `${repository}/test/native/malloc-memory.c`,
  'its own memory': `${repository}/helper-c/native/memory.c`,
};
const allocators = Object.keys(memories) as Allocator[];

/** Compiles every file of the executable with the machine's compiler and C library, and links it with either. */
async function compile(name: string, flags: readonly string[]): Promise<Readonly<Record<Allocator, string>>> {
  const engine = engineDirectory();
  const rooms = readdirSync(`${repository}/helper-c`, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node')
    .map(({ name }) => name);
  const others = ['compile.c', 'memory.c', 'start.c'];
  const shared = [
    ...['cutils', 'libregexp', 'libunicode'].map((part) => `${engine}/${part}.c`),
    ...rooms.flatMap((room) =>
      readdirSync(`${repository}/helper-c/${room}`)
        .filter((file) => file.endsWith('.c') && !others.includes(file))
        .map((file) => `${repository}/helper-c/${room}/${file}`),
    ),
    `${repository}/test/native/hosted-start.c`,
  ];
  const directory = `${files.path}/${name}`;
  mkdirSync(directory);
  const common = [
    '-std=gnu11',
    '-g',
    '-O1',
    '-fwrapv',
    '-w',
    '-D_GNU_SOURCE',
    '-DCONFIG_VERSION="2021-03-27"',
  ];
  const include = ['-isystem', engine, `-I${repository}/helper-c`, `-I${repository}/dist/native`];
  // Rooms have files of the same name.
  const object = (source: string): string =>
    `${directory}/${basename(dirname(source))}-${basename(source)}.o`;
  const queue = [...shared, ...Object.values(memories)];
  const worker = async (): Promise<void> => {
    for (let source = queue.shift(); source !== undefined; source = queue.shift())
      await execute('gcc', [...common, ...flags, ...include, '-c', '-o', object(source), source]);
  };
  await Promise.all([worker(), worker()]);
  const link = async (allocator: Allocator): Promise<string> => {
    // Messages begin with the name that it is called by.
    const result = `${directory}/${allocator.replace(/ /g, '-')}/tsenter`;
    mkdirSync(dirname(result));
    const objects = [...shared, memories[allocator]].map(object);
    await execute('gcc', [...flags, '-o', result, ...objects, '-lm']);
    return result;
  };
  return { malloc: await link('malloc'), 'its own memory': await link('its own memory') };
}

describe.skipIf(reason !== undefined)('sanitizers', () => {
  let sanitized: Readonly<Record<Allocator, string>>;

  beforeAll(async () => {
    sanitized = await compile('sanitized', ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']);
  }, 300_000);

  describe.each(allocators)('%s', (allocator) => {
    it.each([...withoutTarget, ...withTarget])('$name: as the normal build', async ({ words }) => {
      const env = {
        ...environment,
        ASAN_OPTIONS: 'detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=0:exitcode=86',
        UBSAN_OPTIONS: 'print_stacktrace=1:exitcode=86',
      };
      const around = { env, timeout: 60_000, stdin: 'hostname; exit 4\n' };
      const sane = await run([sanitized[allocator], ...words()], around);
      expect(seen(sane)).toEqual(seen(await run([executable, ...words()], around)));
    });
  });

  it('would have found a mistake', () => {
    const script = `int main(int argc, char **argv) { int a[2] = { 1, 2 }; return a[argc + 1] + (argv == 0); }`;
    const wrong = `${files.path}/wrong`;
    const { status } = spawnSync(
      'gcc',
      ['-x', 'c', '-O0', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-o', wrong, '-'],
      { input: script },
    );
    expect(status).toBe(0);
    expect(spawnSync(wrong, { encoding: 'utf8' }).stderr).toMatch(/runtime error|AddressSanitizer/);
  });
});

const noValgrind = reason === undefined && !isExecutable(valgrind);
if (noValgrind) it.skipIf(!mustRun('needs valgrind'))('valgrind', () => undefined);

describe.skipIf(reason !== undefined || noValgrind)('valgrind', () => {
  const itself = 'the executable itself';
  let builds: Readonly<Record<Allocator | typeof itself, string>>;

  beforeAll(async () => {
    builds = { ...(await compile('valgrind', [])), [itself]: executable };
  }, 300_000);

  /** What it does not know is no error of ours: pidfd_open(2), and the ioctl of nsfs. */
  const unknown = [
    /^--\d+-- /,
    /^==\d+== Warning: noted but unhandled ioctl 0xb70\d/,
    /^==\d+== {4}This could cause spurious value errors/,
    /^==\d+== {4}See README_MISSING_SYSCALL_OR_IOCTL/,
  ];

  function complaints(directory: string): string[] {
    return readdirSync(directory)
      .flatMap((file) => readFileSync(`${directory}/${file}`, 'utf8').split('\n'))
      .filter((line) => line !== '' && !unknown.some((pattern) => pattern.test(line)));
  }

  /** What they show depends on pidfd_open(2). */
  const different = ['a target that does not exist', 'the version'];

  describe.each([...allocators, itself] as const)('%s', (allocator) => {
    it.each(withoutTarget)('$name: no complaint, and as without it', async ({ name, words }) => {
      const logs = `${files.path}/logs-${allocator}-${name}`.replace(/[ ,]/g, '-');
      mkdirSync(logs);
      const checked = [
        '--quiet',
        '--vgdb=no',
        '--error-exitcode=86',
        '--track-origins=yes',
        `--log-file=${logs}/%p`,
      ];
      const around = { env: environment, timeout: 60_000 };
      const outcome = await run([valgrind, ...checked, builds[allocator], ...words()], around);
      expect(complaints(logs)).toEqual([]);
      if (different.includes(name)) expect([0, 1]).toContain(outcome.status);
      else expect(seen(outcome)).toEqual(seen(await run([executable, ...words()], around)));
    });
  });
});
