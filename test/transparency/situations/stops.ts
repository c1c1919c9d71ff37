/** Stops: Ctrl-Z, fg, background jobs. */

import { inside } from '../../support/inside.ts';
import { startJob } from '../../support/job.ts';
import { processOf, signal } from '../../support/processes.ts';
import { Recorder } from '../../support/recorder.ts';
import { described, freshSettings, type Situation, soon } from '../situation.ts';

export const stops: readonly Situation[] = [
  {
    name: 'Ctrl-Z, then fg',
    sentence: 'The program does not handle SIGTSTP; after fg it reads a line.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'lines']);
      const { job, recorder } = started;
      const settings = job.terminal.settings();
      job.terminal.type('\x1a');
      const event = await soon(job.next());
      if (event?.what !== 'stopped') {
        const state = processOf(recorder.pids()[0] ?? 0)?.state;
        return `${described(event)}, the program ${state === 'T' ? 'is stopped' : 'goes on'}`;
      }
      const clean = event.settings === settings ? '' : ', terminal settings changed';
      job.foreground();
      job.terminal.type('word\r');
      const read = await soon(recorder.waitFor('read word'));
      const back = job.terminal.foreground() === job.pid ? '' : ', another foreground group';
      return `${described(event)}${clean}; fg: ${read ? 'goes on' : 'does not go on'}${back}`;
    },
  },
  {
    name: 'SIGSTOP of the program',
    sentence: 'Somebody stops the program; what does the shell see, and does fg help?',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'lines']);
      const { job, recorder } = started;
      signal(recorder.pid(), 'SIGSTOP');
      const event = await soon(job.next());
      job.foreground();
      job.terminal.type('word\r');
      const read = await soon(recorder.waitFor('read word'));
      signal(recorder.pid(), 'SIGCONT');
      return `${described(event)}; fg: ${read ? 'goes on' : 'does not go on'}`;
    },
  },
  {
    name: 'Ctrl-Z in an editor',
    sentence: 'The program has the terminal raw and restores it in its SIGTSTP handler, slowly.',
    observe: async (place) => {
      await using started = await inside(place, ['editor', 'ready', 'wait']);
      const { job, recorder } = started;
      job.terminal.type('\x1a');
      const event = await soon(job.next());
      const restored = recorder.events.includes('restored');
      if (event === undefined) {
        const state = processOf(recorder.pids()[0] ?? 0)?.state === 'T' ? 'is stopped' : 'goes on';
        return `${described(event)}, the program ${restored ? `has handled it and ${state}` : 'gets nothing'}`;
      }
      if (event.what !== 'stopped') return described(event);
      return restored
        ? 'restored before the prompt is back'
        : 'the prompt is back before the terminal is restored';
    },
  },
  {
    name: 'SIGTSTP to the tool, then fg',
    sentence: 'The program does not handle SIGTSTP; after fg it reads a line.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'lines']);
      const { job, recorder } = started;
      const before = job.terminal.settings();
      signal(job.pid, 'SIGTSTP');
      const event = await soon(job.next());
      const state = processOf(recorder.pids()[0] ?? 0)?.state === 'T' ? 'is stopped' : 'goes on';
      const cooked = event === undefined || event.settings === (await freshSettings());
      job.foreground();
      await soon(new Promise(() => undefined), 500);
      const after = job.terminal.settings() === before ? '' : ', terminal settings changed';
      job.terminal.type('word\r');
      const read = await soon(recorder.waitFor('read word'));
      const during = cooked ? '' : ', the terminal is left raw';
      return `${described(event)}${during}, the program ${state}; fg: ${read ? 'goes on' : 'does not go on'}${after}`;
    },
  },
  {
    name: 'TOOL &, then a read of the terminal',
    sentence: 'How often fg has to be said until the program reads.',
    observe: async (place) => {
      using recorder = new Recorder(place.root);
      const words = place.words([...recorder.command, 'read', 'wait'], 'terminal');
      await using job = await startJob(words, { background: true });
      const read = soon(recorder.waitFor('read word'), 15_000);
      let stop = await soon(job.next(), 3000);
      if (stop !== undefined && stop.what !== 'stopped')
        return `${described(stop)}: ${lastLine(job.terminal.output)}`;
      const stops = stop === undefined ? 'it does not stop; ' : '';
      let count = 0;
      do {
        job.foreground();
        stop = await soon(job.next());
      } while (stop?.what === 'stopped' && ++count < 5);
      job.terminal.type('word\r');
      return `${stops}${count + 1}${(await soon(read, 3000)) ? '' : ', and it does not read'}`;
    },
  },
];

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
