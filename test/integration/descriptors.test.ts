/** Descriptors: closed ones stay closed, the caller's reach the program, and nothing of tsenter's own does. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, run, tsenter } from '../support/command.ts';
import {
  type Actor,
  enter,
  entered,
  namespacesOf,
  type ProbeOptions,
  probeInside,
  probeOutside,
  type Scratch,
  scratch,
  shell,
  startActor,
} from '../support/enter.ts';
import type { OpenFile } from '../support/launch.ts';
import type { ProbeDescriptor } from '../support/probe.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let socket: Actor;
let files: Scratch;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['mount', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'time'] });
  socket = await startActor(['socket']);
  files = scratch();
  writeFileSync(`${files.path}/words`, 'hello\n');
  t = String(target.pid);
});

afterAll(async () => {
  await target?.stop();
  await socket?.stop();
  files?.[Symbol.dispose]();
});

const closings: readonly (readonly number[])[] = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]];

describe.each([
  ['in place', ['-u']],
  ['forked', ['-p', '-u']],
  ['with everything', ['-a', '-r', '-w', '-e']],
] as const)('%s', (_, options) => {
  it.each(closings.map((list) => [list]))('closed: %j', async (close) => {
    const report = await probeInside(['-t', t, ...options], { close, report: 6 });
    const open = [0, 1, 2, 6].filter((fd) => !close.includes(fd));
    expect(report.fds.map(({ fd }) => fd)).toEqual(open);
    expect(report.ns.uts).toBe(namespacesOf(target.pid).uts);
  });
});

describe.each([[[]], [['--pty']]])('the credentials of the target %j', (options) => {
  let someone: Target;
  beforeAll(async () => {
    someone = await startTarget({ namespaces: ['mount', 'uts', 'pid'], uid: 1000, gid: 2000 });
  });
  afterAll(() => someone?.stop());

  it.each([[], ...closings].map((list) => [list]))(
    'are asked of what was opened, closed: %j',
    async (close) => {
      const words = ['-t', String(someone.pid), '-p', '-u', '-S', 'follow', '-G', 'follow', ...options];
      const { uid, gid, groups } = await probeInside(words, { close, report: 6 });
      expect({ uid, gid, groups }).toEqual({ uid: 1000, gid: 2000, groups: [] });
    },
  );
});

/** Where what is opened leads, whatever the numbers of pipes. */
function shown(fds: readonly ProbeDescriptor[]): object[] {
  return fds.map(({ fd, type, link, flags, cloexec }) => ({
    fd,
    type,
    link: link?.replace(/\[\d+\]/, '[]'),
    flags,
    cloexec,
  }));
}

const inherited: readonly OpenFile[] = [
  { fd: 3, mode: 'r', path: '/etc/passwd' },
  { fd: 5, mode: 'directory', path: '/usr' },
  { fd: 9, mode: 'path', path: '/etc' },
  { fd: 17, mode: 'w', path: '/dev/null' },
  { fd: 251, mode: 'rw', path: '/dev/zero' },
];

const openers: readonly (readonly [string, () => string[]])[] = [
  ['--all', () => ['-t', t, '-a']],
  ['--all --no-fork', () => ['-t', t, '-a', '-F']],
  ['--root', () => ['-t', t, '-r']],
  ['--root=DIR', () => ['-t', t, '-r/']],
  ['--wd', () => ['-t', t, '-w']],
  ['--wd=DIR', () => ['-w/usr']],
  ['--wdns', () => ['-t', t, '-W/usr']],
  ['--join-cgroup', () => ['-t', t, '-u', '-c']],
  ['--setuid follow --setgid follow', () => ['-t', t, '-S', 'follow', '-G', 'follow']],
  ['--env', () => ['-t', t, '-u', '-e']],
  ['--net-socket', () => ['-t', String(socket.number), '-N', '7']],
  [
    'a file of each',
    () => ['-m', '-u', '-n', '-p', '-T'].map((letter) => `${letter}/proc/${t}/ns/${file(letter)}`),
  ],
  ['all of them', () => ['-t', t, '-a', '-r', '-w', '-c', '-S', 'follow', '-G', 'follow', '-e']],
];

function file(letter: string): string {
  return { '-m': 'mnt', '-u': 'uts', '-n': 'net', '-p': 'pid', '-T': 'time' }[letter] ?? '';
}

describe.each([
  ['the standard streams', {}],
  ['descriptors of the caller', { open: inherited }],
] as const)('with %s', (_, around: ProbeOptions) => {
  it.each(openers)('%s leaves nothing of its own', async (_name, words) => {
    const expected = shown((await probeOutside(around)).fds);
    expect(shown((await probeInside(words(), around)).fds)).toEqual(expected);
  });
});

it('5<file passes', async () => {
  const script = `"$T" "$@" /bin/sh -c "cat <&5" 5<${files.path}/words`;
  const outcome = await shell(script, ['-t', t, '-p', '-u']);
  expect(outcome.stdout.toString()).toBe('hello\n');
});

it('a closed stdin does not end the joins', async () => {
  const report = await probeInside(['-t', t, '-u', '-n', '-i'], { close: [0] });
  expect(report.ns).toEqual(entered(namespacesOf(target.pid), ['uts', 'net', 'ipc']));
});

it('the limit of open files is what the caller had', async () => {
  const report = await probeInside(['-t', t, '-a'], { nofile: 64 });
  expect(report.rlimits.nofile?.[0]).toBe(64);
});

it('a descriptor beyond the limit of open files passes', async () => {
  const around = { open: [{ fd: 251, mode: 'r', path: '/etc/passwd' }] as const, nofile: 100 };
  const report = await probeInside(['-t', t, '-p'], around);
  expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2, 251]);
});

describe('how few open files are enough', () => {
  const least = async (command: string, ...options: readonly string[]): Promise<number> => {
    const script =
      'for n in {4..60}; do (ulimit -n $n; exec "$0" "$@") >/dev/null 2>&1 && exec echo $n; done; exit 1';
    const words = ['-t', t, ...options, '/bin/sh', '-c', 'exit 0'];
    const outcome = await run(['/bin/bash', '--norc', '-c', script, command, ...words], { timeout: 60_000 });
    expect(outcome.status).toBe(0);
    return Number(outcome.stdout.toString());
  };

  // The streams, what is opened to be entered, a pidfd, and two for a fork.
  const native = (files: number, options: readonly string[]) =>
    it(`${files}: ${options.join(' ')}`, async () => {
      expect(await least(tsenter, ...options)).toBeLessThanOrEqual(files);
    });

  const onNode = () =>
    it('Node needs 40, and that is said', async () => {
      const { stderr, status } = await shell('ulimit -n 39; exec "$T" "$@"', ['-t', t, '-a', '/bin/true']);
      expect([status, stderr.toString()]).toEqual([
        1,
        'tsenter: execute node: the limit of open files is below 40\nThe native executable needs less.\n',
      ]);
      expect(await least(tsenter, '-a')).toBe(40);
    });

  if (tsenter.includes('native')) {
    native(12, ['-a']);
    native(7, ['-p']);
    native(6, ['-u', '-n']);
    native(8, ['-m', '-p', '-r', '-w']);
  } else onNode();
});

describe('the end of the output is seen at once, although the program lives on', () => {
  it.each([
    ['in place', ['-u']],
    ['forked', ['-p']],
    ['forked, with everything', ['-a', '-r', '-w', '-c']],
  ] as const)('%s', async (_, options) => {
    // The program is let go only when the reader has seen the end: if it never does, this does not end.
    const script = `
      mkfifo "$DIR/go"
      "$T" "$@" /bin/sh -c "echo said; exec >&-; read line < $DIR/go; exit 3" | { cat; echo go > "$DIR/go"; }
      echo "\${PIPESTATUS[0]}"`;
    using directory = scratch();
    const env = { PATH: process.env.PATH ?? '', DIR: directory.path };
    const outcome = await shell(script, ['-t', t, ...options], { env });
    expect(outcome.stdout.toString()).toBe('said\n3\n');
  });

  it('stderr as well', async () => {
    const script = `
      mkfifo "$DIR/go"
      { "$T" "$@" /bin/sh -c "exec 2>&-; read line < $DIR/go" 2>&1 >&3 | { cat; echo go > "$DIR/go"; }; } 3>&1
      echo done`;
    using directory = scratch();
    const env = { PATH: process.env.PATH ?? '', DIR: directory.path };
    const outcome = await shell(script, ['-t', t, '-p'], { env });
    expect(outcome.stdout.toString()).toBe('done\n');
  });

  it('the writer of the input sees that the program has closed it', async () => {
    const script = `
      mkfifo "$DIR/go"
      { yes 2>/dev/null; echo "\${?}" > "$DIR/go"; } | "$T" "$@" /bin/sh -c "exec <&-; read status < $DIR/go; echo \\$status"`;
    using directory = scratch();
    const env = { PATH: process.env.PATH ?? '', DIR: directory.path };
    const outcome = await shell(script, ['-t', t, '-p'], { env });
    // yes is ended by SIGPIPE (141), or sees EPIPE where that is ignored (1).
    expect(['141\n', '1\n']).toContain(outcome.stdout.toString());
  });
});

it('stdin is not read by tsenter', async () => {
  for (const options of [['-u'], ['-p'], ['-a', '-c']]) {
    const outcome = await enter(['-t', t, ...options, 'cat'], { stdin: 'one\ntwo\n' });
    expect(outcome.stdout.toString()).toBe('one\ntwo\n');
  }
});

it('O_NONBLOCK and O_APPEND of the streams stay as they are', async () => {
  const words = ['-t', t, '-p', '-u'];
  const around = { open: [{ fd: 1, mode: 'w', path: `${files.path}/log` }] as const, report: 6 };
  const theirs = await probeInside(words, { ...around, command: nsenter });
  const ours = await probeInside(words, around);
  expect(shown(ours.fds)).toEqual(shown(theirs.fds));
});

it('four hundred descriptors with gaps between them pass', async () => {
  const outcome = await shell(
    'for ((fd = 20; fd < 820; fd += 2)); do eval "exec $fd</dev/null"; done; "$T" -w/ ls /proc/self/fd | grep -c "^[0-9]*[02468]$"',
    [],
    { env: { PATH: process.env.PATH ?? '' } },
  );
  expect(outcome.stderr.toString()).toBe('');
  expect(Number(outcome.stdout.toString())).toBeGreaterThanOrEqual(400);
});
