import { characterLength, isControl } from './utf8.ts';

/**
 * A text that others wrote (names, paths, words), for a terminal or a log: control characters, a newline among them, and
 * what is no UTF-8 become `\x` and two digits for each byte. In UTF-8 0xc2 0x9b is a control character, on an 8-bit
 * terminal 0x9b alone is the same. A backslash stays: names of systemd have `\x2d` in them, and people copy them;
 * nothing reads the escapes back.
 *
 * @param text one character per byte, as Sys has it
 */
export function escapeControls(text: string): string {
  return escapeWhere(text, isControl);
}

/** As escapeControls, but of control characters: what is no UTF-8 only, for who escapes those otherwise. */
export function escapeInvalid(text: string): string {
  return escapeWhere(text, () => false);
}

function escapeWhere(text: string, isEscaped: (text: string, at: number) => boolean): string {
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length; ) {
    const length = characterLength(text, at);
    if (length > 0 && !isEscaped(text, at)) {
      at += length;
      continue;
    }
    pieces.push(text.slice(kept, at));
    for (const end = at + Math.max(length, 1); at < end; at++)
      pieces.push(`\\x${text.charCodeAt(at).toString(16).padStart(2, '0')}`);
    kept = at;
  }
  pieces.push(text.slice(kept));
  return pieces.join('');
}
