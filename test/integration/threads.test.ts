/** The target is a thread that has namespaces of its own, as programs in Go and Java have: -t takes its number. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, run, tsenter } from '../support/command.ts';
import {
  type Actor,
  entered,
  holdAt,
  namespacesOf,
  type Point,
  scratch,
  startActor,
  tool,
  withoutPidfd,
} from '../support/enter.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';

let actor: Actor;
let thread: string;

beforeAll(async () => {
  buildPrograms();
  actor = await startActor(['thread']);
  thread = String(actor.number);
});

afterAll(() => actor?.stop());

/** With a pidfd of the thread (Linux 6.9), and as it is before. */
const ways: readonly (readonly [string, readonly string[]])[] = [
  ['by a pidfd', []],
  ['without one', withoutPidfd()],
];

describe.each(ways)('%s', (_, under) => {
  const around = { timeout: 60_000 };

  it('its namespaces are entered, not those of its process', async () => {
    const { status, stdout, stderr } = await run(
      [...under, tsenter, '-t', thread, '-n', '-u', program('probe')],
      around,
    );
    expect([status, stderr.toString()]).toEqual([0, '']);
    expect(parseProbe(stdout)?.ns).toEqual(entered(namespacesOf(actor.number), ['net', 'uts']));
    expect(namespacesOf(actor.number).net).not.toBe(namespacesOf(actor.pid).net);
  });

  it.each([
    ['-n', 'readlink', '/proc/self/ns/net'],
    ['-a', 'uname', '-n'],
    ['-u', '-r', '-w', 'pwd'],
    ['-p', '-u', 'uname', '-n'],
  ])('as nsenter: %j', async (...words) => {
    const [left, right] = await Promise.all([
      run([nsenter, '-t', thread, ...words], around),
      run([...under, tsenter, '-t', thread, ...words], around),
    ]);
    expect([right.status, right.stderr.toString()]).toEqual([0, '']);
    // The root is the caller's own, in which nsenter forgets the working directory of -w.
    expect(right.stdout.toString()).toBe(left.stdout.toString());
  });

  it('its owner is followed, its cgroup joined, its environment taken', async () => {
    const words = ['-u', '-c', '-e', '-S', 'follow', '-G', 'follow', 'id', '-u'];
    const { status, stdout, stderr } = await run([...under, tsenter, '-t', thread, ...words], around);
    expect([status, stdout.toString(), stderr.toString()]).toEqual([0, '0\n', '']);
  });

  it.each<[string, readonly Point[]]>([
    ['is opened', ['enter=pidfd_open']],
    ['is entered', ['enter=setns']],
  ])('it ends before it %s: refused, though its process lives', async (_moment, points) => {
    using files = scratch();
    await using other = await startActor(['thread']);
    const words = ['-t', String(other.number), '-u', '/bin/sh', '-c', `echo > ${files.path}/executed`];
    await using held = await holdAt(points, words, { under });
    await other.say('end');
    const end = await held.go();
    expect(end).toMatchObject({ status: 1, signal: null, stdout: '' });
    expect(end.stderr).toMatch(new RegExp(`^tsenter: [^\n]*target ${other.number}: No such process\n`));
    expect(existsSync(`${files.path}/executed`)).toBe(false);
    expect(existsSync(`/proc/${other.pid}`)).toBe(true);
  });
});

it('TID:inode is the inode of the pidfd of the thread', async () => {
  const wrong = await run([tsenter, '-t', `${thread}:1`, '-u', 'true']);
  const inode = /inode (\d+)/.exec(wrong.stderr.toString())?.[1];
  expect(inode).not.toBe(tool(program('actor'), 'inode', String(actor.pid)).trim());
  const { status, stdout } = await run([tsenter, '-t', `${thread}:${inode}`, '-u', 'uname', '-n']);
  expect([status, stdout.toString()]).toEqual([0, 'thread\n']);
});
