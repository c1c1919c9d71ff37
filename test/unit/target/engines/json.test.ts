import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedJson, pick } from '../../../../src/target/engines/json.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

interface Wanted {
  readonly [key: string]: Wanted | true;
}

/** The same from what JSON.parse gives. */
function picked(value: unknown, wanted: Wanted | true, withArray = true): unknown {
  if (Array.isArray(value))
    return withArray ? value.map((item: unknown) => picked(item, wanted, false)) : undefined;
  if (typeof value === 'string') return bytes(value);
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  if (wanted === true) return undefined;
  const entries = Object.entries(value).filter(([key]) => Object.keys(wanted).includes(bytes(key)));
  return Object.fromEntries(
    entries.map(([key, item]) => [bytes(key), picked(item, wanted[bytes(key)] ?? true)]),
  );
}

describe('pick', () => {
  const wanted: Wanted = { a: true, b: { a: true, c: { b: true } }, [bytes('ä')]: true };
  const words = bytes('a b{a c{b}} ä');
  const key = fc.constantFrom('a', 'b', 'c', 'ä', 'd', '\n');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(
        fc.string(),
        fc.string({ unit: 'grapheme' }),
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
      ),
      fc.constantFrom(true, false, null),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    ),
  }));

  it('is what JSON.parse gives, without the rest', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 1, '\t'), (any, indent) => {
        const text = JSON.stringify(any, null, indent);
        expect(pick(bytes(text), words)).toEqual(picked(JSON.parse(text), wanted));
      }),
      { numRuns: 2000 },
    );
  });

  it('escapes', () => {
    const text = String.raw`{"\u0061": "\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00\u0041"}`;
    expect(pick(text, 'a')).toEqual({ a: bytes('"\\/\b\f\n\r\tä😀A') });
  });

  it.each([
    ...['', ' ', '{', '[', '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"b":[1}', '"', '"\\"', 'x'],
    ...['{a:1}', '1 2', '{"a":1}x', '[1,]', '{"d":{"a":[1,2}', '{"a":tru}', '{"a" 1}', '{"a":,"b":1}', '-'],
  ])('is not %j', (text) => {
    expect(() => pick(text, 'a b{a}')).toThrow(MalformedJson);
  });

  it('makes neither a stack nor a table of what is not wanted', () => {
    const deep = `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`;
    expect(pick(`{"d":${deep},"a":7}`, 'a')).toEqual({ a: 7 });
    expect(pick(`{"a":${deep}}`, 'a')).toEqual({ a: [undefined] });
    expect(() => pick(`[${'{},'.repeat(200_000)}{}]`, '')).toThrow(MalformedJson);
    const names = Array.from({ length: 100_000 }, (_, i) => `"x${i}":{"y":${i}}`).join();
    expect(pick(`{${names},"a":7}`, 'a')).toEqual({ a: 7 });
  });
});
