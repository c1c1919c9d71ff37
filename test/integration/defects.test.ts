/**
 * The defects of nsenter that tsenter does not inherit: nsenter's behaviour beside tsenter's, where the system's
 * nsenter has the option or the defect. Both are run in the same surroundings; more about each is in the file of its
 * subject. Those of the waiting parent are in test/terminal.
 */
import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, type RunOptions, run } from '../support/command.ts';
import {
  cgroupOf,
  enter,
  entered,
  messageFormat,
  namespacesOf,
  probeInside,
  type Scratch,
  scratch,
  someone,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let files: Scratch;
let t: string;
/** Of util-linux, as 2.38 is 38. */
let release: number;
let options: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({
    namespaces: ['mount', 'uts', 'pid'],
    root: 'pivot',
    cwd: '/srv',
    hostname: 'inside',
  });
  files = scratch();
  t = String(target.pid);
  release = Number(/ 2\.(\d+)/.exec((await run([nsenter, '-V'])).stdout.toString())?.[1] ?? 0);
  options = (await run([nsenter, '--help'])).stdout.toString();
});

afterAll(async () => {
  await target?.stop();
  files?.[Symbol.dispose]();
});

function reference(words: readonly string[], around: RunOptions = {}): Promise<Outcome> {
  return run([nsenter, ...words], around);
}

function firstLine(outcome: Outcome): string {
  return outcome.stderr.toString().split('\n')[0] ?? '';
}

const asSomeone: RunOptions = { uid: someone, gid: someone };
const singleMap = { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' } as const;

describe('joining the cgroup', () => {
  it('leaves stdin as it is and leaks nothing', async () => {
    const outcome = await enter(['-t', t, '-u', '-c', 'cat'], { stdin: 'the input\n' });
    expect(outcome.stdout.toString()).toBe('the input\n');
    const report = await probeInside(['-t', t, '-u', '-c']);
    expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
    expect(`${report.cgroup}\n`).toBe(cgroupOf(target.pid));
  });

  it('nsenter: no such option before 2.40, then not on a host with both versions', async () => {
    const theirs = await reference(['-t', t, '-u', '--join-cgroup', 'cat'], { stdin: 'the input\n' });
    if (options.includes('--join-cgroup')) expect(theirs.stdout.toString()).not.toBe('the input\n');
    else expect(firstLine(theirs)).toContain('unrecognized option');
    expect(theirs.status).not.toBe(0);
  });
});

describe('--root without a working directory', () => {
  const outside = (): string => {
    const { dev, ino } = statSync('/usr/lib');
    return `${dev}:${ino}`;
  };

  it('ends in the / of the new root', async () => {
    const report = await probeInside(['-t', t, '-r'], { probe: '/probe' });
    expect(report.cwd).toBe('/');
    expect(report.cwd_inode).toBe(report.root_inode);
    expect(report.cwd_inode).not.toBe(outside());
  });

  it('nsenter: the directory of the caller, outside', async () => {
    const report = parseProbe((await reference(['-t', t, '-r', '/probe'])).stdout);
    expect(report?.cwd).toBe('(unreachable)/usr/lib');
    expect(report?.cwd_inode).toBe(outside());
  });
});

describe('--all as an ordinary user', () => {
  it('skips what is equal', async () => {
    await using own = await startTarget({ namespaces: ['user', 'uts'], user: singleMap, startedBy: someone });
    const report = await probeInside(['-t', String(own.pid), '-a'], asSomeone);
    expect(report.ns).toEqual(entered(namespacesOf(own.pid), ['user', 'uts']));
    const outcome = await enter(['-t', String(own.pid), '-a', program('probe')], asSomeone);
    expect(parseProbe(outcome.stdout)?.uid).toBe(0);
  });

  it('nsenter: Operation not permitted', async () => {
    await using own = await startTarget({ namespaces: ['user', 'uts'], user: singleMap, startedBy: someone });
    const theirs = await reference(
      ['-t', String(own.pid), '-a', '--preserve-credentials', program('true')],
      asSomeone,
    );
    expect(theirs.status).toBe(1);
    expect(firstLine(theirs)).toMatch(/reassociate to namespaces? .*failed: Operation not permitted/);
  });
});

describe('which namespace could not be entered', () => {
  const around: RunOptions = { drop: [21] };

  it('the message names it, and its target', async () => {
    const outcome = await enter(['-t', t, '-u', '-m', 'true'], around);
    expect(firstLine(outcome)).toBe(`tsenter: enter uts namespace of target ${t}: Operation not permitted`);
  });

  it('nsenter: a file of /proc at best, and never the target of --target', async () => {
    const theirs = await reference(['-t', t, '-u', '-m', 'true'], around);
    expect(theirs.status).toBe(1);
    expect(firstLine(theirs)).toMatch(/reassociate to namespaces? .*failed: Operation not permitted/);
    expect(firstLine(theirs)).not.toContain(t);
  });
});

describe('follow', () => {
  it('ids that cannot be had are a clear error', async () => {
    await using own = await startTarget({ namespaces: ['user'], user: singleMap, startedBy: someone });
    const words = [`--user=/proc/${own.pid}/ns/user`, '-t', '1', '-S', 'follow', 'echo', 'executed'];
    const outcome = await enter(words);
    expect(outcome).toMatchObject({ status: 1 });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
  });

  it('nsenter: no such word before 2.40', async (context) => {
    if (release >= 40) context.skip('the system has it');
    expect(firstLine(await reference(['-t', t, '-S', 'follow', 'true']))).toMatch(/parse uid.*follow/);
  });
});

describe('--all without a target', () => {
  it('says that there is none', async () => {
    const outcome = await enter(['-a', 'true']);
    expect(outcome.status).toBe(1);
    expect(firstLine(outcome)).toBe('tsenter: enter all namespaces: no target PID specified');
  });

  it('nsenter: 2.43 speaks of a process 0', async () => {
    const theirs = await reference(['-a', 'true']);
    expect(theirs.status).toBe(1);
    expect(firstLine(theirs)).toMatch(release < 40 ? /no target PID specified/ : /\/proc\/0\/|no target/);
  });
});

describe('an = behind a letter', () => {
  it.each(['-r=/', '-w=/usr', '-W=/usr'])('%s', async (word) => {
    expect((await probeInside([word])).cwd).toBe(word.slice(3));
  });

  it.each(['-m', '-u', '-n', '-i', '-C'])('%s=FILE', async (letter) => {
    const file = { '-m': 'mnt', '-u': 'uts', '-n': 'net', '-i': 'ipc', '-C': 'cgroup' }[letter];
    const outcome = await enter([`${letter}=/proc/${t}/ns/${file}`, '/bin/true']);
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.status).toBe(0);
  });

  it('nsenter: a directory of the name "=/"', async () => {
    const theirs = await reference(['-r=/', program('true')]);
    expect(theirs.status).toBe(1);
    expect(firstLine(theirs)).toContain('=/');
  });
});

describe('a closed stdin', () => {
  it.each([[[0]], [[1]], [[2]], [[0, 1, 2]]])('closed: %j', async (close) => {
    const report = await probeInside(['-t', t, '-u'], { close, report: 7 });
    expect(report.ns.uts).toBe(namespacesOf(target.pid).uts);
  });

  it('nsenter: one namespace is entered by 2.38, which keeps its descriptors from being 0', async (context) => {
    if (release < 38) context.skip('older releases skip setns without saying so');
    const words = ['-t', t, '-u', program('probe'), '--fd', '7'];
    const theirs = parseProbe((await reference(words, { close: [0], report: 7 })).report);
    expect(theirs?.ns.uts).toBe(namespacesOf(target.pid).uts);
  });
});

describe('descriptors of the host', () => {
  // The classic options keep what the caller opened, as a shell's 5<file must work: only tsenter's own do not leak.
  it.each([
    [['-a']],
    [['-r', '-w']],
    [['-m', '-r/', '-w/usr']],
    [['-a', '-r', '-w', '-c', '-e', '-S', 'follow', '-G', 'follow']],
  ])('%j: none of tsenter', async (words) => {
    const report = await probeInside(['-t', t, ...words], words.includes('-r/') ? {} : { probe: '/probe' });
    expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
  });

  it('nsenter: is clean as well with the options that 2.38 has', async (context) => {
    if (release > 38) context.skip('later releases leak cgroup.procs and more');
    const theirs = parseProbe((await reference(['-t', t, '-a', '-r', '-w', '/probe'])).stdout);
    expect(theirs?.fds.length).toBeGreaterThanOrEqual(3);
  });
});

describe('a $SHELL that is not inside', () => {
  const around: RunOptions = { env: { ...defaultEnv, SHELL: '/bin/zsh' }, stdin: 'exit 7\n' };

  it('another shell', async () => {
    expect((await enter(['-t', t, '-m', '-p'], around)).status).toBe(7);
  });

  it('nsenter: 127', async () => {
    expect((await reference(['-t', t, '-m', '-p'], around)).status).toBe(127);
  });
});

describe('directories that may be searched only', () => {
  it('can be entered', async () => {
    const path = `${files.path}/closed`;
    mkdirSync(path);
    chmodSync(path, 0o711);
    expect((await probeInside([`--wd=${path}`], asSomeone)).cwd).toBe(path);
    const theirs = await reference([`--wd=${path}`, program('true')], asSomeone);
    expect(theirs.status).toBe(1);
    expect(firstLine(theirs)).toContain('Permission denied');
  });
});

describe('the environment of the target', () => {
  it('complete, or empty without waiting', async () => {
    const env = { A: '1', B: 'x'.repeat(100_000), C: '' };
    await using rich = await startTarget({ namespaces: ['uts'], env });
    const report = await probeInside(['-t', String(rich.pid), '-u', '-e']);
    expect([...report.env].sort()).toEqual(Object.entries(env).map(([name, value]) => `${name}=${value}`));
    await using poor = await startTarget({ namespaces: ['uts'], env: {} });
    expect((await probeInside(['-t', String(poor.pid), '-u', '-e'])).env).toEqual([]);
  });

  it('of a process that may not be read: said before anything is entered', async () => {
    const outcome = await enter(['-t', t, '-e', '-w/', 'echo', 'executed'], asSomeone);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(firstLine(outcome)).toBe(`tsenter: open environment of target ${t}: Permission denied`);
  });

  it('nsenter: no such option before 2.39', async (context) => {
    if (release >= 39) context.skip('the system has it');
    expect(firstLine(await reference(['-t', t, '-e', 'true']))).toContain('invalid option');
  });
});
