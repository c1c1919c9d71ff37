/** The terminal as the program sees it, and as it leaves it. */

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { inside } from '../../support/inside.ts';
import { startJob } from '../../support/job.ts';
import { freshSettings, type Situation, soon, times } from '../situation.ts';

const yes = (bit: string | undefined): string => (bit === '1' ? 'yes' : 'no');

export const terminal: readonly Situation[] = [
  {
    name: 'tty inside',
    sentence: 'Is stdin a terminal, does tty(1) have a name for it, is it the controlling terminal?',
    observe: async (place) => {
      await using started = await inside(place, ['ready', 'about', 'wait']);
      const { name = '', controlling, isatty = '' } = await started.recorder.about();
      return `isatty ${yes(isatty[0])}, name ${name.replace(/\d+/, 'N')}, controlling ${controlling}`;
    },
  },
  {
    name: 'Size of the window',
    sentence: 'Inside at the start, and after the window was resized to 30 rows of 100; SIGWINCH counted.',
    observe: async (place) => {
      await using started = await inside(place, ['about', 'catch=28', 'ready', 'lines', 'about', 'wait']);
      const { job, recorder } = started;
      const [, before = ''] = /rows (\d+ columns \d+)/.exec(recorder.events) ?? [];
      await sleep(1000);
      job.terminal.resize(100, 30);
      await sleep(1000);
      job.terminal.type('\x04');
      await recorder.waitFor('eof');
      const after = await recorder.about();
      const signals = times(recorder.count(28));
      return `${before.replace(' columns ', '×')}, then ${after.rows}×${after.columns}, SIGWINCH ${signals}`;
    },
  },
  {
    name: 'Job control of a shell inside',
    sentence: 'sh inside: sleep 100, Ctrl-Z, jobs, fg, Ctrl-C.',
    observe: async (place) => {
      await using job = await startJob(place.words(['/bin/sh', '-i'], 'terminal'));
      const { terminal: screen } = job;
      await screen.waitFor('# ', { timeout: 10_000 });
      await sleep(300);
      screen.type('sleep 100\r');
      if (!(await soon(screen.waitFor('sleep 100')))) return 'what is typed does not arrive';
      await sleep(300);
      screen.type('\x1a');
      if (!(await soon(screen.waitFor(/Stopped[^#]*# /)))) return 'Ctrl-Z does not stop it';
      screen.type('jobs\r');
      if (!(await soon(screen.waitFor(/Stopped +sleep 100[^#]*# /)))) return 'the job is not listed';
      screen.type('fg\r');
      await soon(screen.waitFor(/fg\r\n.*sleep 100\r\n/));
      await sleep(300);
      screen.type('\x03');
      return (await soon(screen.waitFor('# '))) ? 'works' : 'Ctrl-C does not end it';
    },
  },
  {
    name: 'TOOL sh -i; read x',
    sentence: 'A script that reads the terminal after an interactive shell inside has ended.',
    observe: async (place) => {
      const script = '"$@"; read -r x; echo "got $x"';
      const command = ['/bin/sh', '-c', script, 'sh', ...place.words(['/bin/sh', '-i'], 'terminal')];
      await using job = await startJob(command);
      await job.terminal.waitFor('# ', { timeout: 10_000 });
      job.terminal.type('exit\r');
      await sleep(500);
      job.terminal.type('word\r');
      const read = job.terminal.waitFor('got word').then(() => 'reads');
      const stopped = job
        .next()
        .then(({ what, how }) => (what === 'stopped' ? `stopped by ${how}` : 'reads'));
      return (await soon(Promise.race([read, stopped]))) ?? 'hangs';
    },
  },
  {
    name: 'TOOL | reader',
    sentence: 'A reader behind a pipe that also reads the terminal, such as less.',
    observe: async (place) => {
      const script = '"$@" | { cat; read -r x </dev/tty; echo "got $x"; }';
      const words = ['ready', 'say=through', 'exit=0'];
      await using started = await inside(place, words, { script, io: 'pipe' });
      const { terminal: screen } = started.job;
      await screen.waitFor('through');
      screen.type('word\r');
      return (await soon(screen.waitFor('got word'))) ? 'reads both' : 'does not read the terminal';
    },
  },
  {
    name: 'Standard input is a pipe',
    sentence: 'echo hi | TOOL PROGRAM on a terminal: what is a terminal inside, and does the end arrive?',
    observe: async (place) => {
      const options = { script: 'echo hi | "$@"', io: 'pipe' } as const;
      await using started = await inside(place, ['ready', 'about', 'lines', 'wait'], options);
      const { isatty = '' } = await started.recorder.about();
      const read = await soon(started.recorder.waitFor('read hi\n'));
      const eof = await soon(started.recorder.waitFor('eof'));
      const terminals = [...isatty].map(yes).join(' ');
      return `terminals: ${terminals}; ${read ? 'reads it' : 'reads nothing'}, ${eof ? 'and the end' : 'no end'}`;
    },
  },
  {
    name: 'TIOCSTI from inside',
    sentence: "The program pushes a line into its terminal: does the caller's shell read it afterwards?",
    observe: async (place) => {
      if (readFileSync('/proc/sys/dev/tty/legacy_tiocsti', 'utf8').trim() !== '1')
        return 'not tried: off in this kernel';
      const script = '"$@"; read -r x; echo "got $x"';
      await using started = await inside(place, ['ready', 'inject=pushed', 'exit=0'], { script });
      const [said] = await started.recorder.waitFor(/inject.*/);
      const read = await soon(started.job.terminal.waitFor('got pushed'));
      return read
        ? 'reads it'
        : `reads nothing (the call ${said === 'injected' ? 'succeeds' : 'fails'} inside)`;
    },
  },
  settings('Settings of the terminal afterwards', ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT']),
  settings('Settings of the terminal after SIGKILL', ['SIGKILL']),
];

function settings(name: string, signals: readonly NodeJS.Signals[]): Situation {
  return {
    name,
    sentence: `While the program runs, the tool gets ${signals.join(', or ')}.`,
    observe: async (place) => {
      const fresh = await freshSettings();
      const changed: string[] = [];
      for (const signal of signals) {
        await using started = await inside(place, ['ready', 'wait']);
        const { job } = started;
        process.kill(job.pid, signal);
        const event = await soon(job.next());
        if (event === undefined) changed.push(`${signal}: the tool goes on`);
        else if (event.settings !== fresh) changed.push(`${signal}: changed`);
      }
      return changed.length === 0 ? 'as before' : changed.join(', ');
    },
  };
}
