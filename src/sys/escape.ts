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

/** C0, DEL, and C1 as UTF-8 has it. */
function isControl(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  return first < 0x20 || first === 0x7f || (first === 0xc2 && text.charCodeAt(at + 1) < 0xa0);
}

/** The bytes of the UTF-8 character that begins there (RFC 3629); 0: none does. */
function characterLength(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  // The shortest form only, no surrogate, nothing above U+10FFFF.
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (!isBetween(text, at + 1, low, high)) return 0;
  for (let next = at + 2; next < at + length; next++) if (!isBetween(text, next, 0x80, 0xbf)) return 0;
  return length;
}

function isBetween(text: string, at: number, low: number, high: number): boolean {
  const byte = text.charCodeAt(at);
  return byte >= low && byte <= high;
}
