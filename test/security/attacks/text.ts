/** A8: what the target calls itself is shown on the caller's terminal. */

/** Sequences that would be acted upon: title, colour, a new line, DEL, C1 (CSI) in UTF-8. */
export const hostile = '\x1b]0;owned\x07\x1b[31mred\r\nnext\tline\x7f\u009b31m\u0085end';

/** What may be in a message: printable text, and the line feeds that end its own lines. */
export function controls(text: Buffer): string[] {
  const decoded = text.toString('utf8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return decoded.match(/[\x00-\x09\x0b-\x1f\x7f\u0080-\u009f]/g) ?? [];
}
