/** PID namespaces: with the fork the program is inside, without it only its children are. */
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter } from '../support/command.ts';
import {
  enter,
  entered,
  type Namespaces,
  namespacesOf,
  probeInside,
  scratch,
  shell,
} from '../support/enter.ts';
import { type ProbeReport, parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let theirs: Namespaces;
let own: Namespaces;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['pid', 'mount', 'uts'], root: 'pivot' });
  theirs = namespacesOf(target.pid);
  own = namespacesOf('self');
  t = String(target.pid);
});

afterAll(() => target?.stop());

/** What a child of the program sees. */
async function childOf(words: readonly string[]): Promise<ProbeReport> {
  const outcome = await enter([...words, program('probe'), 'fork-probe']);
  const report = parseProbe(outcome.stdout);
  if (report === undefined || outcome.status !== 0) throw new Error(`no report: ${outcome.stderr}`);
  return report;
}

const links = ['/proc/self/ns/pid', '/proc/self/ns/pid_for_children'];

async function linksOf(...words: readonly string[]): Promise<string[]> {
  const outcome = await enter([...words, 'readlink', ...links]);
  return outcome.stdout.toString().trimEnd().split('\n');
}

describe('by default', () => {
  it('the program is in the namespace', async () => {
    const report = await probeInside(['-t', t, '-p']);
    expect(report.ns).toEqual(entered(theirs, ['pid']));
    expect(report.ppid).toBe(0);
    expect(await linksOf('-t', t, '-p')).toEqual([theirs.pid, theirs.pid]);
  });

  it('it is not the process that was started, and has a number of the namespace', async () => {
    const outcome = await enter(['-t', t, '-p', program('probe')]);
    const report = parseProbe(outcome.stdout);
    expect(report?.pid).not.toBe(outcome.pid);
    expect(report?.pid).toBeGreaterThan(1);
    expect(report?.pgrp).toBe(0);
  });

  it('its children are there as well', async () => {
    const report = await childOf(['-t', t, '-p']);
    expect(report.ns.pid).toBe(theirs.pid);
    expect(report.ppid).toBeGreaterThan(1);
  });

  it('with the mount namespace, /proc shows it', async () => {
    const script = 'echo $$; cd /proc; echo [0-9]*; read comm < /proc/$$/comm; echo $comm';
    const outcome = await enter(['-t', t, '-p', '-m', '/bin/sh', '-c', script]);
    const [pid = '', all = '', comm] = outcome.stdout.toString().split('\n');
    expect(all.split(' ')).toContain('1');
    expect(all.split(' ')).toContain(pid);
    expect(all.split(' ').length).toBeLessThan(readdirSync('/proc').filter((n) => /^\d+$/.test(n)).length);
    expect(comm).toBe('sh');
  });

  it('without a PID namespace there is no fork', async () => {
    for (const words of [['-u'], ['-m', '-u'], ['-r', '-w'], ['-c', '-u']]) {
      const around = words.includes('-u') && !words.includes('-m') ? {} : { probe: '/probe' };
      const outcome = await enter(['-t', t, ...words, around.probe ?? program('probe')]);
      expect(parseProbe(outcome.stdout)?.pid).toBe(outcome.pid);
    }
  });

  it('the own PID namespace, named explicitly, is entered with a fork', async () => {
    const outcome = await enter(['-t', String(process.pid), '-p', program('probe')]);
    const report = parseProbe(outcome.stdout);
    expect(report?.pid).not.toBe(outcome.pid);
    expect(report?.ppid).toBe(outcome.pid);
  });
});

describe('--no-fork', () => {
  it.each([['-F'], ['--no-fork'], ['--no']])('%s: the program stays where it was', async (word) => {
    const outcome = await enter(['-t', t, '-p', word, program('probe')]);
    const report = parseProbe(outcome.stdout);
    expect(report?.ns).toEqual({ ...own, pid_for_children: theirs.pid });
    expect(report?.pid).toBe(outcome.pid);
    expect(await linksOf('-t', t, '-p', word)).toEqual([own.pid, theirs.pid]);
  });

  it('its children are in the namespace, where their parent is not', async () => {
    const report = await childOf(['-t', t, '-p', '-F']);
    expect(report.ns).toEqual(entered(theirs, ['pid']));
    expect(report.ppid).toBe(0);
  });

  it('is as with nsenter', async () => {
    const words = ['-t', t, '-p', '-F'];
    const [ours, reference] = [await probeInside(words), await probeInside(words, { command: nsenter })];
    expect(ours.ns).toEqual(reference.ns);
  });

  it('without a PID namespace changes nothing', async () => {
    expect((await probeInside(['-t', t, '-u', '-F'])).ns).toEqual(entered(theirs, ['uts']));
  });
});

describe('the init of the PID namespace has ended', () => {
  /** `$NS` is a file that holds such a namespace; it is mounted in a mount namespace of the test only. */
  const withoutInit = async (script: string): Promise<{ stdout: string; stderr: string }> => {
    using directory = scratch();
    const make = `
      mount --bind "$DIR" "$DIR" && mount --make-private "$DIR" && touch "$DIR/ns" &&
      unshare --fork --pid="$DIR/ns" true && NS=$DIR/ns && ${script}`;
    const { stdout, stderr } = await shell(`exec unshare --mount /bin/bash --norc -c "$MAKE" bash`, [], {
      env: { PATH: process.env.PATH ?? '', DIR: directory.path, MAKE: make },
    });
    return { stdout: stdout.toString(), stderr: stderr.toString() };
  };

  it('the fork fails, and it is said why', async () => {
    const { stdout, stderr } = await withoutInit('"$T" --pid="$NS" echo executed; echo $?');
    expect(stdout).toBe('1\n');
    const [message, hint, ...rest] = stderr.split('\n');
    expect(message).toMatch(/^tsenter: fork into the PID namespace of .*: Cannot allocate memory$/);
    expect(hint).toMatch(/init process.*ended/);
    expect(rest).toEqual(['']);
  });

  it('nsenter says that there is no memory', async () => {
    const { stderr } = await withoutInit(`${nsenter} --pid="$NS" echo executed`);
    expect(stderr).toBe('nsenter: fork failed: Cannot allocate memory\n');
  });

  it('--no-fork executes, and the children of the program fail', async () => {
    const { stdout, stderr } = await withoutInit(
      '"$T" --no-fork --pid="$NS" "$PROBE" true && echo good; "$T" -F --pid="$NS" "$PROBE" fork-probe; echo $?',
    );
    expect(stdout).toBe('good\n1\n');
    // In the words of the C library that the probe was built with.
    expect(stderr).toMatch(/^probe: fork: (Cannot allocate memory|Out of memory)\n$/);
  });
});

describe('the caller ignores SIGCHLD', () => {
  it('the status arrives, and the program ignores it as well', async () => {
    const around = { ignore: [17] };
    const outcome = await enter(['-t', t, '-p', program('probe'), 'exit', '42'], around);
    expect(outcome).toMatchObject({ status: 42, signal: null });
    const bit = (1 << 16).toString(16).padStart(16, '0');
    expect((await probeInside(['-t', t, '-p'], around)).signals.ignored).toBe(bit);
    expect((await probeInside(['-t', t, '-u'], around)).signals.ignored).toBe(bit);
  });

  it('or blocks it', async () => {
    const around = { block: [17] };
    const outcome = await enter(['-t', t, '-p', program('probe'), 'exit', '42'], around);
    expect(outcome).toMatchObject({ status: 42, signal: null });
    expect((await probeInside(['-t', t, '-p'], around)).signals.blocked).toBe('0000000000010000');
  });
});

it('a PID namespace above the own one cannot be entered', async () => {
  const script = `
    exec 5</proc/self/ns/pid
    exec unshare --pid --fork --kill-child --mount-proc "$T" --pid=/proc/self/fd/5 echo executed`;
  const outcome = await shell(script);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.status).toBe(1);
  const [message, hint] = outcome.stderr.toString().split('\n');
  expect(message).toBe('tsenter: enter pid namespace of /proc/self/fd/5: Invalid argument');
  expect(hint).toMatch(/from itself or from one above it/);
});
