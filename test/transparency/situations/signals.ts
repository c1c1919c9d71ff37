/** Signals that are sent to the tool: what of them reaches the program. */
import { execFileSync } from 'node:child_process';
import { inside } from '../../support/inside.ts';
import { program } from '../../support/programs.ts';
import { described, type Situation, soon, times } from '../situation.ts';

function reaching(name: string, number: number): Situation {
  return {
    name: `${name} to the tool`,
    sentence: 'The program handles every signal.',
    observe: async (place) => {
      await using started = await inside(place, ['catch=all', 'ready', 'wait']);
      const { job, recorder } = started;
      process.kill(job.pid, number);
      const event = await soon(job.next());
      return `the program gets it ${times(recorder.count(number))}, ${described(event)}`;
    },
  };
}

export const signals: readonly Situation[] = [
  reaching('SIGUSR1', 10),
  reaching('SIGQUIT', 3),
  reaching('SIGWINCH', 28),
  reaching('SIGALRM', 14),
  reaching('SIGRTMIN+6', 40),
  {
    name: 'A real-time signal with a value',
    sentence: 'SIGRTMIN+6 is queued to the tool with the value 42; the program handles every signal.',
    observe: async (place) => {
      await using started = await inside(place, ['catch=all', 'ready', 'wait']);
      const { job, recorder } = started;
      execFileSync(program('recorder'), ['/dev/null', `send=${job.pid}:40:42`]);
      const event = await soon(job.next());
      const [first] = recorder.signals().filter(({ number }) => number === 40);
      const value = first === undefined ? '' : ` with the value ${first.value}`;
      return `the program gets it ${times(recorder.count(40))}${value}, ${described(event)}`;
    },
  },
];
