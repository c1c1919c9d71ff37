/**
 * Of a JSON text the fields that are wanted, and nothing else: what others wrote may be huge, nested to any depth, or full of names that
 * collide in a table, so that neither a table nor a stack is made of it. Time is linear; strings have one character per byte.
 */

/** The keys that are wanted of an object, or of each object in an array; `true`: the value, or the strings and numbers of an array. */
export interface Wanted {
  readonly [key: string]: Wanted | true;
}

export class MalformedJson extends Error {}

const [TAB, LINE_FEED, CARRIAGE_RETURN, SPACE, BACKSLASH] = [0x09, 0x0a, 0x0d, 0x20, 0x5c];

/** More elements than that has no array of any engine's. */
const MOST_ELEMENTS = 100_000;
/** A wanted key is shorter, however it is written. */
const LONGEST_KEY = 512;

/**
 * @returns an object with those of the wanted keys that are there, an array of such, or a value; the last one counts of what is there twice
 * @throws MalformedJson where it is no JSON text; what is not wanted is not looked at closely
 */
export function pick(text: string, wanted: Wanted): unknown {
  const scanner = new Scanner(text);
  const value = scanner.value(wanted, true);
  scanner.end();
  return value;
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(wanted: Wanted | true, withArray: boolean): unknown {
    const first = this.#next();
    if (first === '{' && wanted !== true) return this.#object(wanted);
    if (first === '[' && withArray) return this.#array(wanted);
    if (first === '"') return this.#string();
    if (first === '{' || first === '[') return this.#skip();
    return this.#word();
  }

  end(): void {
    if (this.#next() !== '') throw new MalformedJson();
  }

  #object(wanted: Wanted): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.#at++;
    if (this.#ends('}')) return found;
    do {
      if (this.#next() !== '"') throw new MalformedJson();
      const key = this.#key();
      if (this.#next() !== ':') throw new MalformedJson();
      this.#at++;
      const how = Object.keys(wanted).includes(key) ? wanted[key] : undefined;
      if (how === undefined) this.#skip();
      else found[key] = this.value(how, true);
    } while (this.#more('}'));
    return found;
  }

  #array(wanted: Wanted | true): unknown[] {
    const found: unknown[] = [];
    this.#at++;
    if (this.#ends(']')) return found;
    do {
      if (found.length === MOST_ELEMENTS) throw new MalformedJson();
      found.push(this.value(wanted, false));
    } while (this.#more(']'));
    return found;
  }

  /** Behind a value: whether another follows. */
  #more(end: string): boolean {
    if (this.#ends(end)) return false;
    if (this.#next() !== ',') throw new MalformedJson();
    this.#at++;
    return true;
  }

  #ends(end: string): boolean {
    if (this.#next() !== end) return false;
    this.#at++;
    return true;
  }

  /** The next character that is no space; empty at the end. */
  #next(): string {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== LINE_FEED && code !== TAB && code !== CARRIAGE_RETURN) break;
      this.#at++;
    }
    return this.#text.charAt(this.#at);
  }

  /** Moves behind a value. */
  #skip(): undefined {
    let depth = 0;
    do {
      const first = this.#next();
      if (first === '"') this.#passString();
      else if (first === '{' || first === '[') depth++;
      else if (first === '}' || first === ']') depth--;
      else if (first !== ',' && first !== ':') this.#word();
      else if (depth === 0) throw new MalformedJson();
      if (first !== '' && '{[}],:'.includes(first)) this.#at++;
      if (depth < 0) throw new MalformedJson();
    } while (depth > 0);
    return undefined;
  }

  #key(): string {
    const start = this.#at;
    this.#passString();
    return this.#at - start > LONGEST_KEY ? '' : unescaped(this.#text.slice(start + 1, this.#at - 1));
  }

  #string(): string {
    const start = this.#at;
    this.#passString();
    return unescaped(this.#text.slice(start + 1, this.#at - 1));
  }

  #passString(): void {
    const start = this.#at + 1;
    for (let end = start; ; end++) {
      end = this.#text.indexOf('"', end);
      if (end < 0) throw new MalformedJson();
      let before = end;
      while (before > start && this.#text.charCodeAt(before - 1) === BACKSLASH) before--;
      if ((end - before) % 2 === 1) continue;
      this.#at = end + 1;
      return;
    }
  }

  #word(): unknown {
    const [word = ''] = /^[-+.\w]{1,40}/.exec(this.#text.slice(this.#at, this.#at + 40)) ?? [];
    this.#at += word.length;
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return undefined;
    if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(word)) throw new MalformedJson();
    return Number(word);
  }
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(
    /\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})|\\([\s\S])/g,
    (_, high?: string, low?: string, unit?: string, letter = '') => {
      if (high !== undefined && low !== undefined)
        return utf8(0x10000 + ((hex(high) & 0x3ff) << 10) + (hex(low) & 0x3ff));
      return unit === undefined ? (ESCAPES[letter] ?? letter) : utf8(hex(unit));
    },
  );
}

const hex = (digits: string): number => Number.parseInt(digits, 16);

/** The bytes of a character, each as a character. */
function utf8(code: number): string {
  if (code < 0x80) return String.fromCharCode(code);
  const rest = (shift: number) => String.fromCharCode(0x80 | ((code >> shift) & 0x3f));
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6)) + rest(0);
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12)) + rest(6) + rest(0);
  return String.fromCharCode(0xf0 | (code >> 18)) + rest(12) + rest(6) + rest(0);
}

/** A field of what `pick` gave, at any depth; undefined where there is none. */
export function fieldAt(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null) return undefined;
    found = Object.getOwnPropertyDescriptor(found, name)?.value;
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const text = fieldAt(value, ...path);
  return typeof text === 'string' ? text : undefined;
}

/** A whole number from 0 on, as a process id or a time is. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const number = fieldAt(value, ...path);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = fieldAt(value, ...path);
  return Array.isArray(list) ? list : [];
}

/** The texts of a list; whatever else is in it is left out. */
export function textsAt(value: unknown, ...path: readonly string[]): string[] {
  return listAt(value, ...path).flatMap((text) => (typeof text === 'string' ? [text] : []));
}
