import { lookFurther } from '../options/further.ts';
import type { OptionLookup } from '../options/lookup.ts';
import type { OptionValues } from '../options/table.ts';
import type { Host } from '../plan/host.ts';
import { parseShell } from '../request/parse-value.ts';
import type { Program } from '../request/request.ts';
import { planEntry } from './enter.ts';
import { reportFailure } from './report.ts';
import { wantsColour } from './screens/colour.ts';
import type { Screens } from './screens/screens.ts';
import { type Bind, tokensThatCount } from './words/bind.ts';
import { parseWords } from './words/getopt.ts';
import { withPreset } from './words/preset.ts';

/**
 * The command line: from argv to the program, which replaces this process.
 *
 * @param screens gives what only people read, where it is asked for
 * @returns the exit status where no program is executed
 */
export function main(host: Host, options: OptionLookup, bind: Bind, screens: () => Screens): number {
  let values: OptionValues = {};
  try {
    const { tokens, rest } = parseWords(host.words, options);
    const typed = tokensThatCount(tokens);
    const last = tokens[tokens.length - 1]?.row.long;
    if (last === 'help' || last === 'version') {
      host.write(1, screens()[last](host));
      return 0;
    }
    const preset = host.variable('TSENTER_OPTIONS');
    // A variable of who called a privileged tsenter is not its to obey.
    const counting =
      preset === undefined || host.isPrivileged() ? typed : tokensThatCount(withPreset(preset, tokens));
    values = bind(counting);
    if (typeof values.completion === 'string') {
      host.write(1, screens().completion(host, parseShell(values.completion)));
      return 0;
    }
    for (const { row, value } of counting) if (row.further) lookFurther(values, row, value);
    const program: Program = rest < host.words.count ? { kind: 'operands', first: rest } : { kind: 'shell' };
    if (values.list !== undefined) return screens().list(host, typed, rest);
    if (values.explain !== undefined) return screens().explain(host, values, program);
    const plan = planEntry(host, values, program);
    if (!wantsColour(host, 2)) return host.run(plan);
    // The steps' own messages begin as those from here do.
    const prefix = { step: 'prefix', text: screens().prefix(host) } as const;
    return host.run({ ...plan, steps: [prefix, ...plan.steps] });
  } catch (error) {
    return reportFailure(host, error, screens(), values, options);
  }
}
