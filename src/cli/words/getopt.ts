import type { OptionLookup } from '../../options/lookup.ts';
import type { OptionRow } from '../../options/table.ts';
import { takesNoValue, unknownOption } from '../../request/habits.ts';
import { usageError } from '../../sys/errors.ts';
import { unambiguous } from './abbreviation.ts';

/** The words of a command line after the program's name, one character per byte. */
export interface Words {
  readonly count: number;
  at(index: number): string;
}

/** An option as it stood on the command line, with its value's bytes untouched. */
export interface Token {
  row: OptionRow;
  value: string | true;
}

export interface ParsedWords {
  tokens: Token[];
  /** the index of the first operand: the program */
  rest: number;
}

/**
 * Splits a command line as glibc's getopt_long(3) does with a leading `+`: options end at the first operand, short
 * ones cluster, values are glued or follow, optional ones only glued or behind `=`, long names may be abbreviated.
 * An abbreviation is looked up among nsenter's own options first, so that options which tsenter adds never make
 * one ambiguous.
 *
 * Parsing ends at `--help` and `--version`, where getopt's caller would exit.
 *
 * @param found gets the tokens, also where it throws
 * @throws UsageError at the first word that getopt_long would refuse
 */
export function parseWords(words: Words, options: OptionLookup, found?: Token[]): ParsedWords {
  const tokens = found ?? [];
  let index = 0;
  while (index < words.count) {
    const word = words.at(index);
    if (word === '--') {
      index++;
      break;
    }
    if (word.length < 2 || word[0] !== '-') break;
    index++;
    const last =
      word[1] === '-'
        ? longOption(word, options, words, index)
        : shortOptions(word, options, tokens, words, index);
    tokens.push(last);
    const { row } = last;
    if (row.value === 'required' && last.value === true) {
      if (index === words.count)
        throw usageError(
          'parse',
          word[1] === '-' ? `option --${row.long}` : `option -${row.short}`,
          'requires a value',
        );
      last.value = words.at(index++);
    }
    if (endsParsing(row)) break;
  }
  return { tokens, rest: index };
}

function endsParsing(row: OptionRow): boolean {
  return row.long === 'help' || row.long === 'version';
}

/**
 * A token whose value is to be the next word has none yet.
 *
 * @param next the index of that word, for hints
 */
function longOption(word: string, options: OptionLookup, words: Words, next: number): Token {
  const equals = word.indexOf('=');
  const row = longRow(word, equals < 0 ? word.slice(2) : word.slice(2, equals), options, words, next);
  if (equals < 0) return { row, value: true };
  if (!row.value) throw takesNoValue(row.long, word.slice(equals + 1));
  return { row, value: word.slice(equals + 1) };
}

function longRow(word: string, given: string, options: OptionLookup, words: Words, next: number): OptionRow {
  const candidates = options.beginningWith(given);
  for (const row of candidates) if (row.long === given) return row;
  const [first, second] = candidates;
  if (!first) throw unknownOption(word, undefined, words, next);
  if (!second) return first;
  return unambiguous(word, candidates);
}

/** Gives the last of them; where that wants the next word as its value, it has none yet. */
function shortOptions(
  word: string,
  options: OptionLookup,
  tokens: Token[],
  words: Words,
  next: number,
): Token {
  for (let position = 1; ; position++) {
    const letter = word.charAt(position);
    const row = options.withLetter(letter);
    if (!row) throw unknownOption(word, letter, words, next);
    const isLast = position + 1 === word.length;
    if (isLast || endsParsing(row)) return { row, value: true };
    if (row.value) return { row, value: word.slice(position + 1) };
    tokens.push({ row, value: true });
  }
}
