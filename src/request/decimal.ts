/**
 * The digits of a number as strtol(3) reads one to its end, so as nsenter does: blanks and a plus sign may stand in
 * front. Undefined for anything else.
 */
export function decimalDigits(text: string): string | undefined {
  let start = 0;
  let code = text.charCodeAt(start);
  while (code === 0x20 || (code >= 0x09 && code <= 0x0d)) code = text.charCodeAt(++start);
  if (text[start] === '+') start++;
  const digits = text.slice(start);
  return isDigits(digits) ? digits : undefined;
}

/** Whether the text is digits only, and at least one. */
export function isDigits(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return text !== '';
}
