import { usageError } from './errors.ts';
import { OPTION_ROWS, type OptionName, type OptionValues } from './options.ts';

/** @throws UsageError where options were given that exclude each other */
export function checkExclusions(values: OptionValues): void {
  for (const row of OPTION_ROWS) {
    if (row.excludes && values[row.long] !== undefined && values[row.excludes as OptionName] !== undefined)
      throw usageError('parse', `options --${row.long} and --${row.excludes}`, 'mutually exclusive');
  }
}
