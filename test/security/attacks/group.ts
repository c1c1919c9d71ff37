/** A6: kill(0) inside reaches whoever is in the same process group outside. */
import { startTerminal } from '../../support/terminal.ts';
import type { Attack } from './attack.ts';
import { bring, within } from './enter.ts';
import type { Way } from './tools.ts';

export function killGroup(way: Way): Attack {
  return {
    name: `SIGTERM to the process group${way.pty ? ', --pty' : ''}`,
    sentence:
      'The program does kill(0, SIGTERM): does the script that has called the tool on a terminal survive?',
    run: async (tool, target) => {
      const words = tool.words(target, way, [bring(target, 'insider'), 'kill-group']);
      const command = ['/bin/sh', '-c', '"$@"; echo "the script goes on"; read end', 'sh', ...words];
      await using terminal = startTerminal(command, target.caller);
      const ended = terminal.ended.then(({ signal, status }) => `the script dies of ${signal ?? status}`);
      const goesOn = 'the script goes on';
      const there = terminal.waitFor(goesOn).then(() => goesOn);
      const seen = (await within(5000, Promise.race([there.catch(() => ended), ended]))) ?? 'neither ends';
      if (seen === goesOn && !terminal.output.includes('kills'))
        throw new Error(`not done: ${terminal.output}`);
      return { succeeded: seen !== goesOn, seen };
    },
  };
}
