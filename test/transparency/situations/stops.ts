/** Stops: Ctrl-Z, fg, background jobs. */

import { inside } from '../../support/inside.ts';
import { processOf, signal } from '../../support/processes.ts';
import { described, type Situation, soon } from '../situation.ts';

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
      if (event === undefined)
        return `${described(event)}, the program ${restored ? 'is stopped' : 'gets nothing'}`;
      if (event.what !== 'stopped') return described(event);
      return restored
        ? 'restored before the prompt is back'
        : 'the prompt is back before the terminal is restored';
    },
  },
  {
    name: 'TOOL &, then a read of the terminal',
    sentence: 'How often fg has to be said until the program reads.',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'read', 'ready', 'wait'], { background: true });
      const { job, recorder } = started;
      const read = recorder.waitFor('read word', { timeout: 20_000 });
      read.catch(() => undefined);
      let stop = await soon(job.next());
      if (stop === undefined) {
        job.foreground();
        job.terminal.type('word\r');
        return `it does not stop; fg: ${(await soon(read)) ? 'it reads' : 'it does not read'}`;
      }
      if (stop.what !== 'stopped') return `${described(stop)}: ${lastLine(job.terminal.output)}`;
      let count = 0;
      for (; stop?.what === 'stopped' && count < 5; count++) {
        job.foreground();
        stop = await soon(job.next(), 700);
      }
      job.terminal.type('word\r');
      return (await soon(read)) ? `${count}` : `${count}, and it does not read`;
    },
  },
];

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.trim() ?? '';
}
