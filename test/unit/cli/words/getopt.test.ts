import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseWords, type Words } from '../../../../src/cli/words/getopt.ts';
import { lookUpIn } from '../../../../src/options/lookup.ts';
import { OPTION_ROWS, type OptionRow } from '../../../../src/options/table.ts';
import { mustRun } from '../../../support/must-run.ts';
import { buildPrograms, program } from '../../../support/programs.ts';
import { commandLine } from '../../support/command-lines.ts';
import { failureOf, thrownBy } from '../../support/failure.ts';

const NSENTER_ROWS = OPTION_ROWS.filter((row) => !row.origin);

function wordsOf(list: readonly string[]): Words {
  return { count: list.length, at: (index) => list[index] ?? '' };
}

/** `--name` and `--name=value` of each option, then `|` and the operands. */
function parsed(list: readonly string[], rows: readonly OptionRow[] = OPTION_ROWS): string[] {
  const { tokens, rest } = parseWords(wordsOf(list), lookUpIn(rows));
  const options = tokens.map(({ row, value }) =>
    value === true ? `--${row.long}` : `--${row.long}=${value}`,
  );
  return [...options, '|', ...list.slice(rest)];
}

const parse = (line: string) => parsed(line === '' ? [] : line.split(' ')).join(' ');

describe('the grammar', () => {
  it.each([
    ['an empty command line', '', '|'],
    ['short and long options', '-t 1 --net sh', '--target=1 --net | sh'],
    ['a cluster', '-aF -mu sh', '--all --no-fork --mount=u | sh'],
    ['flags before a required value', '-aFt 1 sh', '--all --no-fork --target=1 | sh'],
    ['a glued required value', '-t1234 sh', '--target=1234 | sh'],
    ['a required value that begins with -', '-S -1 sh', '--setuid=-1 | sh'],
    ['a required value that is --', '-t -- sh', '--target=-- | sh'],
    ['a glued optional value', '-m/path sh', '--mount=/path | sh'],
    ['an optional value never follows', '-m /path', '--mount | /path'],
    ['an = in a glued value is part of it', '-m=/path', '--mount==/path |'],
    ['a long value behind =', '--mount=/path --target=7', '--mount=/path --target=7 |'],
    ['a long value with =', '--mount=a=b', '--mount=a=b |'],
    ['an empty long value', '--mount= sh', '--mount= | sh'],
    ['a long required value in the next word', '--target 7', '--target=7 |'],
    ['an abbreviation', '--targ 1 --no sh', '--target=1 --no-fork | sh'],
    ['an abbreviation with a value', '--mou=/x', '--mount=/x |'],
    ['an exact name is no abbreviation of a longer one', '--user --net --wd', '--user --net --wd |'],
    ['options end at the first operand', '-n sh -c id --all', '--net | sh -c id --all'],
    ['-- is left out', '-n -- -x -- y', '--net | -x -- y'],
    ['- is an operand', '-n - -p', '--net | - -p'],
    ['a second option replaces nothing here', '-m -m/x', '--mount --mount=/x |'],
  ])('%s', (_, line, expected) => {
    expect(parse(line)).toBe(expected);
  });

  it('takes the empty word as an operand', () => {
    expect(parsed(['-n', '', '-p'])).toEqual(['--net', '|', '', '-p']);
  });

  it('keeps every byte of a value', () => {
    expect(parsed(['-m\xff\n =', '-t', '\x80'])).toEqual(['--mount=\xff\n =', '--target=\x80', '|']);
  });

  it.each(['--help', '--version', '-h', '-V', '--hel', '--vers'])('ends at %s', (word) => {
    const [name] = parsed([word]);
    expect(parsed(['-a', word, '--unknown', '-t'])).toEqual(['--all', name, '|', '--unknown', '-t']);
  });

  it.each(['-h', '-V'])('ends at %s even inside a cluster', (help) => {
    const [name] = parsed([help]);
    expect(parsed([`-a${help[1]}F`, '-p'])).toEqual(['--all', name, '|', '-p']);
    expect(parsed([`${help}?`])).toEqual([name, '|']);
  });

  it.each([
    ['--frobnicate', 'parse option --frobnicate: unknown option'],
    ['--frobnicate=1', 'parse option --frobnicate=1: unknown option'],
    ['---', 'parse option ---: unknown option'],
    ['--targets', 'parse option --targets: unknown option'],
    ['--Target', 'parse option --Target: unknown option'],
    ['-x', 'parse option -x: unknown option'],
    ['-a-', 'parse option --: unknown option'],
    ['-\xe9', 'parse option -\xe9: unknown option'],
    ['--all=yes', 'parse option --all: takes no value'],
    ['--al=', 'parse option --all: takes no value'],
    ['--target', 'parse option --target: requires a value'],
    ['--setu', 'parse option --setuid: requires a value'],
    ['-Ft', 'parse option -t: requires a value'],
    ['--ne', 'parse option --ne: ambiguous, it could be --net, --net-socket'],
    ['--set=1', 'parse option --set=1: ambiguous, it could be --setuid, --setgid'],
  ])('refuses %s', (word, message) => {
    const [said, hint] = failureOf(() => parsed(['-a', word])).split('\n');
    expect(said).toBe(message);
    const isAlmostOne = word === '--targets' || word === '--Target';
    expect(hint).toBe(isAlmostOne ? 'Did you mean --target?' : "Try 'tsenter --help' for more information.");
  });
});

describe('options that tsenter adds', () => {
  /** What a long word means: the option's name, or why there is none. */
  function meaning(word: string, rows: readonly OptionRow[]): string {
    try {
      const { tokens } = parseWords(wordsOf([word, 'value']), lookUpIn(rows));
      return tokens[0]?.row.long ?? 'no option';
    } catch {
      return 'refused';
    }
  }

  it('change the meaning of no abbreviation that is unambiguous in nsenter', () => {
    let compared = 0;
    for (const { long } of NSENTER_ROWS) {
      for (let length = 1; length <= long.length; length++) {
        const word = `--${long.slice(0, length)}`;
        const inNsenter = meaning(word, NSENTER_ROWS);
        if (inNsenter === 'refused') continue;
        compared++;
        expect(`${word} is ${meaning(word, OPTION_ROWS)}`).toBe(`${word} is ${inNsenter}`);
      }
    }
    expect(compared).toBeGreaterThan(100);
  });

  it('can be abbreviated where that is no abbreviation of nsenter', () => {
    expect(parsed(['--expl'])).toEqual(['--explain', '|']);
    expect(parsed(['--e'])).toEqual(['--env', '|']);
  });
});

type Outcome = { tokens: (readonly [string, string | null])[]; rest?: number } | { error: string };

interface DriverLine {
  tokens: [string, string | null][];
  rest: number;
  error: { kind: string } | null;
}

const KINDS = { none: 0, required: 1, optional: 2 };

/** What glibc makes of each command line, cut where getopt's caller would have exited. */
function inGlibc(lines: readonly (readonly string[])[]): Outcome[] {
  const table = NSENTER_ROWS.map((row) => `${row.long}:${row.short ?? ''}:${KINDS[row.value ?? 'none']}`);
  const input = Buffer.concat(
    lines.map((words) => {
      const count = Buffer.alloc(4);
      count.writeUInt32LE(words.length);
      return Buffer.concat([count, Buffer.from(words.map((word) => `${word}\0`).join(''), 'latin1')]);
    }),
  );
  const output = execFileSync(program('getopt-driver'), table, { input, maxBuffer: 1 << 28 }).toString();
  return output
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const { tokens, rest, error }: DriverLine = JSON.parse(line);
      const exit = tokens.findIndex(([name]) => name === 'help' || name === 'version');
      if (exit >= 0) return { tokens: tokens.slice(0, exit + 1) };
      return error ? { error: error.kind } : { tokens, rest };
    });
}

function inTsenter(words: readonly string[]): Outcome {
  let result: ReturnType<typeof parseWords>;
  try {
    result = parseWords(wordsOf(words), lookUpIn(NSENTER_ROWS));
  } catch {
    return { error: errorKind(words) };
  }
  const tokens = result.tokens.map(
    ({ row, value }) => [row.long, value === true ? null : value] as [string, string | null],
  );
  const [last] = tokens[tokens.length - 1] ?? [];
  return last === 'help' || last === 'version' ? { tokens } : { tokens, rest: result.rest };
}

function errorKind(words: readonly string[]): string {
  const { object, reason } = thrownBy(() => parseWords(wordsOf(words), lookUpIn(NSENTER_ROWS)));
  if (reason === 'takes no value') return 'unexpected-argument';
  if (reason === 'requires a value') return 'missing-argument';
  if (reason.startsWith('ambiguous')) return 'ambiguous-long';
  // An unknown letter is one character, even where that is a dash.
  return object.length === 'option -x'.length ? 'unknown-short' : 'unknown-long';
}

const hasCompiler = spawnSync('cc', ['--version']).status === 0;

describe.skipIf(!hasCompiler && !mustRun('no C compiler to build the getopt_long driver with'))(
  'compared with the getopt_long of glibc',
  () => {
    beforeAll(buildPrograms);

    it('the driver answers as getopt_long is documented to', () => {
      expect(inGlibc([['-aFt1', '--mou=x', '--', '-y'], ['--ne'], ['-a', '--help', '--frob']])).toEqual([
        {
          tokens: [
            ['all', null],
            ['no-fork', null],
            ['target', '1'],
            ['mount', 'x'],
          ],
          rest: 3,
        },
        { error: 'ambiguous-long' },
        {
          tokens: [
            ['all', null],
            ['help', null],
          ],
        },
      ]);
    });

    it('gives the same tokens, the same rest and the same kind of error', () => {
      const seen = { lines: 0, tokens: 0, errors: new Set<string>() };
      fc.assert(
        fc.property(fc.array(commandLine, { maxLength: 400, size: 'max' }), (lines) => {
          const expected = inGlibc(lines);
          lines.forEach((words, index) => {
            const actual = inTsenter(words);
            expect({ words, ...actual }).toEqual({ words, ...expected[index] });
            seen.lines++;
            if ('error' in actual) seen.errors.add(actual.error);
            else seen.tokens += actual.tokens.length;
          });
        }),
        { numRuns: 60 },
      );
      expect(seen.lines).toBeGreaterThan(3000);
      expect(seen.tokens).toBeGreaterThan(3000);
      expect(seen.errors.size).toBe(5);
    });
  },
);
