/** Ctrl-C, and signals to the tool that end things. */

import { inside } from '../../support/inside.ts';
import { Recorder } from '../../support/recorder.ts';
import { startTerminal } from '../../support/terminal.ts';
import { described, fate, type Situation, soon, times } from '../situation.ts';

function ended(name: string, sentence: string, signal: NodeJS.Signals, words: readonly string[]): Situation {
  return {
    name,
    sentence,
    observe: async (place) => {
      await using started = await inside(place, [...words, 'ready', 'wait']);
      const { job, recorder } = started;
      process.kill(job.pid, signal);
      const event = await soon(job.next());
      return `${described(event)}, ${await fate(recorder)}`;
    },
  };
}

function byTimeout(name: string, script: string): Situation {
  return {
    name,
    sentence: 'timeout(1) ends the tool; the program handles nothing.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'wait'], { script: `exec ${script}` });
      const event = await soon(started.job.next(), 5000);
      return `${described(event).replace('the tool', 'timeout')}, ${await fate(started.recorder)}`;
    },
  };
}

export const interrupt: readonly Situation[] = [
  {
    name: 'Ctrl-C, handled by the program',
    sentence: 'Ctrl-C is typed; the program handles SIGINT and goes on.',
    observe: async (place) => {
      await using started = await inside(place, ['catch=2', 'ready', 'wait']);
      const { job, recorder } = started;
      job.terminal.type('\x03');
      await soon(recorder.waitFor('signal 2 '));
      const event = await soon(job.next());
      return `the program gets it ${times(recorder.count(2))}, ${described(event)}, ${await fate(recorder)}`;
    },
  },
  {
    name: 'Ctrl-C, not handled',
    sentence: 'Ctrl-C is typed; the program leaves SIGINT alone.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'wait']);
      const { job, recorder } = started;
      job.terminal.type('\x03');
      const event = await soon(job.next());
      return `${described(event)}, ${await fate(recorder)}`;
    },
  },
  ended('SIGTERM to the tool', 'The program leaves SIGTERM alone.', 'SIGTERM', []),
  ended('SIGTERM to the tool, handled', 'The program handles SIGTERM and goes on.', 'SIGTERM', ['catch=15']),
  ended('SIGTERM to the tool, ignored', 'The program ignores SIGTERM.', 'SIGTERM', ['ignore=15']),
  ended('SIGKILL to the tool', 'Does the program survive?', 'SIGKILL', []),
  ended('SIGKILL to the tool, all ignored', 'The program ignores every signal.', 'SIGKILL', ['ignore=all']),
  byTimeout('timeout 2 TOOL PROGRAM', 'timeout 2 "$@"'),
  byTimeout('timeout --foreground 2 TOOL PROGRAM', 'timeout --foreground 2 "$@"'),
  {
    name: 'The terminal is closed',
    sentence: 'The window with the tool in it is closed: SIGHUP from the kernel.',
    observe: async (place) => {
      using recorder = new Recorder(place.root);
      const words = place.words([...recorder.command, 'catch=1', 'ready', 'wait'], 'terminal');
      await using terminal = startTerminal(words);
      await recorder.waitFor('ready\n');
      terminal.hangUp();
      await soon(recorder.waitFor('signal 1 '));
      return `the program gets SIGHUP ${times(recorder.count(1))}`;
    },
  },
  {
    name: 'The terminal is closed, SIGHUP not handled',
    sentence: 'The same with a program that leaves SIGHUP alone.',
    observe: async (place) => {
      using recorder = new Recorder(place.root);
      await using terminal = startTerminal(place.words([...recorder.command, 'ready', 'wait'], 'terminal'));
      await recorder.waitFor('ready\n');
      terminal.hangUp();
      return fate(recorder);
    },
  },
];
