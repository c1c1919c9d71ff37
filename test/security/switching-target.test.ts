/** A target that changes its root or its namespaces while it is entered: never the root of one in the namespaces of another. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nsenter, run, tsenter } from '../support/command.ts';
import { enter, holdAt, kill, scratch, until } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';

beforeAll(buildPrograms);

interface Switching extends AsyncDisposable {
  readonly pid: number;
  /** Goes where the words of its script lead, and stays. */
  go(): Promise<void>;
}

/** A process of the host with mounts of its own, and what it becomes. */
async function switching(script: string): Promise<Switching> {
  const words = ['--mount', '/bin/sh', '-c', `echo ready; read line; ${script}`];
  const child = spawn('/usr/bin/unshare', words, { stdio: ['pipe', 'pipe', 'inherit'], cwd: '/' });
  const pid = Number(child.pid);
  await once(child.stdout, 'data');
  return {
    pid,
    go: async () => {
      child.stdin.write('go\n');
      await until('it has gone', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
    },
    [Symbol.asyncDispose]: () => kill(pid),
  };
}

const show = ['/bin/sh', '-c', 'ls /probe /etc/shadow; readlink /proc/self/ns/mnt'];
const refusal =
  /^tsenter: change (root|working) directory to that of target \d+: (Resource temporarily unavailable|Operation not permitted)\nIt is (not in|outside of) the [^\n]+\n$/;

describe('it goes to another mount namespace when its root was opened already', () => {
  it.each([[['-m', '-r']], [['-m', '-r', '-w']], [['-a', '-r']], [['-m', '-w']], [['-m', '-p', '-r']]])(
    '%j',
    async (options) => {
      await using container = await startTarget({ namespaces: ['mount', 'uts'], root: 'pivot' });
      await using target = await switching(`exec ${nsenter} -t ${container.pid} -m -u /bin/sleep 1000`);
      const held = await holdAt(['enter=setns'], ['-t', String(target.pid), ...options, ...show]);
      await target.go();
      const ended = await held.go();
      expect(ended.stdout).toBe('');
      expect(ended.stderr).toMatch(refusal);
      expect(ended.status).toBe(1);
    },
  );

  it('without its mount namespace there is nothing to compare its root with', async () => {
    await using container = await startTarget({ namespaces: ['mount', 'uts'], root: 'pivot' });
    await using target = await switching(`exec ${nsenter} -t ${container.pid} -m -u /bin/sleep 1000`);
    const held = await holdAt(
      ['enter=setns'],
      ['-t', String(target.pid), '-u', '-r', '/bin/echo', 'executed'],
    );
    await target.go();
    expect(await held.go()).toMatchObject({ status: 0, stdout: 'executed\n', stderr: '' });
  });
});

describe('a root that is odd, but in the mount namespace, is entered as with nsenter', () => {
  async function asNsenter(pid: number, words: readonly string[]): Promise<string> {
    const all = ['-t', String(pid), '-m', '-r', ...words];
    const [theirs, ours] = [await run([nsenter, ...all]), await enter(all)];
    expect([ours.status, ours.stdout.toString()]).toEqual([theirs.status, theirs.stdout.toString()]);
    return `${ours.status} ${ours.stdout.toString()}${ours.stderr.toString()}`;
  }

  it('something is mounted over it', async () => {
    await using target = await switching('mount -t tmpfs none /; exec /bin/sleep 1000');
    const child = target.pid;
    await target.go();
    expect(await asNsenter(child, ['/bin/sh', '-c', 'echo $PWD'])).toBe('0 /\n');
    // Before Linux 6.8 nothing tells that it is in there.
    const words = ['-t', String(child), '-m', '-r', '/bin/true'];
    const outcome = await run([program('filtered'), '38', 'statmount', '--', tsenter, ...words]);
    expect(outcome.stderr.toString()).toMatch(refusal);
    expect(outcome.status).toBe(1);
  });

  it('a chroot', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'chroot' });
    expect(await asNsenter(target.pid, ['/bin/echo', 'executed'])).toBe('0 executed\n');
  });

  it('a chroot that was removed', async () => {
    using files = scratch();
    const root = `${files.path}/root`;
    mkdirSync(root);
    copyFileSync('/bin/busybox', `${root}/busybox`);
    const words = ['--mount', 'chroot', root, '/busybox', 'sh', '-c', 'echo ready; exec /busybox sleep 1000'];
    const child = spawn('/usr/bin/unshare', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      await once(child.stdout, 'data');
      await until('it sleeps', () =>
        readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').startsWith('/busybox\0sleep'),
      );
      rmSync(root, { recursive: true });
      expect(await asNsenter(Number(child.pid), ['/busybox'])).toMatch(
        /^127 tsenter: execute \/busybox: No such/,
      );
    } finally {
      await kill(Number(child.pid));
    }
  });

  it('the mount namespace is the caller’s own', async () => {
    const child = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
    try {
      const outcome = await enter(['-t', String(child.pid), '-a', '-r', '/bin/pwd']);
      expect([outcome.stderr.toString(), outcome.stdout.toString()]).toEqual(['', '/\n']);
    } finally {
      await kill(Number(child.pid));
    }
  });
});
