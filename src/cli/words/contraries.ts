import type { Token } from './getopt.ts';

/** Without the tokens whose contrary follows. */
export function withoutUndone(tokens: readonly Token[]): readonly Token[] {
  const last: Record<string, number> = {};
  tokens.forEach(({ row }, index) => {
    last[row.long] = index;
  });
  return tokens.filter(({ row }, index) => row.contrary === undefined || (last[row.contrary] ?? -1) < index);
}
