/** What the native executable is, as a file: hardened, small, without a compiler, silent about where it was built. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { repository } from '../support/programs.ts';
import { type Built, build, engineDirectory, executable, missingExecutable } from './build.ts';
import { DF, DYNAMIC, type Elf, ET_DYN, FLAG, parseElf, RELATIVE, SEGMENT } from './elf.ts';

const reason = missingExecutable();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`executable: ${reason}`, () => undefined);

const machines = [
  { name: 'x86-64', file: executable },
  { name: 'aarch64', file: `${repository}/dist/native-aarch64/tsenter` },
].filter(({ file }) => existsSync(file));

describe.each(machines)('$name', ({ file }) => {
  const elf = parseElf(readFileSync(file));
  const bits = (tag: number): number => elf.dynamic.get(tag)?.[0] ?? 0;
  const of = (type: number): Elf['segments'] => elf.segments.filter((segment) => segment.type === type);

  it('is a static position-independent executable', () => {
    expect(elf.type).toBe(ET_DYN);
    expect(bits(DYNAMIC.flags1) & DF.pie1).toBe(DF.pie1);
    expect(of(SEGMENT.interpreter)).toEqual([]);
    expect(elf.dynamic.get(DYNAMIC.needed)).toBeUndefined();
    expect(elf.dynamic.get(DYNAMIC.runPath)).toBeUndefined();
    // Only what adds the load address: nothing is looked up, so nothing is bound later.
    const relative = elf.machine === 183 ? RELATIVE[183] : RELATIVE[62];
    expect(elf.relocations.length).toBeGreaterThan(0);
    expect(elf.relocations.filter(({ type }) => type !== relative)).toEqual([]);
    expect(elf.dynamic.get(DYNAMIC.jumpRelocations)).toBeUndefined();
  });

  it('is relocated before it starts, and read-only after that', () => {
    expect(of(SEGMENT.relro)).toHaveLength(1);
    const now = [bits(DYNAMIC.flags) & DF.bindNow, bits(DYNAMIC.flags1) & DF.now1];
    expect(now).not.toEqual([0, 0]);
  });

  it('has no segment that can be written and executed, nor such a stack', () => {
    const both = FLAG.write | FLAG.execute;
    expect(elf.segments.filter(({ flags }) => (flags & both) === both)).toEqual([]);
    expect(of(SEGMENT.stack).map(({ flags }) => flags & FLAG.execute)).toEqual([0]);
  });

  it('has no relocation in its text', () => {
    expect(bits(DYNAMIC.flags) & DF.textRelocations).toBe(0);
    expect(elf.dynamic.get(DYNAMIC.textRelocations)).toBeUndefined();
    const readOnly = of(SEGMENT.load).filter(({ flags }) => (flags & FLAG.write) === 0);
    expect(readOnly.length).toBeGreaterThan(0);
    const inText = elf.relocations.filter(({ address }) =>
      readOnly.some((one) => address >= one.address && address < one.address + one.memorySize),
    );
    expect(inText).toEqual([]);
  });

  it('is stripped, and at most one megabyte', () => {
    expect(elf.symbols).toEqual([]);
    expect(statSync(file).size).toBeLessThanOrEqual(1_000_000);
  });

  it('does not tell where it was built', () => {
    const text = readFileSync(file).toString('latin1');
    const places = ['/work/', repository, engineDirectory(), homedir(), tmpdir(), hostname(), 'node_modules'];
    // /root or a short name of a machine may be part of other things.
    const telling = places.filter((place) => place.length > 5);
    expect(telling.filter((place) => text.includes(place))).toEqual([]);
    // Assertions of the engine name its files, under a directory that is always called so.
    const files = text.match(/[\w./-]+\.(?:c|h|mjs|ts)\b/g) ?? [];
    expect(files.filter((name) => !/^engine\/\w+\.c$/.test(name))).toEqual([]);
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
    expect(symbols).toContain('JS_EvalFunction');
    expect(symbols).toContain('execute_steps');
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
