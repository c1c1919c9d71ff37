/** A10: the target goes to and fro between two mount namespaces while its root and its namespace are entered. */

import { run } from '../../support/command.ts';
import { scratch, startActor } from '../../support/enter.ts';
import { program } from '../../support/programs.ts';
import type { Attack } from './attack.ts';
import { firstLine } from './enter.ts';
import { NotApplicable } from './not-applicable.ts';
import type { AttackTarget } from './targets.ts';
import type { Way } from './tools.ts';

/** A tool that starts slowly is tried less often; each try takes longer then, in which the target can switch. */
const DEADLINE = 3000;

/** The target of the attack is made for it; the container is only there to name the tool's words. */
export function switchRoots(way: Way, tries: number): Attack {
  return {
    name: `${way.words?.join(' ')} of a target that switches`,
    sentence: `The target goes to and fro between two mount namespaces with a root each; it is entered up to ${tries} times with its root.`,
    run: async (tool, container) => {
      if (container.attach !== undefined && !tool.isTsenter) throw new NotApplicable('it has no such option');
      using directory = scratch();
      await using actor = await startActor(['switch', directory.path], {}, program('insider'));
      const target: AttackTarget = { ...container, pid: actor.number };
      const command = tool.words(target, way, ['/insider', 'where']);
      let mixed = 0;
      let entered = 0;
      let said = '';
      const end = Date.now() + DEADLINE;
      for (let i = 0; i < tries && Date.now() < end; i++) {
        const { stdout, stderr } = await run(command, { cwd: '/' });
        if (stdout.includes('mixed')) mixed++;
        if (stdout.length > 0) entered++;
        else said = firstLine(stderr.toString());
      }
      if (entered === 0 && said === '') throw new Error('it was never entered');
      const rest = said === '' ? '' : `; refused: ${said.replace(/\d+/g, 'N')}`;
      return { succeeded: mixed > 0, seen: `${mixed} mixed of ${entered} entered${rest}` };
    },
  };
}
