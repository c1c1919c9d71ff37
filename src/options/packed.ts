import type { OptionLookup } from './lookup.ts';
import type { OptionName, OptionRow } from './table.ts';

/**
 * The option table as two texts, for the native host: objects for all rows, most of which no command line asks for, take
 * 12 µs and two pages of memory to make, and as much again for each further twenty-six.
 */
export interface PackedOptions {
  /** of each row, in the table's order; a blank where it has none */
  letters: string;
  /** of each row, `width` characters: its columns as bits in a letter, `=`, the long name, `>` what it excludes, `>` its contrary, `>` and `+` for a control */
  rows: string;
  width: number;
}

// Variables, because the bundler puts their numbers where they are used.
const OPTIONAL = 1;
const REQUIRED = 2;
const ONCE = 4;
const TSENTER = 8;
const MORE = 16;
const NO_BITS = 0x40;

export function packOptions(rows: readonly OptionRow[]): PackedOptions {
  const packed = rows.map(pack);
  // A blank ends each.
  const width = Math.max(...packed.map(({ length }) => length)) + 1;
  return {
    letters: rows.map(({ short }) => short ?? ' ').join(''),
    rows: packed.map((row) => row.padEnd(width)).join(''),
    width,
  };
}

function pack({ long, value, once, origin, further, contrary }: OptionRow): string {
  const more = further !== undefined || contrary !== undefined;
  const kind = value === 'required' ? REQUIRED : value ? OPTIONAL : 0;
  const bits = kind | (once ? ONCE : 0) | (origin ? TSENTER : 0) | (more ? MORE : 0);
  return `${String.fromCharCode(NO_BITS | bits)}=${long}${more ? `>${further?.excludes ?? ''}>${contrary ?? ''}>${further?.control ? '+' : ''}` : ''}`;
}

export function lookUpInPacked({ letters, rows, width }: PackedOptions): OptionLookup {
  return {
    withLetter(letter) {
      const index = letter === ' ' ? -1 : letters.indexOf(letter);
      return index < 0 ? undefined : unpack(rows, index * width, letter);
    },
    beginningWith(name) {
      const found: OptionRow[] = [];
      for (let at = rows.indexOf(`=${name}`); at >= 0; at = rows.indexOf(`=${name}`, at + 1)) {
        const letter = letters.charAt(at / width);
        const row = unpack(rows, at - 1, letter === ' ' ? undefined : letter);
        // What was searched for may hold the blanks and more behind the name.
        if (row.long.startsWith(name)) found.push(row);
      }
      return found;
    },
  };
}

function unpack(rows: string, start: number, short: string | undefined): OptionRow {
  const bits = rows.charCodeAt(start);
  const names = rows.slice(start + 2, rows.indexOf(' ', start));
  const row: OptionRow = { long: names as OptionName, short };
  if (bits & OPTIONAL) row.value = 'optional';
  if (bits & REQUIRED) row.value = 'required';
  if (bits & ONCE) row.once = true;
  if (bits & TSENTER) row.origin = 'tsenter';
  if (bits & MORE) {
    const [long, excludes, contrary, control] = names.split('>');
    row.long = long as OptionName;
    if (excludes || control)
      row.further = { ...(excludes && { excludes }), ...(control && { control: true as const }) };
    row.contrary = contrary || undefined;
  }
  return row;
}
