/** --pty: whose pseudo-terminal it is, whatever the target put where it is looked for. */
import { writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type RunOptions, run, tsenter } from '../support/command.ts';
import { enter, identityUser, probeInside, scratch, someone } from '../support/enter.ts';
import type { OpenFile } from '../support/launch.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

beforeAll(buildPrograms);

const DEVPTS = 'mkdir -p /dev/pts; mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts /dev/pts';

/** A target with a root of its own in which root has prepared something. */
async function prepared(script: string, options: TargetOptions = {}): Promise<Target> {
  const target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot', ...options });
  const all = ['-t', String(target.pid), '-a', '-S', '0', '-G', '0'];
  const outcome = await enter([...all, '/bin/sh', '-e', '-c', `mkdir -p /dev /tmp; ${script}`]);
  if (outcome.status !== 0) throw new Error(outcome.stderr.toString());
  return target;
}

async function inside(target: Target, options: readonly string[], script: string): Promise<string> {
  const words = ['-t', String(target.pid), '-m', '-p', ...options, '--pty', '/bin/sh', '-c', script];
  const outcome = await enter(words);
  expect(outcome).toMatchObject({ status: 0, orphans: 0 });
  expect(outcome.stderr.toString()).toBe('');
  return outcome.stdout.toString().replace(/\r/g, '');
}

it('is one of the devpts inside, which has a name there', async () => {
  await using target = await prepared(DEVPTS);
  expect(await inside(target, [], 'tty; test -c $(tty) && echo device')).toBe('/dev/pts/0\ndevice\n');
});

describe('is one of the host, without a name inside, where', () => {
  const CASES: Record<string, string> = {
    'there is nothing': '',
    'there is a directory of the target': 'mkdir -p /dev/pts; cp /dev/null /dev/pts/ptmx',
    'a FIFO would hold whoever opens it': 'mkdir -p /dev/pts; mkfifo /dev/pts/ptmx; ln -s pts/ptmx /dev/ptmx',
    'a link leads elsewhere': 'mkdir -p /tmp/pts; mkfifo /tmp/pts/ptmx; ln -s /tmp/pts /dev/pts',
    'a FIFO is mounted over the ptmx of a devpts': `${DEVPTS}; mkfifo /tmp/f; mount --bind /tmp/f /dev/pts/ptmx`,
    'a device is mounted over it': `${DEVPTS}; mount --bind /dev/null /dev/pts/ptmx`,
    'it is no directory': 'mkfifo /dev/pts',
  };

  it.each(Object.entries(CASES))('%s', async (_, script) => {
    await using target = await prepared(script);
    expect(await inside(target, [], 'test -t 0 -a -t 1 -a -t 2 && tty || true')).toBe('not a tty\n');
  });
});

describe('belongs to the user that the program runs as, who can open it anew', () => {
  const script = 'id -u; stat -c %u $(tty); echo again > $(tty)';

  it('root', async () => {
    await using target = await prepared(DEVPTS);
    expect(await inside(target, [], script)).toBe('0\n0\nagain\n');
  });

  it('another one', async () => {
    await using target = await prepared(DEVPTS);
    expect(await inside(target, ['-S', String(someone)], script)).toBe(`${someone}\n${someone}\nagain\n`);
  });

  it('another one, where only root may open the ptmx', async () => {
    await using target = await prepared(DEVPTS.replace('0666', '000'));
    expect(await inside(target, ['-S', String(someone)], script)).toBe(`${someone}\n${someone}\nagain\n`);
  });

  it.each([0, 1000])('%d in a user namespace, in which the root of the host is nobody', async (uid) => {
    const user = { uidMap: '0 100000 65536', gidMap: '0 100000 65536' };
    await using target = await prepared(DEVPTS, {
      namespaces: ['user', 'mount', 'pid'],
      user,
      uid: 0,
      gid: 0,
    });
    const options = ['-U', '-S', String(uid), '-G', String(uid)];
    expect(await inside(target, options, script)).toBe(`${uid}\n${uid}\nagain\n`);
  });

  it('follow', async () => {
    await using target = await prepared(DEVPTS, {
      namespaces: ['user', 'mount', 'pid'],
      user: identityUser,
      uid: 1000,
      gid: 1000,
    });
    const options = ['-U', '-S', 'follow', '-G', 'follow'];
    expect(await inside(target, options, script)).toBe('1000\n1000\nagain\n');
  });
});

it('is closed to the program but for the streams: no descriptor of the other side is left', async () => {
  await using target = await prepared(DEVPTS);
  expect(await inside(target, [], 'ls -l /proc/$$/fd 2>/dev/null | grep -c ptmx; true')).toBe('0\n');
});

describe('of what the caller opened, no terminal passes, and everything else does', () => {
  const open: readonly OpenFile[] = [
    { fd: 3, mode: 'rw', path: '/dev/tty' },
    { fd: 4, mode: 'r', path: '/etc/passwd' },
    { fd: 5, mode: 'rw', path: '/dev/ptmx' },
    { fd: 6, mode: 'path', path: '/dev/tty' },
    { fd: 7, mode: 'directory', path: '/dev' },
    { fd: 8, mode: 'r', path: '/dev/null' },
    { fd: 9, mode: 'w', path: '/dev/tty' },
    { fd: 10, mode: 'path', path: '/etc/passwd' },
    { fd: 251, mode: 'rw', path: '/dev/tty' },
  ];

  async function passed(target: Target, options: readonly string[], around: RunOptions): Promise<number[]> {
    const words = ['-t', String(target.pid), '-m', '-p', ...options];
    const report = await probeInside(words, { probe: '/probe', tty: true, open, ...around });
    return report.fds.map(({ fd }) => fd).filter((fd) => fd > 2);
  }

  it('inside, also where the limit is lower than their numbers', async () => {
    await using target = await prepared('');
    expect(await passed(target, ['--pty'], {})).toEqual([4, 7, 8, 10]);
    expect(await passed(target, ['--pty'], { nofile: 64 })).toEqual([4, 7, 8, 10]);
  });

  it('without a mount namespace', async () => {
    await using target = await prepared('');
    const words = ['-t', String(target.pid), '-p', '--pty'];
    const report = await probeInside(words, { tty: true, open });
    expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2, 4, 7, 8, 10]);
  });

  it('without --pty all pass', async () => {
    await using target = await prepared('');
    expect(await passed(target, [], {})).toEqual(open.map(({ fd }) => fd));
  });

  it('where no /proc lists them', async () => {
    using files = scratch();
    writeFileSync(`${files.path}/uts`, '');
    const script =
      'mount --bind /proc/self/ns/uts uts; mount -t tmpfs none /proc; mkdir /proc/self; ln -s "$1" /proc/self/exe; exec "$@"';
    const words = [tsenter, `--uts=${files.path}/uts`, '--pty', program('probe')];
    const around = { cwd: files.path, unshare: ['mount'], tty: true, open } as const;
    const outcome = await run(['/bin/sh', '-e', '-c', script, 'sh', ...words], around);
    expect(outcome.stderr.toString()).toBe('');
    expect(parseProbe(outcome.stdout)?.fds.map(({ fd }) => fd)).toEqual([0, 1, 2, 4, 7, 8, 10]);
  });
});

it('messages of steps and of the program that is not there are the caller’s, not the terminal’s', async () => {
  await using target = await prepared(DEVPTS);
  const outcome = await enter(['-t', String(target.pid), '-m', '-p', '--pty', '/no/such/program']);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toBe('tsenter: execute /no/such/program: No such file or directory\n');
  expect(outcome.status).toBe(127);
});
