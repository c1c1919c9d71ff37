import { describe, expect, it } from 'vitest';
import { Errno } from '../../../src/sys/errors.ts';
import { notOpened } from '../../../src/target/failure.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

describe('notOpened', () => {
  it('prefers the advice of whoever asks', () => {
    const sys = new FakeSys();
    const target = pinned(sys);
    sys.fail('open file /proc/7/x', Errno.EACCES);
    const hint = (errno: number) => (errno === Errno.EACCES ? 'Ask someone else.' : undefined);
    const open = () => {
      try {
        sys.open('/proc/7/x', 'file');
      } catch (error) {
        throw notOpened(sys, target, 'x', error, hint);
      }
    };
    expect(failureOf(open)).toBe('open x of target 7: Permission denied\nAsk someone else.');
  });
});
