import type { OptionRow } from '../../options/table.ts';
import { usageError } from '../../sys/errors.ts';

/**
 * Which of several options an abbreviation means: the only one that is nsenter's.
 *
 * @throws UsageError where that is not so
 */
export function unambiguous(word: string, candidates: readonly OptionRow[]): OptionRow {
  const nsenters = candidates.filter((row) => !row.origin);
  const [first, another] = nsenters;
  if (first && !another) return first;
  const names = (another ? nsenters : candidates).map((row) => `--${row.long}`).join(', ');
  throw usageError('parse', `option ${word}`, `ambiguous, it could be ${names}`);
}
