/** A thousand starts that are killed at random, under load: nothing is left. */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { until } from '../support/enter.ts';
import { processes, signal } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import { into, startContainer } from './tsenter.ts';

beforeAll(buildPrograms);

const STARTS = 1000;
const fatal = [1, 2, 3, 6, 9, 9, 9, 10, 13, 14, 15, 64] as const;
const programs = [
  [],
  ['ignore=1,2,3,15'],
  ['ignore=all'],
  ['setsid', 'ignore=all'],
  ['close'],
  ['catch=all'],
];
const options = [[], ['--pty'], ['--no-forward-signals'], ['--kill-child=KILL']];

function pick<T>(items: readonly [T, ...T[]] | readonly T[]): T {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('nothing to pick');
  return item;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
}

/** Something that competes for the processors, as long as the test. */
function load(): Disposable {
  const burners = [1, 2].map(() => spawn('/bin/sh', ['-c', 'while :; do :; done'], { stdio: 'ignore' }));
  return { [Symbol.dispose]: () => burners.forEach((burner) => void burner.kill('SIGKILL')) };
}

it(`${STARTS} starts and kills`, { timeout: 900_000 }, async () => {
  await using target = await startContainer();
  using recorder = new Recorder(`/proc/${target.pid}/root`);
  using _ = load();
  let longest = 50;
  let left = STARTS;

  const startAndKill = async (): Promise<void> => {
    const way = into(target, ...pick(options));
    const [file = '', ...words] = way.words([...recorder.command, ...pick(programs), 'wait'], 'pipe');
    const begun = performance.now();
    const child = spawn(file, words, { stdio: ['ignore', 'ignore', 'ignore'] });
    const end = ended(child);
    await sleep(Math.random() * longest);
    if (child.pid !== undefined) signal(child.pid, pick(fatal));
    // Who has forwarded it to a program that goes on waits for that.
    await Promise.race([end, sleep(Math.random() * 50)]);
    child.kill('SIGKILL');
    await end;
    // So that about half of them get as far as the program: a start takes what it takes here.
    longest = Math.max(20, Math.min(2000, recorder.pids().length > 0 ? performance.now() - begun : longest));
  };
  const some = async (): Promise<void> => {
    while (left-- > 0) await startAndKill();
  };
  await Promise.all([some(), some(), some(), some()]);

  await until('no program is left', () => recorder.pids().length === 0);
  const zombies = processes().filter(
    ({ state, parent }) => state === 'Z' && [target.pid, process.pid].includes(parent),
  );
  expect(zombies).toEqual([]);
});

it('a thousand programs that end at once leave no zombie of their own namespace', {
  timeout: 900_000,
}, async () => {
  await using target = await startContainer();
  using recorder = new Recorder(`/proc/${target.pid}/root`);
  const [file = '', ...words] = into(target).words([...recorder.command, 'exit=0'], 'pipe');
  for (let i = 0; i < 100; i++) {
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const child = spawn(file, words, { stdio: 'ignore' });
        const end = ended(child);
        if (child.pid !== undefined && i % 2 === 0) signal(child.pid, 'SIGTERM');
        await end;
      }),
    );
  }
  await until('no program is left', () => recorder.pids().length === 0);
  expect(processes().filter(({ state, parent }) => state === 'Z' && parent === target.pid)).toEqual([]);
});
