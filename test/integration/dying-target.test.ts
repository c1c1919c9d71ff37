/**
 * The target ends, at every point of the way. test/programs/pause.c holds the command at a system call, so that what
 * the test does falls between two of them, each time.
 */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  beforeProgram,
  enter,
  holdAt,
  kill,
  messageFormat,
  type Point,
  probeInside,
  type Scratch,
  scratch,
  someone,
  startActor,
  stateOf,
  tool,
  until,
  withoutPidfd,
} from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { namespaceNames, startTarget, type Target } from '../support/targets.ts';

beforeAll(buildPrograms);

const everything: readonly (readonly string[])[] = [
  ['-u'],
  ['-p'],
  ['-m', '-r', '-w'],
  ['-a'],
  ['-a', '-F'],
  ['-r'],
  ['-w'],
  ['-W/'],
  ['-u', '-e'],
  ['-u', '-c'],
  ['-u', '-S', 'follow', '-G', 'follow'],
  ['-u', '-Z'],
];

async function plainTarget(): Promise<Target> {
  return startTarget({ namespaces: namespaceNames.filter((name) => name !== 'user') });
}

/** Executed or not: the program would make this file, on whatever root that the target has of the host's. */
function witness(files: Scratch): { path: string; words: string[] } {
  const path = `${files.path}/executed`;
  return { path, words: ['/bin/sh', '-c', `echo > ${path}`] };
}

describe('it has ended before tsenter looks', () => {
  it.each(everything.map((words) => [words]))('%j', async (words) => {
    const target = await plainTarget();
    await target.stop();
    const outcome = await enter(['-t', String(target.pid), ...words, 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toBe(`tsenter: open target ${target.pid}: No such process\n`);
  });
});

describe('it is a zombie', () => {
  it.each(everything.map((words) => [words]))('%j', async (words) => {
    await using actor = await startActor(['zombie']);
    const zombie = actor.number;
    expect(stateOf(zombie)).toBe('Z');
    const outcome = await enter(['-t', String(zombie), ...words, 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    const [message, hint] = outcome.stderr.toString().split('\n');
    expect(message).toBe(`tsenter: open target ${zombie}: No such process`);
    expect(hint).toMatch(/ended.*zombie/);
  });
});

const moments: readonly (readonly [string, readonly Point[], readonly string[]])[] = [
  ['before its pidfd is opened', ['enter=pidfd_open'], []],
  ['right after its pidfd was opened', ['leave=pidfd_open'], []],
  ['before the first namespace is entered', ['enter=setns'], []],
  ['right after its pidfd was denied', ['leave=pidfd_open'], withoutPidfd()],
  [
    'without a pidfd, right after its directory was opened',
    ['leave=pidfd_open', 'leave=openat'],
    withoutPidfd(),
  ],
  ['without a pidfd, before the first namespace is entered', ['enter=setns'], withoutPidfd()],
  ['without a pidfd, when the first namespace was entered', ['leave=setns'], withoutPidfd()],
];

describe.each(moments)('it ends %s', (_, points, under) => {
  it.each([['-u'], ['-p'], ['-a'], ['-m', '-r', '-w', '-c', '-e']].map((words) => [words]))(
    '%j',
    async (words) => {
      using files = scratch();
      const executed = witness(files);
      const target = await plainTarget();
      await using held = await holdAt(points, ['-t', String(target.pid), ...words, ...executed.words], {
        under,
      });
      await target.stop();
      const end = await held.go();
      expect(end.status).toBe(1);
      expect(end.stdout).toBe('');
      expect(end.stderr).toMatch(messageFormat);
      expect(end.stderr).toMatch(new RegExp(`target ${target.pid}\\b.*: No such process\n`));
      expect(existsSync(executed.path)).toBe(false);
    },
  );

  it('and stays a zombie', async () => {
    using files = scratch();
    const executed = witness(files);
    // Nobody waits for it: its parent is held as well.
    await using parent = await startActor(
      ['--norc', '-c', 'sleep 1000 & echo ready $!; read line'],
      {},
      '/bin/bash',
    );
    const words = ['-t', String(parent.number), '-u', ...executed.words];
    process.kill(parent.pid, 'SIGSTOP');
    try {
      await using held = await holdAt(points, words, { under });
      await kill(parent.number);
      expect(stateOf(parent.number)).toBe('Z');
      const end = await held.go();
      expect(end.status).toBe(1);
      expect(end.stderr).toMatch(/^tsenter: [^\n]*No such process\n/);
      expect(existsSync(executed.path)).toBe(false);
    } finally {
      process.kill(parent.pid, 'SIGCONT');
    }
  });
});

describe('it ends when everything was entered', () => {
  it('what was entered stays: the program runs', async () => {
    const target = await startTarget({ namespaces: ['uts', 'net', 'ipc'], hostname: 'inside' });
    await using held = await holdAt(beforeProgram, [
      '-t',
      String(target.pid),
      '-u',
      '-n',
      '-i',
      'uname',
      '-n',
    ]);
    await target.stop();
    expect(await held.go()).toEqual({ status: 0, signal: null, stdout: 'inside\n', stderr: '' });
  });

  it('the init of a PID namespace takes the program with it', async () => {
    using files = scratch();
    const executed = witness(files);
    const target = await startTarget({ namespaces: ['pid'] });
    await using held = await holdAt(beforeProgram, ['-t', String(target.pid), '-p', ...executed.words]);
    // Its end waits for that of the others in the namespace, and theirs for whoever traces them.
    const stopped = target.stop();
    await until('the program was killed', () => stateOf(held.pid) === 'Z');
    const end = await held.go();
    await stopped;
    expect(end).toMatchObject({ status: null, signal: 'SIGKILL', stdout: '' });
    expect(existsSync(executed.path)).toBe(false);
  });

  it.each([['-S'], ['-G']])(
    '%s follow: the owner of what has ended is root, so nobody is followed',
    async (letter) => {
      using files = scratch();
      const executed = witness(files);
      const target = await startTarget({ namespaces: ['uts'], uid: someone, gid: someone });
      const words = ['-t', String(target.pid), '-u', letter, 'follow', ...executed.words];
      await using held = await holdAt(['leave=setns'], words);
      await target.stop();
      const end = await held.go();
      expect(end).toMatchObject({ status: 1, signal: null, stdout: '' });
      expect(end.stderr).toBe('tsenter: read owner of the target: No such process\n');
      expect(existsSync(executed.path)).toBe(false);
    },
  );

  it('before the fork: said, and nothing is executed', async () => {
    using files = scratch();
    const executed = witness(files);
    const target = await startTarget({ namespaces: ['pid'] });
    await using held = await holdAt(['leave=setns'], ['-t', String(target.pid), '-p', ...executed.words]);
    await target.stop();
    const end = await held.go();
    expect(end).toMatchObject({ status: 1, signal: null, stdout: '' });
    expect(end.stderr).toMatch(
      /^tsenter: fork into the PID namespace of target \d+: Cannot allocate memory\n.*init/,
    );
    expect(existsSync(executed.path)).toBe(false);
  });
});

describe('PID:inode', () => {
  it('the right one', async () => {
    await using target = await plainTarget();
    const inode = tool(program('actor'), 'inode', String(target.pid)).trim();
    const report = await probeInside(['-t', `${target.pid}:${inode}`, '-a']);
    expect(report.ns.uts).not.toBe((await probeInside(['-w/'])).ns.uts);
  });

  it.each(['1', '18446744073709551615', '0'])('a wrong one: %s', async (inode) => {
    await using target = await plainTarget();
    const actual = tool(program('actor'), 'inode', String(target.pid)).trim();
    const outcome = await enter(['-t', `${target.pid}:${inode}`, '-a', 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    const [message, hint] = outcome.stderr.toString().split('\n');
    expect(message).toBe(`tsenter: open target ${target.pid}:${inode}: No such process`);
    expect(hint).toContain(actual);
  });

  it("another process's", async () => {
    await using target = await plainTarget();
    const inode = tool(program('actor'), 'inode', String(process.pid)).trim();
    const outcome = await enter(['-t', `${target.pid}:${inode}`, '-u', 'echo', 'executed']);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
  });
});
