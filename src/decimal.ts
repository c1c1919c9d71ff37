/**
 * The digits of a number as strtol(3) reads one to its end, so as nsenter does: blanks and a plus sign may stand in
 * front. Undefined for anything else.
 */
export function decimalDigits(text: string): string | undefined {
  let start = 0;
  while (isBlank(text.charCodeAt(start))) start++;
  if (text[start] === '+') start++;
  const digits = text.slice(start);
  return isDigits(digits) ? digits : undefined;
}

/** Whether the text is digits only, and at least one. */
export function isDigits(text: string): boolean {
  for (const character of text) if (character < '0' || character > '9') return false;
  return text !== '';
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
