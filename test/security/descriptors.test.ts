/** CVE-2024-21626: a directory of the host among the descriptors of a program in a container is a way out. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { beforeProgram, enter, holdAt, namespacesOf, probeInside, until } from '../support/enter.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type TargetOptions } from '../support/targets.ts';

beforeAll(buildPrograms);

const container: TargetOptions = {
  namespaces: ['mount', 'pid', 'net', 'uts', 'ipc', 'cgroup'],
  root: 'pivot',
};
const everything = ['-a', '-r', '-w', '-c', '-e', '-S', 'follow', '-G', 'follow'];

describe.each([
  [['-m']],
  [['-m', '-p']],
  [['-r']],
  [['-a']],
  [['-a', '-F']],
  [['-a', '-r', '-w']],
  [['-r', '-W/']],
  [everything],
])('%j', (words) => {
  it('the program has the three standard streams', async () => {
    await using target = await startTarget(container);
    const report = await probeInside(['-t', String(target.pid), ...words], { probe: '/probe' });
    expect(report.fds.map(({ fd, cloexec }) => [fd, cloexec])).toEqual([0, 1, 2].map((fd) => [fd, false]));
  });

  it('what the caller opened is kept, and that only', async () => {
    await using target = await startTarget(container);
    const open = [3, 9, 251].map((fd) => ({ fd, mode: 'directory', path: '/' }) as const);
    const report = await probeInside(['-t', String(target.pid), ...words], { probe: '/probe', open });
    expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2, 3, 9, 251]);
  });

  it('until the exec, all of its own are close-on-exec', async () => {
    await using target = await startTarget(container);
    await using held = await holdAt(beforeProgram.slice(words[0] === '-r' ? 1 : 0), [
      '-t',
      String(target.pid),
      ...words,
      '/probe',
      'true',
    ]);
    if (words[0] === '-r') return;
    const flags = readdirSync(`/proc/${held.pid}/fd`)
      .filter((fd) => Number(fd) > 2)
      .map((fd) => readFileSync(`/proc/${held.pid}/fdinfo/${fd}`, 'utf8'))
      .map((info) => Number.parseInt(/^flags:\s+([0-7]+)$/m.exec(info)?.[1] ?? '0', 8));
    expect(flags.filter((bits) => (bits & 0o2000000) === 0)).toEqual([]);
    expect((await held.go()).status).toBe(0);
  });
});

/** What a descriptor of a process is, as long as it is open. */
function heldFile(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return 'closed since it was listed';
  }
}

it('the waiting parent holds nothing of what was opened, but the pipe by which it sees the exec', async () => {
  await using target = await startTarget(container);
  const words = ['-t', String(target.pid), ...everything, '/probe', 'sleep', '--pdeathsig'];
  const parent = spawn(tsenter, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(parent.stdout, 'data');
    expect(namespacesOf(Number(parent.pid)).mnt).toBe(namespacesOf(target.pid).mnt);
    const held = () => readdirSync(`/proc/${parent.pid}/fd`).map((fd) => heldFile(Number(parent.pid), fd));
    await until('everything else was closed', () => /^pipe:\[\d+\]$/.test(held().join()));
  } finally {
    parent.kill('SIGKILL');
  }
});

it('a way out through /proc/self/fd is not there', async () => {
  await using target = await startTarget(container);
  const script =
    'for fd in /proc/self/fd/*; do ls -d $fd/../etc/shadow $fd/etc/shadow; done 2>/dev/null; echo tried';
  const outcome = await enter(['-t', String(target.pid), ...everything, '/bin/sh', '-c', script]);
  expect(outcome.stdout.toString()).toBe('tried\n');
});

describe('the working directory is no tunnel', () => {
  it.each([
    [['-r']],
    [['-m']],
    [['-a']],
    [['-m', '-r']],
    [['-a', '-r']],
    [['-a', '-r', '-w']],
    [['-r', '-w']],
    [['-r', '-W/tmp']],
    [['-m', '-r', '-W..']],
    [['-m', '-W../../..']],
  ])('%j', async (words) => {
    await using target = await startTarget(container);
    for (const cwd of ['/', '/usr/lib', '/proc', '/tmp']) {
      const outcome = await enter(['-t', String(target.pid), ...words, '/probe'], { cwd });
      const report = parseProbe(outcome.stdout);
      expect(report?.cwd).toMatch(/^\//);
      // Not even by climbing: the parent of the root is the root.
      const climb = await enter(
        ['-t', String(target.pid), ...words, '/bin/sh', '-c', 'cd -P ../../../../../../..; ls'],
        { cwd },
      );
      expect(climb.stdout.toString().split('\n')).toContain('probe');
    }
  });

  it('unless it was asked for', async () => {
    await using target = await startTarget(container);
    const report = await probeInside(['-t', String(target.pid), '-m', '-w/usr'], { probe: '/probe' });
    expect(report.cwd).toBe('(unreachable)/usr');
  });
});
