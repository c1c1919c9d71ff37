import { describe, expect, it } from 'vitest';
import { Errno, SystemError } from '../../../src/sys/errors.ts';
import { attempt, attemptUnless } from '../../../src/sys/system-call.ts';
import { failureOf, thrownBy } from '../support/failure.ts';
import { FakeSys } from '../support/fake-sys.ts';

const failing = (errno: number) => () => {
  throw new SystemError(errno, 'openat');
};

const broken = () => {
  throw new RangeError('a mistake of ours');
};

describe('attempt', () => {
  const sys = new FakeSys();

  it('gives what the call gives', () => {
    expect(attempt(sys, 'open', 'x', () => 5)).toBe(5);
  });

  it('puts a failed system call into strerror’s words', () => {
    const error = thrownBy(() => attempt(sys, 'open', 'root directory /x', failing(Errno.EACCES)));
    expect(error.message).toBe('open root directory /x: Permission denied');
    expect([error.errno, error.status, error.hint]).toEqual([Errno.EACCES, 1, undefined]);
  });

  it('asks for a hint by errno', () => {
    const hint = (errno: number) => (errno === Errno.EPERM ? 'Ask root.' : undefined);
    expect(failureOf(() => attempt(sys, 'open', 'x', failing(Errno.EPERM), hint))).toBe(
      'open x: Operation not permitted\nAsk root.',
    );
    expect(failureOf(() => attempt(sys, 'open', 'x', failing(Errno.ENOENT), hint))).toBe(
      'open x: No such file or directory',
    );
  });

  it('leaves other errors as they are', () => {
    expect(() => attempt(sys, 'open', 'x', broken)).toThrow(new RangeError('a mistake of ours'));
  });
});

describe('attemptUnless', () => {
  it('gives undefined for the errnos that are expected', () => {
    expect(attemptUnless([Errno.ENOENT, Errno.EACCES], failing(Errno.EACCES))).toBeUndefined();
    expect(attemptUnless([Errno.ENOENT], () => 'x')).toBe('x');
  });

  it('lets everything else through', () => {
    expect(() => attemptUnless([Errno.ENOENT], failing(Errno.EACCES))).toThrow(SystemError);
    expect(() => attemptUnless([], failing(Errno.ENOENT))).toThrow(SystemError);
    expect(() => attemptUnless([Errno.ENOENT], broken)).toThrow(RangeError);
  });
});
