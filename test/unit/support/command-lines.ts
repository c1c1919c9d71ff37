import fc from 'fast-check';
import { OPTION_ROWS } from '../../../src/options/table.ts';

/** Command lines for property tests: mostly what getopt_long accepts, and each way to be just beside it. */

const ROWS = OPTION_ROWS.filter((row) => !row.origin);
const FLAGS = ROWS.filter((row) => row.short && !row.value && row.long !== 'help' && row.long !== 'version');
const VALUED = ROWS.filter((row) => row.short && row.value);

const letter = (rows: typeof ROWS) => fc.constantFrom(...rows.map((row) => row.short ?? ''));
const long = fc.constantFrom(...ROWS.map((row) => row.long as string));

/** Any bytes but NUL, one character each. */
export const bytes = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 6 })
  .map((codes) => String.fromCharCode(...codes));

export const value = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('1', '1234', '/proc/1/ns/net', ':4026531832', 'follow', '0') },
  {
    weight: 4,
    arbitrary: fc.constantFrom('', '=', '=/x', 'a=b', '-', '--', '-1', '--all', '-t', 'm', ' ', 'a b'),
  },
  { weight: 2, arbitrary: bytes },
);

const cluster = fc
  .tuple(fc.array(letter(FLAGS), { maxLength: 4 }), fc.option(letter(VALUED)), fc.option(value))
  .map(
    ([flags, valued, glued]) => `-${flags.join('')}${valued ?? ''}${valued === null ? '' : (glued ?? '')}`,
  );

const suffix = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: value.map((v) => `=${v}`) },
);

const longWord = fc.tuple(long, suffix).map(([name, rest]) => `--${name}${rest}`);

const abbreviation = fc
  .tuple(long, fc.nat(20), suffix)
  .map(([name, length, rest]) => `--${name.slice(0, 1 + (length % name.length))}${rest}`);

const odd = fc.oneof(
  fc.constantFrom(
    '---',
    '--=',
    '--=x',
    '-=',
    '-:',
    '-;',
    '-+',
    '-?',
    '-a-',
    '-hq',
    '-hF',
    '-aVt',
    '--wdn',
    '--w',
  ),
  long.map((name) => `--${name}s`),
  long.map((name) => `--${name.toUpperCase()}`),
  bytes.map((text) => `--${text}`),
  bytes.map((text) => `-${text}`),
  letter(FLAGS).chain((flag) => bytes.map((text) => `-${flag}${text}`)),
);

const operand = fc.oneof(fc.constantFrom('sh', '', '-', '--', '=', 'a=b', '/bin/true'), bytes);

const word = fc.oneof(
  { weight: 10, arbitrary: cluster },
  { weight: 6, arbitrary: longWord },
  { weight: 6, arbitrary: abbreviation },
  { weight: 1, arbitrary: odd },
  { weight: 3, arbitrary: operand },
  { weight: 3, arbitrary: value },
);

export const commandLine = fc.array(word, { maxLength: 8 });
