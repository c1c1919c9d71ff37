import { fromUnicode } from '../hosts/node/bytes.ts';
import { UsageError } from '../sys/errors.ts';

/** What is executed, and how: of each way to call. */
export interface Call<Options> {
  /** undefined: a login shell that exists inside */
  program: string | undefined;
  args: readonly string[];
  options: Options;
}

/**
 * As child_process.spawn takes them: (program, args, options), (program, options), (options).
 *
 * @throws UsageError where one has another type: JavaScript would find that out somewhere in the middle
 */
export function readCall<Options extends object>(values: readonly unknown[]): Call<Options> {
  const [first, second, third] = values;
  if (isOptions(first)) return { program: undefined, args: [], options: first as Options };
  if (first !== undefined && typeof first !== 'string') throw notA('program', 'a string', first);
  if (first?.includes('\0')) throw withNul('program');
  if (isOptions(second)) return { program: first, args: [], options: second as Options };
  if (second !== undefined && second !== null && !Array.isArray(second))
    throw notA('arguments', 'an array of strings', second);
  const args: unknown[] = second ?? [];
  for (const [index, word] of args.entries()) {
    if (typeof word !== 'string') throw notA(`argument ${index}`, 'a string', word);
    if (word.includes('\0')) throw withNul(`argument ${index}`);
  }
  if (!isOptions(third)) throw notA('options', 'an object', third);
  if (first === undefined && args.length > 0) throw notA('program', 'a string', first);
  return { program: first, args: args as string[], options: third as Options };
}

export function wordsOf({ program, args }: Call<object>): string[] {
  return program === undefined ? ['a login shell'] : [program, ...args];
}

function isOptions(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notA(what: string, wanted: string, value: unknown): UsageError {
  const cause = `not ${wanted}, but ${value === null ? 'null' : typeof value}`;
  return new UsageError('parse', what, cause, USAGE);
}

function withNul(what: string): UsageError {
  return new UsageError('parse', fromUnicode(what), 'a character is NUL, which ends words', USAGE);
}

const USAGE = 'It is (program, args, options), (program, options), or (options) for a login shell.';
