import type { OptionName, OptionValues } from '../options/table.ts';
import { usageError } from '../sys/errors.ts';
import { MOST_OF_ID } from '../sys/ids.ts';
import type { NamespaceName } from '../sys/namespaces.ts';
import { decimalDigits, isDigits } from './decimal.ts';
import { withoutEquals } from './meant.ts';
import type { Id, NamespaceSource } from './request.ts';

/** The values of options that most command lines give none to, or do not have at all. */

export function namespaceSource(name: NamespaceName, value: string): NamespaceSource {
  const path = pathOf(value);
  if (path[0] !== ':') return { from: 'file', path };
  const id = path.slice(1);
  if (!isDigits(id) || id.length > 20) throw usageError('parse', `nsid '${id}' of --${name}`, 'not a number');
  return { from: 'nsid', id };
}

export function directorySource<From extends string>(
  value: string | true,
  from: From,
): { from: 'target' } | { from: From; path: string } {
  return value === true ? { from: 'target' } : { from, path: pathOf(value) };
}

/** `-m=/path`: getopt hands over `=/path`, and nsenter's users write it. */
function pathOf(value: string): string {
  return value[0] === '=' ? value.slice(1) : value;
}

export function parseDescriptor(option: OptionName, text: string): number {
  return parseNumber(option, text, 0x7fff_ffff);
}

/** 0 would say that all went well. */
export function parseFailureStatus(text: string): number {
  const status = parseNumber('failure-status', text, 255);
  if (status === 0) throw usageError('parse', `value '${text}' of --failure-status`, 'out of range');
  return status;
}

/** What is no number is left to parse-controls.ts. */
export function parseId(values: OptionValues, option: 'setuid' | 'setgid', text: string): Id | undefined {
  if (text === 'follow') return text;
  if (decimalDigits(text) !== undefined) return parseNumber(option, text, MOST_OF_ID);
  values.controls ??= [];
  values.controls.push({ long: option, value: text });
  return undefined;
}

export function parseNumber(option: OptionName, text: string, most: number): number {
  const digits = decimalDigits(text);
  if (digits === undefined)
    throw usageError(
      'parse',
      `value '${text}' of --${option}`,
      'not a number',
      option === 'net-socket' ? withoutEquals('N', text) : undefined,
    );
  const number = Number(digits);
  if (number > most) throw usageError('parse', `value '${text}' of --${option}`, 'out of range');
  return number;
}

/**
 * The byte of `CHAR` or `^X`; undefined for `none`.
 *
 * @throws UsageError for anything else, for those that end a line, because an escape character counts behind them, and for those that
 *   follow one
 */
export function parseEscape(text: string): number | undefined {
  if (text === 'none') return undefined;
  const byte = text.length === 1 ? text.charCodeAt(0) : controlCharacter(text);
  if (byte === undefined || byte > DELETE || byte === LINE_FEED || byte === CARRIAGE_RETURN)
    throw usageError('parse', `value '${text}' of --escape`, 'not an escape character', ESCAPES);
  for (const taken of TAKEN)
    if (byte === taken)
      throw usageError(
        'parse',
        `value '${text}' of --escape`,
        'it means something behind an escape character',
        ESCAPES,
      );
  return byte;
}

/** Those that `--completion` has a script for. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function parseShell(text: string): Shell {
  for (const shell of SHELLS) if (shell === text) return shell;
  throw usageError('parse', `value '${text}' of --completion`, 'not a shell that has a script', HAVE_SCRIPTS);
}

const HAVE_SCRIPTS = 'There are bash, zsh and fish.';
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DELETE = 0x7f;
const ESCAPES = 'It is one ASCII character, a control character such as ^], or none.';
/** `.`, `?` and ^Z: typed twice, each would be itself and what it stands for. */
const TAKEN = [0x2e, 0x3f, 0x1a];

/** As terminals make them: `^C` and `^c` of Ctrl and C, `^?` is the one of the delete key. */
function controlCharacter(text: string): number | undefined {
  if (text.length !== 2 || text[0] !== '^') return undefined;
  if (text[1] === '?') return DELETE;
  const key = text.charCodeAt(1);
  return key >= 0x40 && key < DELETE ? key & 0x1f : undefined;
}
