import { OPTION_ROWS } from '../../options/table.ts';
import { usageError } from '../../sys/errors.ts';
import type { Token } from './getopt.ts';

/**
 * What TSENTER_OPTIONS says, in front of what the command line does: who puts tsenter in nsenter's place cannot add options for those
 * that call it. Names are not abbreviated: a later version may have more.
 *
 * @throws UsageError for what the table does not let a variable say
 */
export function withPreset(text: string, tokens: readonly Token[]): readonly Token[] {
  const words = text.split(/[ \t\n]+/).filter((word) => word !== '');
  return [...words.map(presetToken), ...tokens];
}

function presetToken(word: string): Token {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const row = OPTION_ROWS.find(({ long, preset }) => preset && name === `--${long}`);
  if (!row || (equals < 0 ? row.value === 'required' : !row.value))
    throw usageError('parse', `TSENTER_OPTIONS '${word}'`, 'not an option that may be preset', HINT);
  return { row, value: equals < 0 ? true : word.slice(equals + 1) };
}

const HINT = `There are ${OPTION_ROWS.filter(({ preset }) => preset)
  .map(({ long, value }) => `--${long}${value === 'required' ? '=VALUE' : value ? '[=VALUE]' : ''}`)
  .join(', ')}.`;
