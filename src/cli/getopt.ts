import { UsageError } from '../errors.ts';
import type { OptionRow } from '../options.ts';

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
 * @throws UsageError at the first word that getopt_long would refuse
 */
export function parseWords(words: Words, rows: readonly OptionRow[]): ParsedWords {
  const tokens: Token[] = [];
  let index = 0;
  while (index < words.count) {
    const word = words.at(index);
    if (word === '--') {
      index++;
      break;
    }
    if (word.length < 2 || word[0] !== '-') break;
    index++;
    const next = index < words.count ? () => words.at(index++) : undefined;
    if (word[1] === '-') tokens.push(longOption(word, next, rows));
    else for (const token of shortOptions(word, next, rows)) tokens.push(token);
    const last = tokens[tokens.length - 1];
    if (last && endsParsing(last.row)) break;
  }
  return { tokens, rest: index };
}

function endsParsing(row: OptionRow): boolean {
  return row.long === 'help' || row.long === 'version';
}

function longOption(word: string, next: (() => string) | undefined, rows: readonly OptionRow[]): Token {
  const equals = word.indexOf('=');
  const given = equals < 0 ? word.slice(2) : word.slice(2, equals);
  const row = longRow(given, rows);
  const option = `option --${row.long}`;
  if (equals >= 0) {
    if (!row.value) throw new UsageError('parse', option, 'takes no value');
    return { row, value: word.slice(equals + 1) };
  }
  if (row.value !== 'required') return { row, value: true };
  if (!next) throw new UsageError('parse', option, 'requires a value');
  return { row, value: next() };
}

function longRow(given: string, rows: readonly OptionRow[]): OptionRow {
  const exact = rows.find((row) => row.long === given);
  if (exact) return exact;
  const candidates = rows.filter((row) => row.long.startsWith(given));
  const [first, second] = candidates;
  if (!first) throw new UsageError('parse', `option --${given}`, 'unknown option');
  if (!second) return first;
  const [nsenters, another] = candidates.filter((row) => !row.origin);
  if (nsenters && !another) return nsenters;
  const names = candidates.map((row) => `--${row.long}`).join(', ');
  throw new UsageError('parse', `option --${given}`, `ambiguous, it could be ${names}`);
}

function shortOptions(word: string, next: (() => string) | undefined, rows: readonly OptionRow[]): Token[] {
  const tokens: Token[] = [];
  for (let position = 1; position < word.length; position++) {
    const letter = word.charAt(position);
    const row = rows.find((candidate) => candidate.short === letter);
    if (!row) throw new UsageError('parse', `option -${letter}`, 'unknown option');
    if (!row.value) {
      tokens.push({ row, value: true });
      if (endsParsing(row)) break;
      continue;
    }
    const glued = word.slice(position + 1);
    if (glued !== '') tokens.push({ row, value: glued });
    else if (row.value === 'optional') tokens.push({ row, value: true });
    else if (next) tokens.push({ row, value: next() });
    else throw new UsageError('parse', `option -${letter}`, 'requires a value');
    break;
  }
  return tokens;
}
