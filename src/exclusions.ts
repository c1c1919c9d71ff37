import { usageError } from './errors.ts';
import type { OptionName, OptionRow, OptionValues } from './options.ts';

/**
 * @param rows those of the options that were given; more do no harm
 * @throws UsageError where options were given that exclude each other
 */
export function checkExclusions(values: OptionValues, rows: readonly OptionRow[]): void {
  for (const row of rows) {
    if (row.excludes && values[row.long] !== undefined && values[row.excludes as OptionName] !== undefined)
      throw usageError('parse', `options --${row.long} and --${row.excludes}`, 'mutually exclusive');
  }
}
