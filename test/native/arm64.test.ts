/**
 * The executable for aarch64, under qemu's user emulation: in the hands of under-qemu.c it makes the system calls of
 * this machine, and the program that it executes is this machine's.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun, type Outcome, type RunOptions, run } from '../support/command.ts';
import { messageFormat, probeInside, type Scratch, scratch, tool } from '../support/enter.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { type Built, build, executable, missingExecutable } from './build.ts';
import { MACHINE, parseElf } from './elf.ts';
import { isHardened } from './hardened.ts';
import { beyondQemu, qemu } from './qemu.ts';

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (process.arch !== 'x64') return 'under-qemu.c is for x86-64';
  if (!isExecutable(qemu)) return `needs ${qemu} (Debian: qemu-user-static)`;
  if (!existsSync('/usr/lib/aarch64-linux-musl/rcrt1.o'))
    return 'needs musl-dev:arm64 and gcc-aarch64-linux-gnu';
  return missingExecutable();
}

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`arm64: ${reason}`, () => undefined);

let files: Scratch;
let target: Target;
let t: string;
let built: Built;
let emulated: string;

beforeAll(async () => {
  if (reason !== undefined) return;
  buildPrograms();
  files = scratch();
  built = await build({ target: 'aarch64' });
  // Rows are for ordinary users as well.
  const copy = `${files.path}/aarch64`;
  copyFileSync(built.executable, copy);
  emulated = `${files.path}/tsenter`;
  // Static: it is executed in roots without a C library.
  const words = ['-std=c11', '-O1', '-static', `-DQEMU="${qemu}"`, `-DEXECUTABLE="${copy}"`, '-o', emulated];
  tool('musl-gcc', ...words, `${repository}/test/programs/under-qemu.c`);
  target = await startTarget({
    namespaces: ['uts', 'ipc', 'net', 'pid', 'mount', 'cgroup', 'time'],
    hostname: 'inside',
    root: 'pivot',
  });
  t = String(target.pid);
}, 300_000);

afterAll(async () => {
  await target?.stop();
  files?.[Symbol.dispose]();
  built?.[Symbol.dispose]();
});

function enter(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run([emulated, ...words], { timeout: 60_000, ...options });
}

describe.skipIf(reason !== undefined)('under qemu', () => {
  it('is an executable of that machine', () => {
    expect(parseElf(readFileSync(built.executable)).machine).toBe(MACHINE.aarch64);
  });

  isHardened(() => built.executable);

  it('--version and --help', async () => {
    const version = await enter(['--version']);
    expect(version).toMatchObject({ status: 0, signal: null });
    expect(version.stdout.toString()).toMatch(/^tsenter \d+\.\d+\.\d+\nhost: native\n/);
    const help = await enter(['--help']);
    expect(help).toMatchObject({ status: 0, signal: null });
    expect(help.stdout.toString()).toBe((await run([executable, '--help'])).stdout.toString());
  });

  it.each([
    { name: 'an unknown option', words: ['--no-such-option'], status: 1 },
    { name: 'nothing to enter', words: [], status: 1 },
    { name: 'a target that does not exist', words: ['-t', '999999999', '-u', 'true'], status: 1 },
    { name: 'a file that does not exist', words: ['--uts=/nonexistent', 'true'], status: 1 },
    { name: 'a program that does not exist', words: ['-r/', '/nonexistent'], status: 127 },
    { name: 'a program that is none', words: ['-r/', '/etc/passwd'], status: 126 },
  ])('$name: status $status', async ({ words, status }) => {
    const outcome = await enter(words);
    expect(outcome).toMatchObject({ status, signal: null });
    expect(outcome.stderr.toString()).toMatch(messageFormat);
  });

  it.each([
    [['-u']],
    [['-i', '-n']],
    [['-m']],
    [['-T']],
    [['-C', '-u']],
    [['-p']],
    [['-p', '-F']],
    [['-a']],
    [['-r', '-w']],
  ])('enters what the native executable enters: %j', async (words) => {
    const inside = words.some((word) => ['-m', '-a', '-r'].includes(word)) ? { probe: '/probe' } : {};
    const arm = await probeInside(['-t', t, ...words], { ...inside, command: emulated });
    const x86 = await probeInside(['-t', t, ...words], { ...inside, command: executable });
    expect(arm.ns).toEqual(x86.ns);
    expect(arm.cwd).toBe(x86.cwd);
    const open = ({ fds }: typeof arm): object => fds.map(({ fd, type, cloexec }) => ({ fd, type, cloexec }));
    expect(open(arm)).toEqual(open(x86));
  });

  it.each([0, 1, 42, 127, 255])('status %i', async (status) => {
    for (const way of ['-u', '-p'])
      expect((await enter(['-t', t, way, program('probe'), 'exit', String(status)])).status).toBe(status);
  });

  it.each([
    ['SIGTERM', 15],
    ['SIGSEGV', 11],
    ['SIGKILL', 9],
  ])('a program that dies of %s', async (name, number) => {
    for (const way of ['-u', '-p'])
      expect((await enter(['-t', t, way, program('probe'), 'kill', String(number)])).signal).toBe(name);
  });

  it('10,000 operands, and bytes that are not UTF-8', async () => {
    const many = Array.from({ length: 10_000 }, () => '%FF');
    const outcome = await enter(['-t', t, '-u', '/bin/echo', ...many]);
    expect(outcome.stdout.equals(Buffer.from(`${'\xff '.repeat(9_999)}\xff\n`, 'latin1'))).toBe(true);
  });

  it('the conformance table, but for the rows that qemu cannot do', { timeout: 400_000 }, async () => {
    const report = `${files.path}/conformance.json`;
    await vitest(report);
    const results = (JSON.parse(readFileSync(report, 'utf8')) as Report).testResults.flatMap(
      ({ assertionResults }) => assertionResults,
    );
    expect(results.length).toBeGreaterThan(400);
    const named = (status: string): string[] =>
      results.filter((result) => result.status === status).map(({ title }) => title);
    const expected = beyondQemu.flatMap(({ rows }) => rows);
    expect(named('failed').filter((title) => !expected.includes(title))).toEqual([]);
    // Another version may do more.
    if (tool(qemu, '--version').includes('version 7.2.'))
      expect(named('passed').filter((title) => expected.includes(title))).toEqual([]);
    expect(results.length).toBe(named('failed').length + named('passed').length);
  });
});

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Its status is of no interest: rows fail. */
function vitest(report: string): Promise<void> {
  const words = ['run', '--project=conformance', '--reporter=json', `--outputFile=${report}`];
  const child = spawn(process.execPath, [`${repository}/node_modules/vitest/vitest.mjs`, ...words], {
    cwd: repository,
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', TSENTER_UNDER_TEST: emulated },
    stdio: 'ignore',
    timeout: 380_000,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}
