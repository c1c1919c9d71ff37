import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lookUpIn } from '../../../src/options/lookup.ts';
import { lookUpInPacked, packOptions } from '../../../src/options/packed.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';

const plain = lookUpIn(OPTION_ROWS);
const packed = lookUpInPacked(packOptions(OPTION_ROWS));

/** What the parser asks for of a row; what it enters is asked of the table itself. */
const parsed = <Row extends object>(row: Row) => ({
  ...row,
  namespace: undefined,
  files: undefined,
  preset: undefined,
});

describe('the packed options are those of the table', () => {
  it.each(Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)))('letter %j', (letter) => {
    const row = plain.withLetter(letter);
    expect(packed.withLetter(letter)).toEqual(row && parsed(row));
  });

  it('names, and what they begin with', () => {
    const names = OPTION_ROWS.flatMap(({ long }) =>
      Array.from({ length: long.length + 1 }, (_, length) => long.slice(0, length)),
    );
    expect(names.length).toBeGreaterThan(100);
    for (const name of names)
      expect(packed.beginningWith(name)).toEqual(plain.beginningWith(name).map(parsed));
  });

  it('what no option is called', () => {
    const { rows } = packOptions(OPTION_ROWS);
    const texts = [rows, rows.slice(2, 40), 'target ', 'all   ', '>wd', 'wdns>', 'wdns>wd', 'F=target', '  '];
    const pieces = fc.array(fc.constantFrom(...texts, ...';=>!?+1 tw-', 'target', 'wd'), { maxLength: 3 });
    fc.assert(
      fc.property(pieces, (list) => {
        const name = list.join('');
        expect(packed.beginningWith(name)).toEqual(plain.beginningWith(name).map(parsed));
      }),
    );
  });
});
