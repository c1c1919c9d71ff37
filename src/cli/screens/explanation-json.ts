import type { Explanation } from '../../explain/explanation.ts';
import { escapeInvalid } from '../../sys/escape.ts';

/**
 * JSON in UTF-8. Of strings what is no UTF-8 is escaped as messages have it; control characters of every kind are escaped as JSON does,
 * those too which it would let through to a terminal. (The native engine is without JSON.)
 */
export function explanationInJson(explanation: Explanation): string {
  return `${valueInJson(explanation, '\n')}\n`;
}

function valueInJson(value: unknown, newline: string): string {
  if (typeof value === 'string') return textInJson(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${newline}  `;
  if (Array.isArray(value))
    return inBrackets(
      '[]',
      value.map((item) => valueInJson(item, inner)),
      newline,
    );
  const fields = Object.entries(value).map(
    ([name, field]) => `${textInJson(name)}: ${valueInJson(field, inner)}`,
  );
  return inBrackets('{}', fields, newline);
}

function inBrackets(brackets: string, items: readonly string[], newline: string): string {
  if (items.length === 0) return brackets;
  return `${brackets[0]}${newline}  ${items.join(`,${newline}  `)}${newline}${brackets[1]}`;
}

/** C1 is two bytes, of which the second one has its number. */
function textInJson(text: string): string {
  const escaped = escapeInvalid(text)
    .replace(/["\\]/g, '\\$&')
    .replace(/[^ -~\x80-\xff]|\xc2[\x80-\x9f]/g, (control) => {
      const code = control.charCodeAt(control.length - 1);
      return `\\u${code.toString(16).padStart(4, '0')}`;
    });
  return `"${escaped}"`;
}
