import type { OptionRow } from '../../options/table.ts';
import { usageError } from '../../sys/errors.ts';

/**
 * Which of several options an abbreviation means: the only one that is nsenter's.
 *
 * @throws UsageError where that is not so
 */
export function unambiguous(word: string, candidates: readonly OptionRow[]): OptionRow {
  const [nsenters, another] = candidates.filter((row) => !row.origin);
  if (nsenters && !another) return nsenters;
  const names = candidates.map((row) => `--${row.long}`).join(', ');
  throw usageError('parse', `option ${word}`, `ambiguous, it could be ${names}`);
}
