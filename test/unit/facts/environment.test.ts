import { describe, expect, it } from 'vitest';
import { readTargetEnvironment } from '../../../src/facts/environment.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

function world(environ: string) {
  const sys = new FakeSys();
  const target = pinned(sys, 7, { environ });
  return { sys, read: () => readTargetEnvironment(sys, target) };
}

const OPENED = 'file /proc/7/environ';

describe('the environment of the target', () => {
  it.each([
    ['every variable, in order', 'B=2\0A=1\0', ['B=2', 'A=1']],
    ['empty values, and = in values', 'A=\0B==x=\0', ['A=', 'B==x=']],
    ['newlines and every byte', 'A=1\n2\0B=\x01\xff\0', ['A=1\n2', 'B=\x01\xff']],
    ['the first of two values', 'A=1\0B=x\0A=2\0', ['A=1', 'B=x']],
    ['nothing that is no variable', 'text\0=x\0==\0\0A=1\0', ['A=1']],
    ['no end', 'A=1\0B=2', ['A=1', 'B=2']],
    ['names that objects have', '__proto__=1\0constructor=2\0', ['__proto__=1', 'constructor=2']],
  ])('has %s', (_, environ, expected) => {
    const { sys, read } = world(environ);
    expect(read()).toEqual(expected);
    expect(sys.opened()).toEqual([OPENED]);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('is read again where the target executed another program in between', () => {
    const { sys, read } = world('');
    let opens = 0;
    sys.when('open file /proc/7/environ', () => {
      if (++opens === 2) sys.files.set('/proc/7/environ', { text: 'A=new\0' });
    });
    expect(read()).toEqual(['A=new']);
    expect(sys.opened()).toEqual([OPENED, OPENED]);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('may be empty: it is not looked at for ever', () => {
    const { sys, read } = world('');
    expect(read()).toEqual([]);
    expect(sys.opened()).toEqual([OPENED, OPENED]);
  });

  it('is empty for a task without memory', () => {
    const { sys, read } = world('A=1\0');
    sys.fail('read /proc/7/environ', Errno.ESRCH);
    expect(read()).toEqual([]);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('is bounded', () => {
    const { sys, read } = world(`A=${'x'.repeat(8 << 20)}`);
    expect(failureOf(read)).toBe('read environment of target 7: File too large');
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('may be as large as the kernel lets it be', () => {
    const { read } = world(`A=${'x'.repeat(6 << 20)}\0`);
    expect(read()[0]).toHaveLength((6 << 20) + 2);
  });

  it('is not split in a time that grows with the square of its variables', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `V${index}=${index}`);
    const start = Date.now();
    expect(world(many.join('\0')).read()).toHaveLength(200_000);
    expect(Date.now() - start).toBeLessThan(5000);
  });

  it('says what right is missing', () => {
    const { sys, read } = world('A=1\0');
    sys.fail('open file /proc/7/environ', Errno.EACCES);
    expect(failureOf(read)).toMatch(
      /^open environment of target 7: Permission denied\nNeeds the rights of a debugger/,
    );
  });

  it('says that it could not be read', () => {
    const { sys, read } = world('A=1\0');
    sys.fail('read /proc/7/environ', Errno.EPERM);
    expect(failureOf(read)).toBe('read environment of target 7: Operation not permitted');
  });
});
