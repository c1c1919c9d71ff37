/** Signals that reach the waiting parent reach the program: each once, whoever sends it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/enter.ts';
import { type Inside, inside } from '../support/inside.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { allSignals, into, SIGCHLD, SIGKILL, SIGSTOP, startContainer, untilGone } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

/** Sent last: what was sent before has arrived by then, twice if it ever does. */
const BARRIER = 64;

async function barrier({ job, recorder }: Inside): Promise<void> {
  const before = recorder.count(BARRIER);
  process.kill(job.pid, BARRIER);
  await until('the barrier', () => recorder.count(BARRIER) > before);
}

// A SIGCHLD tells of a child of the parent's own: it is not the program's.
const forwarded = allSignals.filter((number) => ![SIGKILL, SIGSTOP, SIGCHLD].includes(number));

describe.each([
  ['in the foreground', []],
  ['in a session of its own', ['setsid']],
])('a program %s', (_, words) => {
  it('gets each signal that is sent to tsenter, once', async () => {
    await using started = await inside(into(target), [...words, 'catch=all', 'ready', 'wait']);
    for (const number of forwarded) {
      process.kill(started.job.pid, number);
      await started.recorder.waitFor(`signal ${number} code`);
    }
    await barrier(started);
    const received = started.recorder.signals().map(({ number }) => number);
    expect(received.filter((number) => number !== SIGCHLD)).toEqual([...forwarded, BARRIER]);
    expect(started.job.events).toBe(`started ${started.job.pid}\n`);
  });

  it.each([
    ['Ctrl-C', '\x03', 2],
    ['Ctrl-\\', '\x1c', 3],
    ['Ctrl-Z', '\x1a', 20],
  ])('%s reaches it once', async (_name, key, number) => {
    await using started = await inside(into(target), [...words, 'catch=all', 'ready', 'wait']);
    for (let count = 1; count <= 5; count++) {
      started.job.terminal.type(key);
      await until(`${number}, ${count} times`, () => started.recorder.count(number) === count);
      await barrier(started);
      expect(started.recorder.count(number)).toBe(count);
    }
    expect(started.job.events).toBe(`started ${started.job.pid}\n`);
  });

  it('a resized window reaches it once', async () => {
    await using started = await inside(into(target), [...words, 'catch=all', 'ready', 'wait']);
    for (let count = 1; count <= 5; count++) {
      started.job.terminal.resize(80 + count, 24);
      await until(`SIGWINCH ${count} times`, () => started.recorder.count(28) === count);
      await barrier(started);
      expect(started.recorder.count(28)).toBe(count);
    }
  });
});

it('a terminal that closes reaches a program in a session of its own', async () => {
  await using started = await inside(into(target), ['catch=1', 'setsid', 'ready', 'wait'], {
    script: 'exec "$@"',
  });
  // What the kernel does to the session leader, a shell does to its jobs.
  process.kill(started.job.pid, 'SIGHUP');
  await started.recorder.waitFor('signal 1 ');
});

it('real-time signals are queued: none is lost', async () => {
  await using started = await inside(into(target), ['catch=all', 'ready', 'wait']);
  for (let i = 0; i < 50; i++) process.kill(started.job.pid, 40);
  await until('all fifty', () => started.recorder.count(40) === 50);
  await barrier(started);
  expect(started.recorder.count(40)).toBe(50);
});

it('SIGSTOP stops tsenter alone, SIGCONT continues both', async () => {
  await using started = await inside(into(target), ['catch=all', 'ready', 'wait']);
  const { job, recorder } = started;
  process.kill(job.pid, 'SIGSTOP');
  expect(await job.next()).toMatchObject({ what: 'stopped', how: 'SIGSTOP' });
  await until('the program waits', () => processOf(recorder.pid())?.state === 'S');
  process.kill(job.pid, 'SIGTERM');
  process.kill(job.pid, 'SIGCONT');
  await recorder.waitFor('signal 15 ');
});

describe('a program that leaves the signal alone', () => {
  it.each([1, 2, 3, 10, 14, 15, 24, 31, 32, 33, 34, 40, 64])(
    'ends by %i, and so does tsenter',
    async (number) => {
      await using started = await inside(into(target), ['ready', 'wait']);
      process.kill(started.job.pid, number);
      expect(await started.job.next()).toMatchObject({ what: 'killed' });
      await untilGone(started.recorder);
    },
  );
});

it.each([
  ['ignores', ['ignore=15']],
  ['handles', ['catch=15']],
])('a program that %s SIGTERM goes on, and tsenter as well', async (_, words) => {
  await using started = await inside(into(target), [...words, 'catch=64', 'ready', 'wait']);
  process.kill(started.job.pid, 'SIGTERM');
  await barrier(started);
  expect(started.recorder.pids()).toHaveLength(1);
  expect(started.job.events).toBe(`started ${started.job.pid}\n`);
});

describe('--no-forward-signals', () => {
  it.each([1, 2, 3, 10, 14, 15, 40, 64])('%i ends tsenter, as it does without a program', async (number) => {
    const way = into(target, '--no-forward-signals', '--no-kill-child');
    await using started = await inside(way, ['catch=all', 'ready', 'wait']);
    const { job, recorder } = started;
    process.kill(job.pid, number);
    expect(await job.next()).toMatchObject({ what: 'killed' });
    expect(recorder.signals()).toEqual([]);
    expect(recorder.pids()).toHaveLength(1);
  });

  it('the program does not survive it all the same', async () => {
    await using started = await inside(into(target, '--no-forward-signals'), ['ignore=15', 'ready', 'wait']);
    process.kill(started.job.pid, 'SIGTERM');
    expect(await started.job.next()).toMatchObject({ what: 'killed', how: 'SIGTERM' });
    await untilGone(started.recorder);
  });

  it('Ctrl-C still reaches both', async () => {
    const way = into(target, '--no-forward-signals', '--no-kill-child');
    await using started = await inside(way, ['catch=2', 'ready', 'wait']);
    started.job.terminal.type('\x03');
    await started.recorder.waitFor('signal 2 code 128');
    expect(await started.job.next()).toMatchObject({ what: 'killed', how: 'SIGINT' });
  });
});
