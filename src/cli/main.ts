import { SystemError, TsenterError } from '../errors.ts';
import { checkExclusions } from '../exclusions.ts';
import { OPTION_ROWS } from '../options.ts';
import type { Program } from '../request.ts';
import type { Sys } from '../sys/sys.ts';
import { type Bind, tokensThatCount } from './bind.ts';
import { wantsColour } from './colour.ts';
import { planEntry } from './enter.ts';
import { parseWords } from './getopt.ts';
import type { Screens } from './screens.ts';

/**
 * The command line: from argv to the program, which replaces this process.
 *
 * @param screens what only people read
 * @returns the exit status where no program is executed
 */
export function main(sys: Sys, bind: Bind, screens: Screens): number {
  try {
    return enter(sys, bind, screens);
  } catch (error) {
    const failure = error instanceof SystemError ? describeCall(sys, error) : error;
    if (!(failure instanceof TsenterError)) throw error;
    sys.write(2, screens.failure(sys, failure));
    return failure.status;
  }
}

function enter(sys: Sys, bind: Bind, screens: Screens): number {
  const { tokens, rest } = parseWords(sys.words, OPTION_ROWS);
  const counting = tokensThatCount(tokens);
  const last = tokens[tokens.length - 1]?.row.long;
  if (last === 'help' || last === 'version') {
    sys.write(1, screens[last](sys));
    return 0;
  }
  const values = bind(counting);
  checkExclusions(values);
  const program: Program = rest < sys.words.count ? { kind: 'operands', first: rest } : { kind: 'shell' };
  const plan = planEntry(sys, values, program);
  if (values.explain) {
    sys.write(1, screens.explanation(sys, plan));
    return 0;
  }
  if (!wantsColour(sys, 2)) return sys.run(plan);
  // The steps' own messages begin as those from here do.
  const prefix = { step: 'prefix', text: screens.prefix(sys) } as const;
  return sys.run({ ...plan, steps: [prefix, ...plan.steps] });
}

/** A system call whose failure nobody put into words. */
function describeCall(sys: Sys, { call, errno }: SystemError): TsenterError {
  return new TsenterError({ verb: 'call', object: call, cause: sys.describe(errno), errno });
}
