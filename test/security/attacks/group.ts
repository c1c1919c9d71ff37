/** A6: kill(0) inside reaches whoever is in the same process group outside. */
import type { Attack } from './attack.ts';
import { bring, enterFor } from './enter.ts';
import type { Way } from './tools.ts';

export function killGroup(way: Way): Attack {
  return {
    name: `kill(0, SIGTERM)${way.pty ? ', --pty' : ''}`,
    sentence:
      'The program sends SIGTERM to its process group: does the script that has called the tool survive?',
    run: async (tool, target) => {
      const insider = bring(target, 'insider');
      const before = ['/bin/sh', '-c', '"$@"; echo "the script goes on"', 'sh'];
      const around = { before, detached: true };
      const { how, said } = await enterFor(5000, tool, target, way, [insider, 'kill-group'], around);
      const goesOn = said.includes('the script goes on');
      if (goesOn && !said.includes('killed')) throw new Error(`not tried: ${said}`);
      return { succeeded: !goesOn, seen: goesOn ? 'the script goes on' : `the script: ${how}` };
    },
  };
}
