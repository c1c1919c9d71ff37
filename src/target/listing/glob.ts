/**
 * Whether a text is what a pattern of the shell's stands for: `*` for anything, a `/` included, `?` for a character, `[a-z]` and `[!a-z]` for
 * one of a set. It takes time in proportion to both, whatever the pattern.
 */
export function matchesGlob(glob: string, text: string): boolean {
  // Up to there it stands for itself, as most of what is typed does.
  const plain = glob.search(/[*?[]/);
  if (plain < 0) return glob === text;
  if (!text.startsWith(glob.slice(0, plain))) return false;
  let at = plain;
  let here = plain;
  if (glob.charAt(at) === '*' && at === glob.length - 1) return true;
  // Behind the last `*`, and what that has not taken yet.
  let [star, rest] = [-1, 0];
  while (here < text.length) {
    if (glob.charAt(at) === '*') {
      [star, rest] = [++at, here];
      continue;
    }
    const behind = behindOne(glob, at, text.charAt(here));
    if (behind >= 0) {
      at = behind;
      here++;
    } else if (star >= 0) {
      at = star;
      here = ++rest;
    } else return false;
  }
  while (glob.charAt(at) === '*') at++;
  return at === glob.length;
}

/** Where the glob goes on behind the part that stands for this character; -1: it does not. */
function behindOne(glob: string, at: number, character: string): number {
  const part = glob.charAt(at);
  if (part === '?') return at + 1;
  const end = part === '[' ? glob.indexOf(']', at + 2) : -1;
  if (end < 0) return part === character ? at + 1 : -1;
  const isNot = glob.charAt(at + 1) === '!';
  return hasInSet(glob.slice(at + (isNot ? 2 : 1), end), character) === isNot ? -1 : end + 1;
}

function hasInSet(set: string, character: string): boolean {
  for (let at = 0; at < set.length; at++) {
    const first = set.charAt(at);
    const isRange = set.charAt(at + 1) === '-' && at + 2 < set.length;
    const last = isRange ? set.charAt(at + 2) : first;
    if (first <= character && character <= last) return true;
    if (isRange) at += 2;
  }
  return false;
}
