import type { OptionLookup } from './option-lookup.ts';
import type { OptionName, OptionRow } from './options.ts';

/**
 * The option table as one text, for the native host: an object for each row, most of which no command line asks for,
 * takes twelve times as long to make as the text (12 µs, 0.5 µs for each further row).
 *
 * A row is `;`, a column each for letter, value, once and origin, `=`, the long name, and `>` with what it excludes.
 */
export function packOptions(rows: readonly OptionRow[]): string {
  const packed = rows.map(({ long, short, value, once, excludes, origin }) =>
    [
      `;${short ?? ' '}`,
      value === undefined ? ' ' : value === 'required' ? '!' : '?',
      once ? '1' : ' ',
      origin ? '+' : ' ',
      `=${long}`,
      excludes === undefined ? '' : `>${excludes}`,
    ].join(''),
  );
  return `${packed.join('')};`;
}

export function lookUpInPacked(text: string): OptionLookup {
  return {
    withLetter(letter) {
      const start = text.indexOf(`;${letter}`);
      const row = start < 0 ? undefined : unpack(text, start);
      // A blank stands for no letter, and a semicolon before each.
      return row?.short === letter ? row : undefined;
    },
    beginningWith(name) {
      const rows: OptionRow[] = [];
      for (let at = text.indexOf(`=${name}`); at >= 0; at = text.indexOf(`=${name}`, at + 1)) {
        const row = unpack(text, text.lastIndexOf(';', at));
        if (row.long.startsWith(name)) rows.push(row);
      }
      return rows;
    },
  };
}

function unpack(text: string, start: number): OptionRow {
  const value = text[start + 2];
  const name = text.slice(start + 6, text.indexOf(';', start + 1));
  const more = name.indexOf('>');
  return {
    long: (more < 0 ? name : name.slice(0, more)) as OptionName,
    short: text[start + 1] === ' ' ? undefined : text[start + 1],
    value: value === '!' ? 'required' : value === '?' ? 'optional' : undefined,
    once: text[start + 3] === '1' || undefined,
    origin: text[start + 4] === '+' ? 'tsenter' : undefined,
    excludes: more < 0 ? undefined : name.slice(more + 1),
  };
}
