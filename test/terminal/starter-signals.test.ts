/** Who started tsenter and leads its process group signals it, its group, or one after the other, as timeout(1) does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/enter.ts';
import { inside } from '../support/inside.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { into, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

const BARRIER = 64;
const SIGTERM = 15;

/** A leader of a session, which acts when it gets SIGUSR1. */
const leader = (act: string): string =>
  `exec setsid --wait sh -c 'act() { ${act}; }; trap act USR1; trap : TERM; "$@" & job=$!
   while kill -0 $job 2>/dev/null; do wait $job; done' sh "$@"`;

async function countTerms(act: string, times: number, options: readonly string[] = []): Promise<number[]> {
  await using started = await inside(into(target, ...options), ['catch=all', 'ready', 'wait'], {
    script: leader(act),
  });
  const { recorder } = started;
  const waiting = processOf(recorder.pid())?.parent ?? 0;
  const starter = processOf(waiting)?.parent ?? 0;
  const counts: number[] = [];
  for (let time = 1; time <= times; time++) {
    process.kill(starter, 'SIGUSR1');
    // Each act ends with a signal to tsenter alone that is taken after all others.
    await until('the end of the act', () => recorder.count(BARRIER) === time);
    counts.push(recorder.count(SIGTERM));
  }
  return counts;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
const end = `kill -${BARRIER} $job`;

describe.each([
  ['', []],
  [' with --pty', ['--pty']],
])('the program%s gets once', (_, options) => {
  it.each([
    [
      'what goes to tsenter and then to its group',
      'trap : TERM; kill -TERM $job; trap "" TERM; kill -TERM 0; kill -CONT $job; kill -CONT 0',
    ],
    ['what goes to tsenter alone', 'kill -TERM $job'],
    ['what goes to tsenter alone and continues it', 'kill -TERM $job; kill -CONT $job'],
    ['what goes to tsenter alone from who ignores it', 'trap "" TERM; kill -TERM $job; trap : TERM'],
    ['what goes to tsenter alone from who would die of it', 'trap - TERM; kill -TERM $job; trap : TERM'],
  ])('%s', async (_name, act) => {
    expect(await countTerms(`${act}; ${end}`, 20, options)).toEqual(upTo(20));
  });
});

it('what is sent to tsenter alone twice, the program gets twice', async () => {
  // The second one goes when the first has arrived: together they would be one for the kernel.
  expect(await countTerms(`kill -TERM $job; ${end}`, 2)).toEqual([1, 2]);
});
