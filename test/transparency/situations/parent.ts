/** The waiting parent itself: what it holds, how often it wakes, what it leaves. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside } from '../../support/inside.ts';
import { processes } from '../../support/processes.ts';
import { Recorder } from '../../support/recorder.ts';
import { type Situation, soon } from '../situation.ts';
import type { Place } from '../tools.ts';

/** Of all threads. */
function switches(pid: number): number {
  const tasks = `/proc/${pid}/task`;
  const counts = readdirSync(tasks).map((task) => {
    const status = readFileSync(`${tasks}/${task}/status`, 'utf8');
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

const fatal = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGKILL'] as const;

/** Starts the tool, and kills it after up to a tenth of a second by one of the fatal signals. */
async function startAndKill(place: Place, recorder: Recorder): Promise<void> {
  const [file = '', ...words] = place.words([...recorder.command, 'ignore=1,2,3', 'wait'], 'pipe');
  const child = spawn(file, words, { stdio: 'ignore' });
  const end = ended(child);
  await sleep(Math.random() * 100);
  child.kill(fatal[Math.floor(Math.random() * fatal.length)]);
  await sleep(20);
  child.kill('SIGKILL');
  await end;
}

export const parent: readonly Situation[] = [
  {
    name: 'The program closes its output',
    sentence: 'exec >&- while the program goes on: when does a reader behind a pipe see the end?',
    observe: async (place) => {
      using recorder = new Recorder(place.root);
      const [file = '', ...words] = place.words(
        [...recorder.command, 'say=x', 'close', 'ready', 'wait'],
        'pipe',
      );
      const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'ignore'] });
      const end = ended(child);
      child.stdout.resume();
      const closed = new Promise<string>((resolve) => {
        child.stdout.once('end', () => resolve('at once'));
      });
      await recorder.waitFor('ready');
      const seen = (await soon(closed)) ?? 'when the program ends';
      recorder[Symbol.dispose]();
      child.kill('SIGKILL');
      await end;
      return seen;
    },
  },
  {
    name: 'Descriptors of the waiting parent',
    sentence: 'What it holds open while the program runs.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'wait']);
      await sleep(300);
      const directory = `/proc/${started.job.pid}/fd`;
      const open = readdirSync(directory).map((fd) => readlinkSync(`${directory}/${fd}`));
      const names = [...new Set(open.map((name) => name.replace(/\d+/, 'N')))];
      return names.length > 3 ? `${open.length}` : [open.length, ...names].join(' ');
    },
  },
  {
    name: 'Wake-ups while idle',
    sentence: 'Context switches of the waiting parent within two seconds.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'wait']);
      await sleep(500);
      const before = switches(started.job.pid);
      await sleep(2000);
      return String(switches(started.job.pid) - before);
    },
  },
  {
    name: '100 random kills',
    sentence:
      'The tool is started and killed within a tenth of a second by a random one of SIGTERM, SIGINT, SIGHUP, SIGQUIT and SIGKILL (at last by SIGKILL); the program ignores three of them. Left over:',
    limit: 180_000,
    observe: async (place) => {
      using recorder = new Recorder(place.root);
      let left = 100;
      const some = async (): Promise<void> => {
        while (left-- > 0) await startAndKill(place, recorder);
      };
      await Promise.all([some(), some(), some(), some()]);
      await sleep(1000);
      const orphans = recorder.pids().length;
      const zombies = processes().filter(
        ({ state, parent }) => state === 'Z' && [place.pid, process.pid].includes(parent),
      ).length;
      return `${orphans} orphans, ${zombies} zombies`;
    },
  },
];
