import { usageError } from '../sys/errors.ts';
import type { OptionName, OptionRow, OptionValues } from './table.ts';

/**
 * What some options want once all are known.
 *
 * @throws UsageError where it was given with one that it excludes
 */
export function lookFurther(values: OptionValues, { long, further }: OptionRow, value: string | true): void {
  const { excludes, control } = further ?? {};
  if (excludes !== undefined && values[long] !== undefined && values[excludes as OptionName] !== undefined)
    throw usageError('parse', `options --${long} and --${excludes}`, 'mutually exclusive');
  if (!control) return;
  values.controls ??= [];
  values.controls.push({ long, value });
}
