/** A12: so few open files are allowed that something of the pseudo-terminal is not there. */
import { type Outcome, run } from '../../support/command.ts';
import type { Attack } from './attack.ts';
import { firstLine } from './enter.ts';
import type { Tool, Way } from './tools.ts';

const LINES = 3000;

/** What is wrong; `ran` when the program ran, nothing when it was refused as it should be. */
function judged({ status, signal, stdout, stderr }: Outcome, tool: Tool): string | undefined {
  const lines = stdout.toString().replace(/\r/g, '').split('\n').length - 1;
  // The shell itself may be without the files that it needs: then it is the one that says so.
  if (status === 7 && (lines === LINES || stderr.includes('sh:'))) return 'ran';
  const said = firstLine(stderr.toString());
  const refused = tool.isTsenter ? status === 1 && said.startsWith('tsenter: ') : status !== 7;
  if (refused && lines === 0) return undefined;
  return `${signal ?? `status ${status}`}, ${lines} of ${LINES} lines, ${said || 'no message'}`;
}

export function fewDescriptors(way: Way, limits: readonly number[]): Attack {
  return {
    name: `few open files${way.pty ? ', --pty' : ''}`,
    sentence: `The limit of open files is ${limits[0]} to ${limits.at(-1)}: the program runs with all that it says, or it does not run.`,
    run: async (tool, target) => {
      // An engine's -t needs a terminal, which is a descriptor as well.
      const own = target.attach === undefined || tool.isTsenter ? way : {};
      const script = `/bin/busybox seq ${LINES}; exit 7`;
      const command = tool.words(target, own, ['/bin/busybox', 'sh', '-c', script]);
      const half: string[] = [];
      let ran = 0;
      for (const nofile of limits) {
        const what = judged(await run(command, { nofile, cwd: '/' }), tool);
        if (what === 'ran') ran++;
        else if (what !== undefined) half.push(`with ${nofile}: ${what}`);
      }
      const seen =
        half.length > 0
          ? `${half.length} of ${limits.length} are neither; ${half[0]}`
          : `${ran} ran, ${limits.length - ran} refused`;
      return { succeeded: half.length > 0, seen };
    },
  };
}
