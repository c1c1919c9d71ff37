import { usageError } from '../sys/errors.ts';
import type { OptionName, OptionRow, OptionValues } from './table.ts';

/** @throws UsageError where an option was given with one that it excludes */
export function checkExclusion(values: OptionValues, { long, excludes }: OptionRow): void {
  if (excludes !== undefined && values[long] !== undefined && values[excludes as OptionName] !== undefined)
    throw usageError('parse', `options --${long} and --${excludes}`, 'mutually exclusive');
}
