import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeControls } from '../../../src/sys/escape.ts';
import { processorTime } from '../../support/processor-time.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

describe('escapeControls', () => {
  it.each([
    ['plain text', 'a path/with spaces ~', 'a path/with spaces ~'],
    ['nothing', '', ''],
    ['letters of other scripts', bytes('é ß 日本 🦀'), bytes('é ß 日本 🦀')],
    ['a sequence of a terminal', '\x1b]0;title\x07x', '\\x1b]0;title\\x07x'],
    ['a line of its own', 'x\ntsenter: all is well\r', 'x\\x0atsenter: all is well\\x0d'],
    ['tab, backspace, NUL and DEL', '\t\b\0\x7f', '\\x09\\x08\\x00\\x7f'],
    ['C1 in UTF-8', bytes('\u{9b}31m\u{80}\u{9f}'), '\\xc2\\x9b31m\\xc2\\x80\\xc2\\x9f'],
    ['what follows C1', bytes('\u{a0}'), bytes('\u{a0}')],
    ['C1 alone, for 8-bit terminals', '\x9b31m', '\\x9b31m'],
    ['bytes that go on with nothing', 'a\xbf', 'a\\xbf'],
    ['a character without its end', '\xe2\x82', '\\xe2\\x82'],
    ['one that is followed by others', '\xe2\x82A\xc3\xa9', '\\xe2\\x82A\xc3\xa9'],
    ['a control character inside of one', '\xe2\x1b\x82', '\\xe2\\x1b\\x82'],
    ['a longer form of ESC', '\xc0\x9b\xe0\x80\x9b', '\\xc0\\x9b\\xe0\\x80\\x9b'],
    [
      'half of a pair, and beyond the last',
      '\xed\xa0\x80\xf4\x90\x80\x80',
      '\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80',
    ],
    ['a backslash', 'dev-disk\\x2dby.slice\\', 'dev-disk\\x2dby.slice\\'],
  ])('%s', (_, text, expected) => {
    expect(escapeControls(text)).toBe(expected);
  });

  const anyBytes = fc.uint8Array({ maxLength: 24 }).map((array) => Buffer.from(array).toString('latin1'));
  const nearUtf8 = fc
    .array(fc.constantFrom(0x1b, 0x41, 0x7f, 0x80, 0x9b, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xff))
    .map((codes) => String.fromCharCode(...codes));
  const text = fc.oneof(
    anyBytes,
    nearUtf8,
    fc.string({ unit: 'binary' }).map((any) => bytes(any)),
  );

  it('gives UTF-8 without control characters, and the same of what it gave', () => {
    fc.assert(
      fc.property(text, (any) => {
        const escaped = escapeControls(any);
        const shown = new TextDecoder('utf8', { fatal: true, ignoreBOM: true }).decode(
          Buffer.from(escaped, 'latin1'),
        );
        expect(shown).not.toMatch(/\p{Cc}/u);
        expect(escapeControls(escaped)).toBe(escaped);
      }),
      { numRuns: 2000 },
    );
  });

  it('changes nothing else: it can be read back where there is no backslash', () => {
    const readBack = (escaped: string) =>
      escaped.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    fc.assert(
      fc.property(
        text.filter((any) => !any.includes('\\')),
        (any) => {
          expect(readBack(escapeControls(any))).toBe(any);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes no time that grows with the square of a text', () => {
    const all = () => expect(escapeControls('\x1b'.repeat(1 << 20))).toHaveLength(4 << 20);
    expect(processorTime(all)).toBeLessThan(5000);
  });
});
