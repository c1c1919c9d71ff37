import { UsageError } from '../errors.ts';
import type { OptionRow, OptionValues } from '../options.ts';
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
  let contraries = false;
  for (const { row } of tokens) {
    if (row.once && tokens.filter((token) => token.row === row).length > 1)
      throw new UsageError('parse', `option --${row.long}`, 'may be given only once');
    contraries = contraries || row.contrary !== undefined;
  }
  return contraries ? tokens.filter(({ row }, index) => !isUndone(row, tokens, index)) : tokens;
}

function isUndone(row: OptionRow, tokens: readonly Token[], index: number): boolean {
  return (
    row.contrary !== undefined && tokens.slice(index + 1).some((later) => later.row.long === row.contrary)
  );
}
