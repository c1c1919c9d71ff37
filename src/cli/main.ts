import { checkExclusion } from '../exclusions.ts';
import type { OptionLookup } from '../option-lookup.ts';
import type { Program } from '../request.ts';
import type { Sys } from '../sys/sys.ts';
import { type Bind, checkOnce } from './bind.ts';
import { wantsColour } from './colour.ts';
import { planEntry } from './enter.ts';
import { renderExplanation } from './explain.ts';
import { renderPrefix, reportFailure } from './failure.ts';
import { parseWords } from './getopt.ts';
import { renderHelp } from './help.ts';
import { renderVersion } from './version.ts';

/**
 * The command line: from argv to the program, which replaces this process.
 *
 * @returns the exit status where no program is executed
 */
export function main(sys: Sys, bind: Bind, options: OptionLookup): number {
  try {
    const { tokens, rest } = parseWords(sys.words, options);
    checkOnce(tokens);
    const last = tokens[tokens.length - 1]?.row.long;
    if (last === 'help' || last === 'version') {
      sys.write(1, last === 'help' ? renderHelp(sys) : renderVersion(sys));
      return 0;
    }
    const values = bind(tokens);
    for (const { row } of tokens) if (row.excludes !== undefined) checkExclusion(values, row);
    const program: Program = rest < sys.words.count ? { kind: 'operands', first: rest } : { kind: 'shell' };
    const plan = planEntry(sys, values, program);
    if (values.explain) {
      sys.write(1, renderExplanation(sys, plan));
      return 0;
    }
    if (!wantsColour(sys, 2)) return sys.run(plan);
    // The steps' own messages begin as those from here do.
    const prefix = { step: 'prefix', text: renderPrefix(sys) } as const;
    return sys.run({ ...plan, steps: [prefix, ...plan.steps] });
  } catch (error) {
    return reportFailure(sys, error);
  }
}
