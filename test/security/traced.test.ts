/**
 * The program makes the waiting parent its tracer (PTRACE_TRACEME), for which each of its signals is a stop by that signal: it is not
 * held by that, and no status but its own is told.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { type InsideOptions, inside, type Way } from '../support/inside.ts';
import { type JobEvent, startJob } from '../support/job.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot', terminals: true });
});

afterAll(() => target?.stop());

const SIGINT = 2;
const SIGPIPE = 13;
const SIGTERM = 15;
const SIGURG = 23;

const into = (...options: readonly string[]): Way => ({
  root: `/proc/${target.pid}/root`,
  words: (words) => [tsenter, '-t', String(target.pid), '-m', '-p', ...options, ...words],
});

const seen = ({ what, how }: JobEvent): string => `${what} ${how}`;

/** What the shell sees first, once the program has said `ready` of itself. */
async function first(way: Way, words: readonly string[], options: InsideOptions = {}): Promise<string> {
  await using started = await inside(way, words, options);
  return seen(await started.job.next());
}

describe.each([[[]], [['--pty']]])('%j', (options: readonly string[]) => {
  const way = (): Way => into(...options);

  it.each([SIGINT, SIGPIPE, SIGTERM, SIGURG])('a signal that it ignores: %i', async (number) => {
    const words = [`ignore=${number}`, 'traceme', `kill=${number}`, 'ready', 'exit=7'];
    expect(await first(way(), words)).toBe('exited 7');
  });

  it.each([
    [SIGINT, 'killed SIGINT'],
    [SIGTERM, 'killed SIGTERM'],
  ])('one that it dies of: %i', async (number, end) => {
    expect(await first(way(), ['ready', 'traceme', `kill=${number}`])).toBe(end);
  });

  it('the one of an exec', async () => {
    expect(await first(way(), ['traceme', 'execute', 'ready', 'exit=7'])).toBe('exited 7');
  });

  it('again and again', async () => {
    const turn = ['traceme', 'kill=23'];
    const words = Array.from({ length: 100 }, () => turn).flat();
    expect(await first(way(), [...words, 'ready', 'exit=7'])).toBe('exited 7');
  });

  it('a sibling that it makes', async () => {
    await using started = await inside(way(), ['ready', 'sibling=23', 'read', 'exit=7']);
    await started.recorder.waitFor('sibling went on');
    started.job.terminal.type('word\r');
    expect(seen(await started.job.next())).toBe('exited 7');
  });
});

it('its stops are stops all the same', async () => {
  await using started = await inside(into(), ['ready', 'traceme', 'kill=20', 'exit=7']);
  expect(seen(await started.job.next())).toBe('stopped SIGTSTP');
  started.job.foreground();
  expect(seen(await started.job.next())).toBe('exited 7');
});

it('the hang-up of its terminal', async () => {
  await using started = await inside(into('--pty'), ['ignore=1', 'traceme', 'ready', 'read', 'exit=7']);
  started.job.terminal.type('~.');
  expect(seen(await started.job.next())).toBe('exited 7');
});

it('where signals cannot be waited for', async () => {
  using recorder = new Recorder(`/proc/${target.pid}/root`);
  const words = into().words([...recorder.command, 'traceme', 'kill=23', 'ready', 'exit=7'], 'terminal');
  await using job = await startJob([program('filtered'), '1', 'rt_sigtimedwait', '--', ...words]);
  expect(seen(await job.next())).toBe('exited 7');
});
