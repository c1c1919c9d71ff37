import type { OptionName, OptionValues } from '../../options/table.ts';
import { givenTwice } from '../../request/habits.ts';
import { withoutUndone } from './contraries.ts';
import type { Token } from './getopt.ts';

/**
 * How the words' tokens become option values. There are two ways that give the same: clipanion, which declares the
 * command on Node, and the direct one, which needs no state machine and is what the native host starts with.
 */
export type Bind = (tokens: readonly Token[]) => OptionValues;

/** Of several occurrences the last one counts. */
export const bindDirectly: Bind = (tokens) => {
  const values: OptionValues = {};
  for (const { row, value } of tokens) values[row.long] = value;
  return values;
};

/**
 * The tokens that count: of an option and its contrary the last one.
 *
 * @throws UsageError where an option that counts once was given twice
 */
export function tokensThatCount(tokens: readonly Token[]): readonly Token[] {
  const given: Partial<Record<OptionName, true>> = {};
  let contraries = false;
  for (const { row } of tokens) {
    if (row.contrary !== undefined) contraries = true;
    if (!row.once) continue;
    if (given[row.long]) throw givenTwice(row, tokens);
    given[row.long] = true;
  }
  return contraries ? withoutUndone(tokens) : tokens;
}
