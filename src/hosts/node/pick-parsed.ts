import { type Fields, fieldsOf, pick } from '../../target/engines/json.ts';

/**
 * As `pick`, by V8's own parser, which takes a tenth of the time. Its tables have a seed and it needs no stack, so that it may read what
 * others wrote.
 */
export function pickParsed(text: string, wanted: string): unknown {
  // Of such an escape it makes a character, which then cannot be told from a byte.
  if (!text.includes('\\u')) {
    try {
      return reduced(JSON.parse(text), fieldsOf(wanted), true);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      // What is not wanted need not be right.
    }
  }
  return pick(text, wanted);
}

function reduced(value: unknown, what: Fields | true, withArray: boolean): unknown {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return withArray ? value.map((one) => reduced(one, what, false)) : undefined;
  if (what === true) return undefined;
  const found: Record<string, unknown> = Object.create(null);
  for (const [name, own] of Object.entries(what)) {
    const field = Object.getOwnPropertyDescriptor(value, name);
    if (field) found[name] = reduced(field.value, own, true);
  }
  return found;
}
