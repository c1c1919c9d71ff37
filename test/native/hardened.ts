/** The tests of an executable as a file, for each machine that there is one for. */
import { readFileSync, statSync } from 'node:fs';
import { homedir, hostname, tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { repository } from '../support/programs.ts';
import { engineDirectory } from './build.ts';
import { DF, DYNAMIC, type Elf, ET_DYN, FLAG, MACHINE, parseElf, RELATIVE, SEGMENT } from './elf.ts';

export function isHardened(file: () => string): void {
  const elf = (): Elf => parseElf(readFileSync(file()));
  const bits = (tag: number): number => elf().dynamic.get(tag)?.[0] ?? 0;
  const of = (type: number): Elf['segments'] => elf().segments.filter((segment) => segment.type === type);

  it('is a static position-independent executable', () => {
    expect(elf().type).toBe(ET_DYN);
    expect(bits(DYNAMIC.flags1) & DF.pie1).toBe(DF.pie1);
    expect(of(SEGMENT.interpreter)).toEqual([]);
    expect(elf().dynamic.get(DYNAMIC.needed)).toBeUndefined();
    expect(elf().dynamic.get(DYNAMIC.runPath)).toBeUndefined();
    // Only what adds the load address: nothing is looked up, so nothing is bound later.
    const relative = elf().machine === MACHINE.aarch64 ? RELATIVE.aarch64 : RELATIVE.x86;
    expect(elf().relocations.length).toBeGreaterThan(0);
    expect(elf().relocations.filter(({ type }) => type !== relative)).toEqual([]);
    expect(elf().dynamic.get(DYNAMIC.jumpRelocations)).toBeUndefined();
  });

  it('binds nothing late, and says what can be read-only once it is relocated', () => {
    expect(of(SEGMENT.relro)).toHaveLength(1);
    const now = [bits(DYNAMIC.flags) & DF.bindNow, bits(DYNAMIC.flags1) & DF.now1];
    expect(now).not.toEqual([0, 0]);
  });

  it('has no segment that can be written and executed, nor such a stack', () => {
    const both = FLAG.write | FLAG.execute;
    expect(elf().segments.filter(({ flags }) => (flags & both) === both)).toEqual([]);
    expect(of(SEGMENT.stack).map(({ flags }) => flags & FLAG.execute)).toEqual([0]);
  });

  it('has no relocation in its text', () => {
    expect(bits(DYNAMIC.flags) & DF.textRelocations).toBe(0);
    expect(elf().dynamic.get(DYNAMIC.textRelocations)).toBeUndefined();
    const readOnly = of(SEGMENT.load).filter(({ flags }) => (flags & FLAG.write) === 0);
    expect(readOnly.length).toBeGreaterThan(0);
    const inText = elf().relocations.filter(({ address }) =>
      readOnly.some((one) => address >= one.address && address < one.address + one.memorySize),
    );
    expect(inText).toEqual([]);
  });

  it('is stripped, and at most one megabyte', () => {
    expect(elf().symbols).toEqual([]);
    expect(statSync(file()).size).toBeLessThanOrEqual(1_000_000);
  });

  it('does not tell where it was built', () => {
    const text = readFileSync(file()).toString('latin1');
    const places = ['/work/', repository, engineDirectory(), homedir(), tmpdir(), hostname(), 'node_modules'];
    // /root or a short name of a machine may be part of other things.
    const telling = places.filter((place) => place.length > 5);
    expect(telling.filter((place) => text.includes(place))).toEqual([]);
    // Assertions of the engine name its files, under a directory that is always called so.
    const files = text.match(/[\w./-]+\.(?:c|h|mjs|ts)\b/g) ?? [];
    expect(files.filter((name) => !/^[^/]*engine\/\w+\.c$/.test(name))).toEqual([]);
  });
}
