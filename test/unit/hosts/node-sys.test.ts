import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NodeSys } from '../../../src/hosts/node/node-sys.ts';
import { Errno } from '../../../src/sys/errors.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsenter-test-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

function read(content: string, most: number, part?: string): string {
  const file = join(directory, 'file');
  writeFileSync(file, content, 'latin1');
  const sys = new NodeSys();
  try {
    return sys.read(sys.open(file, 'file'), most, part);
  } finally {
    sys.closeAll();
  }
}

/** Some are longer than what is read at a time, and the last one has no end. */
const lines = fc.array(
  fc.tuple(fc.constantFrom('', 'a', 'b', 'x - cgroup y', '\xff'), fc.constantFrom(0, 1, 30_000, 70_000)),
  { maxLength: 12 },
);

it('gives the lines that have a text in them, of a file of any length', () => {
  fc.assert(
    fc.property(lines, fc.constantFrom('a', ' - cgroup', 'zz'), fc.boolean(), (pieces, part, isEnded) => {
      const whole = pieces.map(([text, length]) => text + 'z'.repeat(length));
      const content = whole.join('\n') + (isEnded ? '\n' : '');
      const kept = content.split(/(?<=\n)/).filter((line) => line.includes(part));
      expect(read(content, 1 << 20, part)).toBe(kept.join(''));
      expect(read(content, 1 << 20)).toBe(content);
    }),
    { numRuns: 100 },
  );
});

it('of the lines that are not wanted there may be any number', () => {
  expect(read(`${'other\n'.repeat(100_000)}this\n`, 100, 'this')).toBe('this\n');
  for (const part of [undefined, 'other', 'this'])
    expect(() => read('other '.repeat(50), 100, part)).toThrow(
      expect.objectContaining({ errno: Errno.EFBIG }),
    );
});
