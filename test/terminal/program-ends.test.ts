/** tsenter ends as the program does, and stops as it does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, signalName, tsenter } from '../support/command.ts';
import { enter, until } from '../support/enter.ts';
import { inside, type Way } from '../support/inside.ts';
import { argumentsOf, processes } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import type { Target } from '../support/targets.ts';
import { allSignals, directly, into, outcome, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

/** By pairs: starts of Node are slow, and a machine has few processors. */
async function inTurns<T>(items: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  const some = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await one(item);
  };
  await Promise.all([some(), some(), some()]);
}

it('each of the 256 statuses', { timeout: 240_000 }, async () => {
  await inTurns(
    Array.from({ length: 256 }, (_, status) => status),
    async (status) => {
      const words = ['-t', String(target.pid), '-m', '-p', '/probe', 'exit', String(status)];
      expect(await enter(words)).toMatchObject({ status, signal: null, orphans: 0 });
    },
  );
});

/** What a shell sees when the program gets the signal; `fg` after a stop, and then the end. */
async function fateBy(number: number, way: Way): Promise<string> {
  await using started = await inside(way, ['ready', 'wait']);
  const { job, recorder } = started;
  const pid = recorder.pid();
  process.kill(pid, number);
  // What was ignored changes nothing; the next signal ends it.
  if ([17, 18, 23, 28].includes(number)) process.kill(pid, 'SIGUSR1');
  const first = await job.next();
  if (first.what !== 'stopped') return outcome(first);
  job.foreground();
  process.kill(pid, 'SIGUSR1');
  return `${outcome(first)}, ${outcome(await job.next())}`;
}

it('each of the 64 signals to the program: the shell sees what it would see without tsenter', {
  timeout: 240_000,
}, async () => {
  await inTurns(allSignals, async (number) => {
    const expected = await fateBy(number, directly);
    expect(`${signalName(number)}: ${await fateBy(number, into(target))}`).toBe(
      `${signalName(number)}: ${expected}`,
    );
  });
});

describe('as PID 1', () => {
  const first = [
    '/usr/bin/unshare',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
    tsenter,
    '-t',
    '1',
    '-p',
  ];

  it.each([
    ['its status', ['exit=42'], 42],
    ['128 and the signal', ['kill=15'], 143],
    ['128 and the signal that dumps a core', ['kill=11'], 139],
    ['128 and SIGKILL', ['kill=9'], 137],
  ])('%s', async (_, words, status) => {
    using recorder = new Recorder();
    const result = await run([...first, ...recorder.command, ...words]);
    expect(result).toMatchObject({ status, signal: null });
  });

  it('it reaps what the program leaves to it', async () => {
    using recorder = new Recorder();
    const script = `"$@" fork ready exit=0; "$@" fork ready exit=0; exec "$@" ready wait`;
    const command = [...first, '/bin/sh', '-c', script, 'sh', ...recorder.command];
    const ending = run(command, { holdStdin: true });
    await recorder.waitFor(/(ready\n){3}/);
    await until('the ends of the others', () => recorder.pids().length === 1);
    const pid = recorder.pid();
    const init = processes().find((process) => process.pid === pid)?.parent;
    await until('no zombie of PID 1', () => {
      return processes().every(({ parent, state }) => parent !== init || state !== 'Z');
    });
    process.kill(pid, 'SIGTERM');
    expect(await ending).toMatchObject({ status: 143, signal: null });
  });

  it('a signal to it reaches the program', async () => {
    using recorder = new Recorder();
    const ending = run([...first, ...recorder.command, 'catch=15', 'ready', 'wait']);
    await recorder.waitFor('ready');
    const init = processes().find(({ pid }) => pid === recorder.pid())?.parent ?? 0;
    process.kill(init, 'SIGTERM');
    await recorder.waitFor('signal 15');
    process.kill(recorder.pid(), 'SIGKILL');
    expect(await ending).toMatchObject({ status: 137, signal: null });
  });
});

it('only its own child ends it: one that it was given before does not', async () => {
  // A shell that replaces itself leaves its background job to tsenter.
  using recorder = new Recorder(`/proc/${target.pid}/root`);
  const script = '/bin/sleep 0.1 & exec "$@"';
  const words = [...into(target).words([...recorder.command, 'ready', 'wait'], 'pipe')];
  const ending = run(['/bin/sh', '-c', script, 'sh', ...words]);
  await recorder.waitFor('ready');
  const pid = recorder.pid();
  const parent = processes().find((process) => process.pid === pid)?.parent;
  await until('the end of the other child', () =>
    processes().every((process) => {
      if (process.parent !== parent || process.pid === pid) return true;
      return process.state === 'Z' || !argumentsOf(process.pid).includes('/bin/sleep');
    }),
  );
  process.kill(pid, 'SIGUSR1');
  expect(await ending).toMatchObject({ status: null, signal: 'SIGUSR1' });
});
