/** What the native executable is, as a file: hardened, small, without a compiler, silent about where it was built. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { scratch, tool } from '../support/enter.ts';
import { repository } from '../support/programs.ts';
import { type Built, build, executable, missingExecutable } from './build.ts';
import { parseElf } from './elf.ts';
import { isHardened } from './hardened.ts';

const reason = missingExecutable();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`executable: ${reason}`, () => undefined);

describe.skipIf(reason !== undefined)('the executable', () => isHardened(() => executable));

describe.skipIf(reason !== undefined)('what the steps use', () => {
  /** The sections of these rooms, compiled each by itself; readelf(1) comes with the compiler. */
  function sectionsOf(rooms: readonly string[], directory: string): string {
    return rooms
      .flatMap((room) =>
        readdirSync(`${repository}/helper-c/${room}`).map((name) => `${repository}/helper-c/${room}/${name}`),
      )
      .filter((path) => path.endsWith('.c'))
      .map((path) => {
        const object = `${directory}/object.o`;
        tool('gcc', '-std=gnu11', '-Os', '-fPIE', '-w', `-I${repository}/helper-c`, '-c', '-o', object, path);
        return tool('readelf', '--sections', '--wide', object);
      })
      .join('');
  }

  // A sealed start does not relocate the engine's constants, and a waiting parent forgets them.
  it('is no constant that holds an address', { timeout: 60_000 }, () => {
    using files = scratch();
    const sections = sectionsOf(['entry', 'terminal', 'supervision', 'steps'], files.path);
    expect(sections).toMatch(/ \.data\.rel /);
    expect(sections).not.toMatch(/ \.data\.rel\.ro/);
  });
});

describe.skipIf(reason !== undefined)('an unstripped build', () => {
  let built: Built;
  let symbols: readonly string[];
  let compiler: readonly string[];

  const namesIn = (file: string): string[] =>
    // The compiler of C numbers copies of a function: name.constprop.0, name.cold.
    [...new Set(parseElf(readFileSync(file)).symbols.map((name) => name.split('.')[0] ?? ''))];

  beforeAll(async () => {
    built = await build({ make: { STRIP: '' } });
    symbols = namesIn(built.executable);
    compiler = namesIn(`${built.out}/compile`);
  }, 300_000);

  afterAll(() => built?.[Symbol.dispose]());

  it('has symbols', () => {
    // Functions that are too large to be lost in others when the executable is optimized as a whole.
    expect(symbols).toContain('JS_CallInternal');
    expect(symbols).toContain('wait_for_signals');
  });

  /** Each is in the program that compiles the bundle: a name that is gone there would show nothing here. */
  it.each([
    'JS_AddIntrinsicEval',
    'JS_Eval',
    '__JS_EvalInternal',
    'js_create_function',
    'js_parse_assign_expr2',
    'js_parse_statement_or_decl',
    'js_parse_class',
    'js_parse_error',
    'next_token',
    'emit_op',
  ])('has no JavaScript compiler: %s', (name) => {
    expect(compiler).toContain(name);
    expect(symbols).not.toContain(name);
  });

  it('has no part of the engine that reads source text', () => {
    expect(
      symbols.filter((name) => /^(?:__)?js_parse_(?!Float|Int)|^JS_ParseJSON|json_next_token/.test(name)),
    ).toEqual([]);
  });

  it('has no file system, process or network of the engine (quickjs-libc)', () => {
    expect(symbols.filter((name) => /^js_(?:os_|std_(?!class_def))/.test(name))).toEqual([]);
  });

  /**
   * libregexp's compiler is there: JS_AddIntrinsicRegExp, which the bundle's literals need, has RegExp() with it. It
   * compiles patterns, not programs, and nothing calls it.
   */
  it('never makes a regular expression at run time', () => {
    const scripts = readdirSync(built.out).filter((name) => name.endsWith('.js'));
    expect(scripts).toContain('main.js');
    const making = /\bRegExp\b|\bmatchAll\b|\.(?:match|search)\((?!\/)/;
    expect(scripts.filter((name) => making.test(readFileSync(`${built.out}/${name}`, 'utf8')))).toEqual([]);
  });
});
