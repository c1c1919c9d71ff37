/**
 * Of a JSON text the fields that are wanted, and nothing else: what others wrote may be huge, nested to any depth, or full of names that
 * collide in a table, so that neither a table nor a stack is made of it. Time is linear; strings have one character per byte.
 */

/** What is wanted of an object, or of each object in an array; `true`: the value, or the strings and numbers of an array. */
export interface Fields {
  readonly [key: string]: Fields | true;
}

/** Of what was wanted last: it is asked for a thousand times. */
let known: { wanted: string; fields: Fields } | undefined;

/** The fields in `ID State{Pid Running}`: those of an object in braces behind its own name. */
export function fieldsOf(wanted: string): Fields {
  if (known?.wanted === wanted) return known.fields;
  const fields: Record<string, Fields | true> = Object.create(null);
  const inside = [fields];
  let last = '';
  for (const word of wanted.replace(/[{}]/g, ' $& ').split(' ')) {
    if (word === '') continue;
    const here = inside[inside.length - 1] ?? fields;
    if (word === '{') {
      const own = Object.create(null);
      here[last] = own;
      inside.push(own);
    } else if (word === '}') inside.pop();
    else {
      last = word;
      here[word] = true;
    }
  }
  known = { wanted, fields };
  return fields;
}

export class MalformedJson extends Error {}

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACKET_END = 0x5d;
const BRACE = 0x7b;
const BRACE_END = 0x7d;

/** More elements than that has no array of any engine's. */
const MOST_ELEMENTS = 100_000;
/** A wanted key is shorter, however it is written. */
const LONGEST_KEY = 512;

/**
 * The native host has this in C as well (helper-c/native/json.c), for what is in a file.
 *
 * @param wanted the fields, those of an object in braces behind its own name: `ID State{Pid Running}`
 * @returns an object with those of the wanted keys that are there, an array of such, or a value; the last one counts of what is there twice
 * @throws MalformedJson where it is no JSON text; what is not wanted is not looked at closely
 */
export function pick(text: string, wanted: string): unknown {
  // Of a thousand containers most of the time goes here: these are variables, and not a class's, because QuickJS finds them faster.
  let at = 0;
  const all = value(fieldsOf(wanted), true);
  next();
  if (at < text.length) throw new MalformedJson();
  return all;

  function value(what: Fields | true, withArray: boolean): unknown {
    const first = next();
    if (first === BRACE && what !== true) return object(what);
    if (first === BRACKET && withArray) return array(what);
    if (first === QUOTE) return string();
    if (first === BRACE || first === BRACKET) return skip(first);
    return word();
  }

  function object(what: Fields): Record<string, unknown> {
    // Without what every object has, so that what is asked for is its own.
    const found: Record<string, unknown> = Object.create(null);
    // No other is asked for: one may be called as what every object has.
    const keys = Object.keys(what);
    at++;
    if (ends(BRACE_END)) return found;
    do {
      if (next() !== QUOTE) throw new MalformedJson();
      const key = keyHere();
      if (next() !== COLON) throw new MalformedJson();
      at++;
      const how = keys.includes(key) ? what[key] : undefined;
      if (how === undefined) skip(next());
      else found[key] = value(how, true);
    } while (more(BRACE_END));
    return found;
  }

  function array(what: Fields | true): unknown[] {
    const found: unknown[] = [];
    at++;
    if (ends(BRACKET_END)) return found;
    do {
      if (found.length === MOST_ELEMENTS) throw new MalformedJson();
      found.push(value(what, false));
    } while (more(BRACKET_END));
    return found;
  }

  /** Behind a value: whether another follows. */
  function more(end: number): boolean {
    if (ends(end)) return false;
    if (next() !== COMMA) throw new MalformedJson();
    at++;
    return true;
  }

  function ends(end: number): boolean {
    if (next() !== end) return false;
    at++;
    return true;
  }

  /** The next character that is no space; NaN at the end. */
  function next(): number {
    for (;;) {
      const code = text.charCodeAt(at);
      // Most are above.
      if (code > SPACE || (code !== SPACE && code !== LINE_FEED && code !== TAB && code !== CARRIAGE_RETURN))
        return code;
      at++;
    }
  }

  /** Moves behind the value that begins here. */
  function skip(first: number): undefined {
    if (first === QUOTE) passString();
    else if (first === BRACE || first === BRACKET) passNested();
    else passWord();
    return undefined;
  }

  /** Up to what may stand behind one. */
  function passWord(): void {
    const begin = at;
    let code = text.charCodeAt(at);
    while (code > SPACE && code !== COMMA && code !== BRACE_END && code !== BRACKET_END)
      code = text.charCodeAt(++at);
    if (at === begin) throw new MalformedJson();
  }

  function passNested(): void {
    let depth = 0;
    do {
      const code = text.charCodeAt(at);
      if (code === QUOTE) {
        passString();
        continue;
      }
      if (code === BRACE || code === BRACKET) depth++;
      else if (code === BRACE_END || code === BRACKET_END) depth--;
      else if (at >= text.length) throw new MalformedJson();
      at++;
    } while (depth > 0);
  }

  function keyHere(): string {
    const begin = at + 1;
    passString();
    return at - begin > LONGEST_KEY ? '' : unescaped(text.slice(begin, at - 1));
  }

  function string(): string {
    const begin = at + 1;
    passString();
    return unescaped(text.slice(begin, at - 1));
  }

  function passString(): void {
    const begin = at + 1;
    for (let end = begin; ; end++) {
      end = text.indexOf('"', end);
      if (end < 0) throw new MalformedJson();
      let before = end;
      while (before > begin && text.charCodeAt(before - 1) === BACKSLASH) before--;
      if ((end - before) % 2 === 1) continue;
      at = end + 1;
      return;
    }
  }

  function word(): unknown {
    const [found = ''] = /^[-+.\w]{1,40}/.exec(text.slice(at, at + 40)) ?? [];
    at += found.length;
    if (found === 'true' || found === 'false') return found === 'true';
    if (found === 'null') return undefined;
    if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(found)) throw new MalformedJson();
    return Number(found);
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

/** A field of what `pick` gave; undefined where there is none. */
export function fieldAt(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textAt(value: unknown, name: string): string | undefined {
  const text = fieldAt(value, name);
  return typeof text === 'string' ? text : undefined;
}

/** A whole number from 0 on, as a process id or a time is. */
export function numberAt(value: unknown, name: string): number | undefined {
  const number = fieldAt(value, name);
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** What `pick` gave, or a field of it, where that is a list. */
export function listAt(value: unknown, name?: string): readonly unknown[] {
  const list = name === undefined ? value : fieldAt(value, name);
  return Array.isArray(list) ? list : [];
}

/** The texts of a list; whatever else is in it is left out. */
export function textsAt(value: unknown, name: string): string[] {
  return listAt(value, name).flatMap((text) => (typeof text === 'string' ? [text] : []));
}
