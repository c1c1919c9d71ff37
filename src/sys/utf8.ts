/**
 * The bytes of the UTF-8 character that begins there (RFC 3629); 0: none does.
 *
 * @param text one character per byte, as Sys has it
 */
export function characterLength(text: string, at: number): number {
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

/** C0, DEL, and C1 as UTF-8 has it. */
export function isControl(text: string, at: number): boolean {
  const first = text.charCodeAt(at);
  return first < 0x20 || first === 0x7f || (first === 0xc2 && text.charCodeAt(at + 1) < 0xa0);
}

/** Those of ASCII, anywhere in it. */
export function hasControls(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
