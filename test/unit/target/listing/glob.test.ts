import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesGlob } from '../../../../src/target/listing/glob.ts';

describe('a pattern', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['*', 'shop/front', true],
    ['web', 'web', true],
    ['web', 'web-1', false],
    ['web*', 'web-1', true],
    ['*-1', 'web-1', true],
    ['*-1', 'web-11', false],
    ['w*b*1', 'web-b-1', true],
    ['w?b', 'web', true],
    ['w?b', 'wb', false],
    ['web-[0-3]', 'web-2', true],
    ['web-[0-3]', 'web-4', false],
    ['web-[!0-3]', 'web-4', true],
    ['web-[!0-3]', 'web-', false],
    ['[a-c-]', '-', true],
    ['[]]', ']', true],
    ['[', '[', true],
    ['[a', '[a', true],
    ['.*', 'x', false],
    ['(a', '(a', true],
    ['\\*', '\\x', true],
  ])('%j and %j: %j', (glob, text, expected) => {
    expect(matchesGlob(glob, text)).toBe(expected);
  });

  it('is found wherever what a star took begins and ends', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), text, (parts, other) => {
        expect(matchesGlob(parts.join('*'), parts.join(other))).toBe(true);
      }),
    );
  });

  it('agrees with a regular expression', () => {
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(glob, text, (pattern, name) => {
        const expression = new RegExp(`^${pattern.replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
        expect(matchesGlob(pattern, name)).toBe(expression.test(name));
      }),
    );
  });

  it('takes no more steps for many stars', () => {
    // An expression that tries all of their places would not come to an end.
    expect(matchesGlob(`${'a*'.repeat(60)}b`, 'a'.repeat(4000))).toBe(false);
  });
});
