import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bind, bindDirectly, tokensThatCount } from '../../../../src/cli/words/bind.ts';
import { bindWithClipanion } from '../../../../src/cli/words/clipanion.ts';
import { parseWords } from '../../../../src/cli/words/getopt.ts';
import { lookUpIn } from '../../../../src/options/lookup.ts';
import { OPTION_ROWS, type OptionRow, type OptionValues } from '../../../../src/options/table.ts';
import { makeRequest } from '../../../../src/request/parse.ts';
import type { Program, Request } from '../../../../src/request/request.ts';
import { TsenterError } from '../../../../src/sys/errors.ts';
import { bytes, commandLine, value } from '../../support/command-lines.ts';
import { failureOf } from '../../support/failure.ts';

/** main() answers --help and --version before anything is bound. */
const ROWS = OPTION_ROWS.filter((row) => row.long !== 'help' && row.long !== 'version');

type Bound = { values: OptionValues; request: Request | { refused: string } } | { refused: string };

/** From argv to the request, as main() does it. */
function bound(argv: readonly string[], bind: Bind): Bound {
  try {
    const { tokens, rest } = parseWords(
      { count: argv.length, at: (index) => argv[index] ?? '' },
      lookUpIn(OPTION_ROWS),
    );
    const values = bind(tokensThatCount(tokens));
    const program: Program = rest < argv.length ? { kind: 'operands', first: rest } : { kind: 'shell' };
    return { values, request: requestOf(values, program) };
  } catch (error) {
    return { refused: refusal(error) };
  }
}

function requestOf(values: OptionValues, program: Program): Request | { refused: string } {
  try {
    return makeRequest(values, program);
  } catch (error) {
    return { refused: refusal(error) };
  }
}

function refusal(error: unknown): string {
  if (error instanceof TsenterError) return `${error.message}\n${error.hint}`;
  throw error;
}

function values(argv: readonly string[], bind: Bind): OptionValues {
  const words = { count: argv.length, at: (index: number) => argv[index] ?? '' };
  return bind(tokensThatCount(parseWords(words, lookUpIn(OPTION_ROWS)).tokens));
}

const BINDINGS: [string, Bind][] = [
  ['bindDirectly', bindDirectly],
  ['bindWithClipanion', bindWithClipanion],
];

describe.each(BINDINGS)('%s', (_, bind) => {
  it('gives each option its value', () => {
    expect(values(['-aF', '-t', '7', '-m', '-n/net', '--wd=', '--explain', 'sh', '-p'], bind)).toEqual({
      all: true,
      'no-fork': true,
      target: '7',
      mount: true,
      net: '/net',
      wd: '',
      explain: true,
    });
  });

  it('gives nothing for no option', () => {
    expect(values(['sh'], bind)).toEqual({});
  });

  it('lets the last one of an option and its contrary count', () => {
    expect(values(['--pty', '--no-pty', '--kill-child=TERM', '--no-kill-child'], bind)).toEqual({
      'no-pty': true,
      'no-kill-child': true,
    });
    expect(values(['--no-pty', '--pty', '--no-kill-child', '--kill-child=TERM', '--pty'], bind)).toEqual({
      pty: true,
      'kill-child': 'TERM',
    });
  });

  it('lets the last occurrence count, with and without a value', () => {
    expect(values(['-m/a', '-m/b', '-S1', '-S2', '-n/a', '-n', '-p', '-p/b', '-a', '-a'], bind)).toEqual({
      mount: '/b',
      setuid: '2',
      net: true,
      pid: '/b',
      all: true,
    });
  });

  it.each([
    ['empty', ''],
    ['an =', '='],
    ['with =', 'a=b=c'],
    ['a dash', '-'],
    ['two dashes', '--'],
    ['like a short option', '-t'],
    ['like a long option', '--mount=/x'],
    ['like the help', '--help'],
    ['with spaces', ' a b '],
    ['with a newline', 'a\nb'],
    ['only a newline', '\n'],
    ['with quotes and backslashes', '\'"\\$`'],
    ['with bytes that are no ASCII', '\x01\x7f\x80\xff'],
    ['like a property of every object', '__proto__'],
    ['like a word of JavaScript', 'true'],
  ])('keeps a value that is %s', (_name, text) => {
    expect(values([`--mount=${text}`, `--root=${text}`, '--setgid', text], bind)).toEqual({
      mount: text,
      root: text,
      setgid: text,
    });
  });
});

/** An option with a value of any bytes, in one of the ways to write it. */
const occurrence = fc
  .tuple(fc.constantFrom(...ROWS), fc.oneof(value, bytes), fc.boolean(), fc.boolean())
  .map(([row, text, valued, long]) => written(row, text, valued, long));

function written(row: OptionRow, text: string, valued: boolean, long: boolean): string[] {
  const kind = row.value;
  if (kind === 'required') return long ? [`--${row.long}=${text}`] : [`--${row.long}`, text];
  if (kind === undefined || !valued) return [`--${row.long}`];
  return long || text === '' || !row.short ? [`--${row.long}=${text}`] : [`-${row.short}${text}`];
}

const validCommandLine = fc.array(occurrence, { maxLength: 6 }).map((words) => [...words.flat(), 'program']);

describe('both bindings', () => {
  const agree = (argv: readonly string[]): void => {
    expect(bound(argv, bindWithClipanion)).toEqual(bound(argv, bindDirectly));
  };

  it('give the same for each option alone, bare and with a value', () => {
    for (const row of ROWS) {
      agree([`--${row.long}`, '7']);
      if (row.value) agree([`--${row.long}=7`]);
    }
  });

  it('give the same options and the same request for any command line that parses', () => {
    fc.assert(fc.property(validCommandLine, agree), { numRuns: 400 });
  });

  it('give the same for any command line at all', () => {
    const argv = commandLine.filter((words) => !asksForInformation(words));
    fc.assert(fc.property(argv, agree), { numRuns: 400 });
  });
});

function asksForInformation(argv: readonly string[]): boolean {
  try {
    const { tokens } = parseWords(
      { count: argv.length, at: (index) => argv[index] ?? '' },
      lookUpIn(OPTION_ROWS),
    );
    return tokens.some(({ row }) => row.long === 'help' || row.long === 'version');
  } catch {
    return false;
  }
}

describe('tokensThatCount', () => {
  const check = (...argv: string[]) => {
    const { tokens } = parseWords(
      { count: argv.length, at: (index) => argv[index] ?? '' },
      lookUpIn(OPTION_ROWS),
    );
    return () => tokensThatCount(tokens);
  };

  it('refuses a second target, the same or another', () => {
    const message =
      "parse option --target: may be given only once\nTry 'tsenter --help' for more information.";
    expect(failureOf(check('-t1', '-m', '--targ=2'))).toBe(message);
    expect(failureOf(check('-t1', '-t1'))).toBe(message);
  });

  it('lets every other option be repeated', () => {
    expect(check('-t1', '-m', '-m', '-S0', '-S1', '-a', '-a')).not.toThrow();
  });

  it.each([
    ['the same option', ['--no-kill-child']],
    ['an option and its contrary', ['--kill-child', '--no-kill-child']],
  ])('looks as often at each token of thousands as at those of a few: %s', (_, argv) => {
    const looks = (times: number) => {
      let count = 0;
      const { tokens } = parseWords(
        { count: argv.length * times, at: (index) => argv[index % argv.length] ?? '' },
        lookUpIn(OPTION_ROWS),
      );
      const watched = tokens.map(({ row, value }) => ({
        value,
        get row() {
          count++;
          return row;
        },
      }));
      expect(tokensThatCount(watched).length).toBeGreaterThan(0);
      return count;
    };
    expect(looks(5000)).toBe(50 * looks(100));
  });
});
