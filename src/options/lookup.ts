import type { OptionRow } from './table.ts';

/** How the parser of the command line finds an option. */
export interface OptionLookup {
  withLetter(letter: string): OptionRow | undefined;
  /** in the order of the table */
  beginningWith(text: string): OptionRow[];
}

export function lookUpIn(rows: readonly OptionRow[]): OptionLookup {
  return {
    withLetter: (letter) => rows.find((row) => row.short === letter),
    beginningWith: (text) => rows.filter((row) => row.long.startsWith(text)),
  };
}
