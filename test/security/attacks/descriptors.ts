/** A12: so few open files are allowed that something of the pseudo-terminal is not there. */
import { run } from '../../support/command.ts';
import type { Attack } from './attack.ts';
import { firstLine } from './enter.ts';
import type { Way } from './tools.ts';

const LINES = 3000;

export function fewDescriptors(way: Way, limits: readonly number[]): Attack {
  return {
    name: `few open files${way.pty ? ', --pty' : ''}`,
    sentence:
      `The limit of open files is ${limits[0]} to ${limits.at(-1)}: the program runs with all that it says, or it does not run and ` +
      'a message says so.',
    run: async (tool, target) => {
      const script = `/bin/busybox seq ${LINES}; exit 7`;
      const command = tool.words(target, way, ['/bin/busybox', 'sh', '-c', script]);
      const half: string[] = [];
      let ran = 0;
      for (const nofile of limits) {
        const { status, signal, stdout, stderr } = await run(command, { nofile, cwd: '/' });
        const lines = stdout.toString().replace(/\r/g, '').split('\n').length - 1;
        // The program itself may be without the files it needs: then it is the one that says so.
        const complete = status === 7 && (lines === LINES || stderr.includes('sh:'));
        const refused = status === 1 && lines === 0 && stderr.length > 0;
        if (complete) ran++;
        else if (!refused)
          half.push(
            `${nofile}: ${signal ?? `status ${status}`}, ${lines} lines, ${firstLine(stderr.toString())}`,
          );
      }
      const seen = half.length > 0 ? half.join('; ') : `${ran} ran, ${limits.length - ran} refused`;
      return { succeeded: half.length > 0, seen };
    },
  };
}
