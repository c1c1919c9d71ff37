/** The working directory, where the target decides what a path leads to or what its own is: never outside of its root. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, run, tsenter } from '../support/command.ts';
import { enter, kill, probeInside, scratch, someone, until } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let t: string;

beforeAll(async () => {
  buildPrograms();
  // Without a PID namespace: the processes of the host are in its /proc.
  target = await startTarget({ namespaces: ['mount', 'uts'], root: 'pivot', cwd: '/srv' });
  t = String(target.pid);
  const links: Readonly<Record<string, string>> = {
    '/magic/root': `/proc/${process.pid}/root`,
    '/magic/deep': `/proc/${process.pid}/root/etc`,
    '/magic/cwd': `/proc/${process.pid}/cwd`,
    '/magic/own': '/proc/self/root',
    '/magic/relative': `../proc/${process.pid}/root`,
    '/magic/chain': 'root',
    '/magic/through': 'chain/etc',
    '/plain/absolute': '/srv',
    '/plain/relative': '../srv',
    '/plain/chain': 'absolute',
    '/plain/above': '../../../../srv',
    '/plain/proc': '/proc/self/net',
    '/plain/circle': 'circle',
    '/plain/dangling': 'nothing',
    '/plain/file': '/etc/passwd',
  };
  const script = [
    'mkdir /magic /plain /srv/deep /secret; chmod 700 /secret',
    ...Object.entries(links).map(([path, to]) => `busybox ln -s ${to} ${path}`),
  ].join('; ');
  const made = await run([nsenter, '-t', t, '-m', '/bin/busybox', 'sh', '-e', '-c', script]);
  if (made.status !== 0) throw new Error(made.stderr.toString());
});

afterAll(() => target?.stop());

/** With and without openat2(2), which is of Linux 5.6. */
function withoutOpenat2(errno: number, words: readonly string[]): Promise<Outcome> {
  return run([program('filtered'), String(errno), 'openat2', '--', tsenter, '-t', t, ...words]);
}

describe.each([[['-m']], [['-a']], [['-m', '-r']], [['-r']], [['-m', '-S', String(someone)]]])(
  '%j',
  (options) => {
    const links = ['root', 'deep', 'cwd', 'own', 'relative', 'chain', 'through'].map(
      (name) => `/magic/${name}`,
    );

    it.each([...links, '/proc/self/cwd', `/proc/${process.pid}/root/etc`, 'magic/root', '/magic/root/..'])(
      'a magic link is not followed: %s',
      async (path) => {
        const outcome = await enter(['-t', t, ...options, `-W${path}`, '/bin/pwd']);
        expect(outcome.stderr.toString()).toBe(
          `tsenter: change working directory inside to ${path}: Too many levels of symbolic links\n` +
            'A link there leads in a circle, or is one of those of /proc that lead out of any root.\n',
        );
        expect(outcome).toMatchObject({ status: 1, orphans: 0 });
        expect(outcome.stdout.toString()).toBe('');
      },
    );

    it.each([38, 1])(
      'without openat2 (errno %i) one that leads out is found out afterwards',
      async (errno) => {
        for (const path of links) {
          const outcome = await withoutOpenat2(errno, [...options, `-W${path}`, '/probe']);
          if (path === '/magic/own') continue;
          expect(outcome.stderr.toString()).toBe(
            `tsenter: change working directory to ${path}: Operation not permitted\n` +
              'It is outside of the root directory that is entered.\n',
          );
          expect(outcome).toMatchObject({ status: 1, orphans: 0 });
        }
      },
    );
  },
);

describe('as nsenter has it', () => {
  const paths = [
    ...['absolute', 'relative', 'chain', 'above', 'proc', 'circle', 'dangling', 'file'].map(
      (name) => `/plain/${name}`,
    ),
    ...[
      'plain/absolute',
      'srv/deep',
      '..',
      '.',
      '/',
      '//srv/../srv',
      '/plain/absolute/deep',
      '/plain/absolute/..',
    ],
    ...['/proc', '/proc/self', '/etc/passwd', '/no/such', '', ' ', '/secret', '/dev/null'],
  ];

  it.each([[['-m']], [['-m', '-r']], [['-a']], [['-m', '-S', String(someone), '-G', String(someone)]]])(
    'a path without magic links: %j',
    async (options) => {
      for (const path of paths) {
        const words = ['-t', t, ...options, `--wdns=${path}`, '/probe'];
        const [theirs, ours] = [await run([nsenter, ...words]), await enter(words)];
        const cwd = ({ stdout }: Outcome) =>
          /"cwd":"[^"]*"/.exec(stdout.toString())?.[0]?.replace(/\d+/, 'PID');
        expect([path, cwd(ours)]).toEqual([path, cwd(theirs)]);
        expect([path, ours.status]).toEqual([path, theirs.status]);
        // The same words of strerror(3).
        const cause = ({ stderr }: Outcome) => /: ([A-Z][a-z ]+)\n/.exec(stderr.toString())?.[1];
        expect([path, cause(ours)]).toEqual([path, cause(theirs)]);
      }
    },
  );

  it('without openat2, too', async () => {
    for (const path of ['/plain/absolute', '/plain/above', 'srv/deep']) {
      const outcome = await withoutOpenat2(38, ['-m', `-W${path}`, '/bin/pwd']);
      expect(outcome.stdout.toString()).toMatch(/^\/srv(\/deep)?\n$/);
    }
  });

  it('where neither mounts nor root are entered, a path is the caller’s own: magic links are followed', async () => {
    const report = await probeInside(['-t', t, '-u', `-W/proc/${t}/cwd`]);
    expect(report.cwd).toBe('(unreachable)/srv');
  });
});

describe('the working directory of the target', () => {
  /** A process of the target that is where the words of nsenter say. */
  async function processAt(words: readonly string[], script = ''): Promise<ChildProcess & { pid: number }> {
    const shell = ['/bin/busybox', 'sh', '-c', `${script} echo ready; exec sleep 1000`];
    const child = spawn(nsenter, ['-t', t, '-m', '-r', ...words, ...shell], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    return Object.assign(child, { pid: Number(child.pid) });
  }

  async function enterIt(words: readonly string[], options: readonly string[]): Promise<Outcome> {
    const child = await processAt(words);
    try {
      return await enter(['-t', String(child.pid), ...options, '/bin/pwd']);
    } finally {
      await kill(child.pid);
    }
  }

  const refusal =
    /^tsenter: change working directory to that of target \d+: Operation not permitted\nIt is outside/;

  it.each([[['-m', '-w']], [['-m', '-r', '-w']], [['-r', '-w']], [['-a', '-W']]])(
    'outside of its root: %j',
    async (options) => {
      const outcome = await enterIt(['-w/usr/lib'], options);
      expect(outcome.stderr.toString()).toMatch(refusal);
      expect(outcome).toMatchObject({ status: 1, orphans: 0 });
      expect(outcome.stdout.toString()).toBe('');
    },
  );

  it('outside of its root, and removed: what is above it tells', async () => {
    using files = scratch();
    const deep = `${mkdtempSync(`${files.path}/`)}/removed`;
    mkdirSync(deep);
    const child = await processAt([`-w${deep}`]);
    try {
      rmdirSync(deep);
      await until('it is removed', () => readlinkSync(`/proc/${child.pid}/cwd`).endsWith('(deleted)'));
      const outcome = await enter(['-t', String(child.pid), '-m', '-w', '/bin/true']);
      expect(outcome.stderr.toString()).toMatch(refusal);
    } finally {
      await kill(child.pid);
    }
  });

  it('outside of its root, with a path that is longer than the kernel tells', async () => {
    using files = scratch();
    const longest = 4095;
    let deep = files.path;
    while (deep.length < longest) deep += `/${'d'.repeat(Math.min(250, longest - deep.length - 1))}`;
    mkdirSync(deep, { recursive: true });
    const outcome = await enterIt([`-w${deep}`], ['-m', '-w']);
    expect(outcome.stderr.toString()).toMatch(refusal);
    expect(outcome.stdout.toString()).toBe('');
  });

  it('inside, and removed, as with nsenter', async () => {
    const child = await processAt([], 'mkdir -p /tmp/a/b; cd /tmp/a/b; rm -r /tmp/a;');
    try {
      const words = ['-t', String(child.pid), '-m', '-w', '/bin/echo', 'executed'];
      expect((await run([nsenter, ...words])).stdout.toString()).toBe('executed\n');
      const outcome = await enter(words);
      expect([outcome.stderr.toString(), outcome.stdout.toString()]).toEqual(['', 'executed\n']);
    } finally {
      await kill(child.pid);
    }
  });

  it('inside, with a path that is longer than the kernel tells', async () => {
    const name = 'd'.repeat(250);
    const script = `cd /tmp; for i in $(seq 20); do mkdir ${name}; cd ${name}; done;`;
    const child = await processAt([], script);
    try {
      const outcome = await enter(['-t', String(child.pid), '-m', '-w', '/bin/echo', 'executed']);
      expect([outcome.stderr.toString(), outcome.stdout.toString()]).toEqual(['', 'executed\n']);
    } finally {
      await kill(child.pid);
    }
  });

  it('inside, thousands of levels deep', async () => {
    using files = scratch();
    const child = spawn(program('crowd'), [`depth=5000:${files.path}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const closed = once(child, 'close');
    try {
      await once(child.stdout, 'data');
      const outcome = await enter(['-t', String(child.pid), '-m', '-w', '/usr/bin/stat', '-c%i', '.']);
      expect(outcome.stderr.toString()).toBe('');
      expect(outcome.stdout.toString()).toBe(`${statSync(`/proc/${child.pid}/cwd`).ino}\n`);
    } finally {
      child.stdin.end();
      await closed;
    }
  });

  it('a directory of the caller may be, as asked', async () => {
    const report = await probeInside(['-t', t, '-m', '-r', '-w/usr'], { probe: '/probe' });
    expect(report.cwd).toBe('(unreachable)/usr');
  });
});

it('a login shell is not looked for in a file that a magic link leads to', async () => {
  using files = scratch();
  writeFileSync(`${files.path}/passwd`, 'root:x:0:0::/:/bin/chosen\n');
  await using odd = await startTarget({ namespaces: ['mount'], root: 'pivot' });
  const p = String(odd.pid);
  const inside = (script: string) => run([nsenter, '-t', p, '-m', '/bin/busybox', 'sh', '-e', '-c', script]);
  const shell = () => enter(['-t', p, '-m', '--env'], { stdin: 'echo another\n' });
  await inside('printf "#!/bin/sh\necho chosen" >/bin/chosen; chmod 755 /bin/chosen');
  await inside(`printf "${readFileSync(`${files.path}/passwd`, 'utf8').trim()}\n" >/etc/passwd`);
  expect((await shell()).stdout.toString()).toBe('chosen\n');
  await inside(`busybox ln -sf /proc/${process.pid}/root${files.path}/passwd /etc/passwd`);
  expect((await shell()).stdout.toString()).toBe('another\n');
});
