/** What is longer nobody types, and each two are compared in the time of their product. */
const LONGEST = 40;

/** How many keys were wrong, left out, too many, or in the wrong order: 1 or 2, or else more. */
export function keysBetween(typed: string, word: string): number {
  if (typed.length > LONGEST || Math.abs(typed.length - word.length) > 2) return 3;
  // Each row has the distances of a beginning of one to all beginnings of the other.
  let before: number[] = [];
  let last = [...Array(word.length + 1).keys()];
  for (let row = 1; row <= typed.length; row++) {
    const next = [row];
    for (let column = 1; column <= word.length; column++) {
      const isSame = typed[row - 1] === word[column - 1];
      const isSwapped = typed[row - 1] === word[column - 2] && typed[row - 2] === word[column - 1];
      next.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (next[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped && row > 1 && column > 1 ? (before[column - 2] ?? 0) + 1 : 3,
        ),
      );
    }
    [before, last] = [last, next];
  }
  return last[word.length] ?? 0;
}

/** Of names those that may have been meant: they differ in case or a key or two, or begin so. */
export function isLike(typed: string, name: string): boolean {
  const [wanted, other] = [typed.toLowerCase(), name.toLowerCase()];
  return other.startsWith(wanted) || keysBetween(wanted, other) <= (wanted.length > 4 ? 2 : 1);
}

/** What a hint says of those that may have been meant; undefined where none may. */
export function didYouMean(typed: string, names: readonly string[], before = ''): string | undefined {
  const like = typed === '' ? [] : names.filter((name) => isLike(typed, name));
  if (like.length === 0) return undefined;
  return `Did you mean ${like
    .slice(0, MOST_NAMED)
    .map((name) => before + name)
    .join(' or ')}?`;
}

const MOST_NAMED = 4;
