/** A4: the caller's session keyring is searched inside. */
import { program } from '../../support/programs.ts';
import type { Attack } from './attack.ts';
import { bring, enterFor, firstLine } from './enter.ts';
import type { Way } from './tools.ts';

export function readKeys(way: Way): Attack {
  return {
    name: `read the caller's keys${way.uid === undefined ? '' : `, -S ${way.uid}`}`,
    sentence: 'The caller has a key in its session keyring; the program searches it and reads it.',
    run: async (tool, target) => {
      const insider = bring(target, 'insider');
      const before = [program('insider'), 'with-key'];
      const { how, said } = await enterFor(30_000, tool, target, way, [insider, 'keys'], { before });
      const succeeded = said.includes('key HOST SECRET');
      return { succeeded, seen: succeeded ? 'the key was read' : firstLine(said) || how };
    },
  };
}
