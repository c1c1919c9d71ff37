import type { Token } from './getopt.ts';

/** Without the tokens whose contrary follows. */
export function withoutUndone(tokens: readonly Token[]): readonly Token[] {
  return tokens.filter(
    ({ row }, index) =>
      row.contrary === undefined || !tokens.slice(index + 1).some((later) => later.row.long === row.contrary),
  );
}
