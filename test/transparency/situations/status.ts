/** How the tool ends, when the program has. */
import { run } from '../../support/command.ts';
import { Recorder } from '../../support/recorder.ts';
import type { Situation } from '../situation.ts';
import type { Place } from '../tools.ts';

async function end(place: Place, words: readonly string[], first = false): Promise<string> {
  using recorder = new Recorder(first ? place.firstRoot : place.root);
  const program = [...recorder.command, 'ready', ...words];
  const command = first ? place.asFirst(program) : place.words(program, 'pipe');
  const { status, signal, stderr } = await run(['/usr/bin/env', ...command]);
  if (!recorder.events.includes('ready')) return `does not start: ${lastCause(stderr.toString())}`;
  return signal === null ? `status ${status}` : `dies of ${signal}`;
}

export const status: readonly Situation[] = [
  {
    name: 'Exit status',
    sentence: 'The program exits with each of 0 to 255.',
    limit: 120_000,
    observe: async (place) => {
      const all = Array.from({ length: 256 }, (_, number) => number);
      const wrong: string[] = [];
      const one = async (): Promise<void> => {
        for (let number = all.shift(); number !== undefined; number = all.shift()) {
          const seen = await end(place, [`exit=${number}`]);
          if (seen !== `status ${number}`) wrong.push(`${number}: ${seen}`);
        }
      };
      await Promise.all([one(), one(), one(), one()]);
      return wrong.length === 0 ? 'all the same' : `${wrong.length} differ, ${wrong.slice(0, 2).join(', ')}`;
    },
  },
  {
    name: 'The program dies of SIGTERM',
    sentence: 'How the tool ends, as its parent sees it.',
    observe: (place) => end(place, ['kill=15']),
  },
  {
    name: 'The program dies of SIGSEGV',
    sentence: 'How the tool ends, as its parent sees it.',
    observe: (place) => end(place, ['kill=11']),
  },
  {
    name: 'The same as PID 1',
    sentence: 'The tool is the first process of a PID namespace; its program dies of SIGTERM.',
    observe: (place) => end(place, ['kill=15'], true),
  },
];

/** Behind the names of this run's files. */
function lastCause(text: string): string {
  return (
    text
      .trim()
      .split('\n')[0]
      ?.split(/ - |: /)
      .at(-1) ?? ''
  );
}
