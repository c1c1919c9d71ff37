import { SCHEMES } from '../schemes.ts';
import { matchesGlob } from './glob.ts';

/** An operand of --list: `SCHEME`, `SCHEME:`, `SCHEME:GLOB` or `GLOB`. */
export interface Pattern {
  /** a glob as well; undefined: whatever is listed without being asked for */
  scheme: string | undefined;
  /** of a name or an id; undefined: all */
  name: string | undefined;
}

export function parsePattern(text: string): Pattern {
  if (SCHEMES.includes(text)) return { scheme: text, name: undefined };
  const [, scheme, name = text] = /^([a-z*?]+):(.*)$/.exec(text) ?? [];
  return { scheme, name: name || undefined };
}

export function mayBeOf({ scheme }: Pattern, engine: string): boolean {
  return scheme === undefined || scheme === engine || matchesGlob(scheme, engine);
}

/** @param patterns any of them; none: all */
export function isWanted(
  patterns: readonly Pattern[],
  { scheme, id, names }: { scheme: string; id: string; names: readonly string[] },
): boolean {
  if (patterns.length === 0) return true;
  return patterns.some(
    (pattern) =>
      mayBeOf(pattern, scheme) &&
      (pattern.name === undefined ||
        [id, ...names].some((name) => pattern.name !== undefined && matchesGlob(pattern.name, name))),
  );
}

/** The operands that are names, and nothing of this has one of them: what a scheme or a pattern is asked about need not be there. */
export function namesOfNothing(
  operands: readonly string[],
  shown: readonly { scheme: string; id: string; names: readonly string[] }[],
): string[] {
  return operands.filter((operand) => {
    const pattern = parsePattern(operand);
    const isName = pattern.name !== undefined && !/[*?[]/.test(operand);
    return isName && !shown.some((one) => isWanted([pattern], one));
  });
}
