import { describe, expect, it } from 'vitest';
import { TsenterError, UsageError } from '../../../src/sys/errors.ts';

describe('TsenterError', () => {
  it('is VERB OBJECT: CAUSE, and its parts', () => {
    const error = new TsenterError({ verb: 'open', object: 'net namespace /x', cause: 'gone' });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('TsenterError');
    expect(error.message).toBe('open net namespace /x: gone');
    expect({ ...error }).toMatchObject({
      verb: 'open',
      object: 'net namespace /x',
      reason: 'gone',
      status: 1,
    });
    expect([error.hint, error.errno]).toEqual([undefined, undefined]);
  });

  it('may carry a hint, an errno and a status', () => {
    const more = { hint: 'Try again.', errno: 2, status: 127 };
    expect(new TsenterError({ verb: 'v', object: 'o', cause: 'c', ...more })).toMatchObject(more);
  });
});

it('a UsageError leads to the help, unless it knows better', () => {
  const plain = new UsageError('parse', 'option -x', 'unknown option');
  expect(plain).toBeInstanceOf(TsenterError);
  expect([plain.name, plain.message, plain.status]).toEqual([
    'UsageError',
    'parse option -x: unknown option',
    1,
  ]);
  expect(plain.hint).toBe("Try 'tsenter --help' for more information.");
  expect(new UsageError('parse', 'x', 'y', 'Do this.').hint).toBe('Do this.');
});
