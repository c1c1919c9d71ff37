import { describe, expect, it } from 'vitest';
import { readTargetEnvironment } from '../../../src/facts/environment.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { processorTime } from '../../support/processor-time.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

function world(environ: string) {
  const sys = new FakeSys();
  const target = pinned(sys, 7, { environ });
  return { sys, target, read: () => readTargetEnvironment(sys, target, []) };
}

const OPENED = 'file /proc/7/environ';

describe('the environment of the target', () => {
  it.each([
    ['every variable, in order', 'B=2\0A=1\0', ['B=2', 'A=1']],
    ['empty values, and = in values', 'A=\0B==x=\0', ['A=', 'B==x=']],
    ['newlines and every byte', 'A=1\n2\0B=\x01\xff\0', ['A=1\n2', 'B=\x01\xff']],
    ['the first of two values', 'A=1\0B=x\0A=2\0', ['A=1', 'B=x']],
    ['nothing that is no variable', 'text\0=x\0==\0\0A=1\0', ['A=1']],
    ['a name that begins as another', 'A=1\0A-B=2\0A=3\0A-=4\0', ['A=1', 'A-B=2', 'A-=4']],
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

  describe('may be closed to the caller', () => {
    const closed = (errno: number, entered: boolean) => {
      const { sys, target } = world('A=1\0B=x\0A=2\0');
      sys.fail('open file /proc/7/environ', errno);
      sys.fail('stat /proc/self/status', Errno.ENOENT);
      const fd = sys.open('/proc/7/ns/user', 'namespace');
      const user = { name: 'user', fd, origin: 'target', label: 'target 7', entered } as const;
      return { sys, read: () => readTargetEnvironment(sys, target, [user]) };
    };
    const inside = 'read /proc/7/environ in /proc/7/ns/user';

    it.each([Errno.EACCES, Errno.EPERM])(
      'errno %i: it is read in the user namespace to be entered',
      (errno) => {
        const { sys, read } = closed(errno, false);
        expect(read()).toEqual(['A=1', 'B=x']);
        expect(sys.calls).toContain(inside);
        expect(sys.stillOpen()).toEqual(['pidfd of 7', '/proc/7/ns/user']);
      },
    );

    it.each([
      ["that is the caller's own", Errno.EACCES, true],
      ['if something else is wrong', Errno.ENOENT, false],
    ])('not in one %s', (_, errno, entered) => {
      const { sys, read } = closed(errno, entered);
      expect(failureOf(read)).toMatch(/^open environment of target 7: /);
      expect(sys.calls).not.toContain(inside);
    });

    it('and nobody can be sent there', () => {
      const { sys, read } = closed(Errno.EACCES, false);
      sys.fail(inside, Errno.ENOSYS);
      expect(failureOf(read)).toBe('read environment of target 7: Function not implemented');
      expect(sys.stillOpen()).toEqual(['pidfd of 7', '/proc/7/ns/user']);
    });

    it('there as well: what was said first', () => {
      const { sys, read } = closed(Errno.EACCES, false);
      sys.files.set('/proc/7/environ', {});
      expect(failureOf(read)).toMatch(/^open environment of target 7: Permission denied/);
      expect(sys.stillOpen()).toEqual(['pidfd of 7', '/proc/7/ns/user']);
    });
  });

  describe('is at most what a program can be executed with', () => {
    const MIB = 1 << 20;
    const failure = (text: string, stack: number | 'unlimited' = 8 * MIB) => {
      const { sys, read } = world(text);
      sys.limitStack(stack);
      const said = failureOf(read);
      expect(sys.stillOpen()).toEqual(['pidfd of 7']);
      return said;
    };
    const count = (text: string, stack: number | 'unlimited' = 8 * MIB) => {
      const { sys, read } = world(text);
      sys.limitStack(stack);
      return read().length;
    };
    /** Variables of 1024 bytes, each with its pointer. */
    const kibibytes = (bytes: number) => `A=${'x'.repeat(1024 - 8 - 3)}\0`.repeat(bytes / 1024);

    it.each([
      ['a quarter of the stack limit', 8 * MIB, 2 * MIB],
      ['also of a small one', 1 * MIB, MIB / 4],
      ['at most 6 MiB', 'unlimited', 6 * MIB],
      ['at most 6 MiB of a large one', 64 * MIB, 6 * MIB],
      ['at least 128 KiB', 4096, MIB / 8],
    ] as const)('%s', (_, stack, most) => {
      expect(count(kibibytes(most), stack)).toBe(1);
      expect(failure(kibibytes(most + 1024), stack)).toMatch(
        /^take environment of target 7: Argument list too long\nNo program could be executed with it: /,
      );
    });

    it('and says how much that is', () => {
      expect(failure(kibibytes(3 * MIB))).toContain(
        "takes 2048 KiB here, a quarter of the stack limit ('ulimit -s')",
      );
    });

    it('of one variable 128 KiB with its end', () => {
      expect(count(`A=${'x'.repeat(131_072 - 3)}\0`)).toBe(1);
      expect(failure(`A=${'x'.repeat(131_072 - 2)}\0`)).toContain('Argument list too long');
    });

    it('pointers count: tiny variables are few', () => {
      expect(count('A=\0'.repeat(Math.floor((2 * MIB) / 11)))).toBe(1);
      expect(failure('A=\0'.repeat(Math.ceil((2 * MIB) / 11)))).toContain('Argument list too long');
    });

    it.each([
      ['nothing but ends', '\0'],
      ['text', 'a\0'],
      ['a long text', 'a'],
    ])('%s: none of it counts, or takes long', (_, unit) => {
      const text = `${unit.repeat((6 * MIB) / unit.length - 8)}\0A=1\0`;
      expect(processorTime(() => expect(count(text)).toBe(1))).toBeLessThan(5000);
      expect(failure(unit.repeat(7 * MIB))).toContain('Argument list too long');
    });

    it('values without a name count as well', () => {
      expect(count(`${'=\0'.repeat(200_000)}A=1\0`)).toBe(1);
      expect(failure('=\0'.repeat(210_000))).toContain('Argument list too long');
    });

    it('the limit is looked at where it matters', () => {
      expect(count(kibibytes(MIB / 8))).toBe(1);
      const { sys, read } = world(kibibytes(MIB));
      sys.fail('open file /proc/self/limits', Errno.EACCES);
      expect(failureOf(read)).toBe('read /proc/self/limits: Permission denied');
    });
  });

  it('takes no time that grows with the square of its variables', () => {
    const many = Array.from({ length: 200_000 }, (_, index) => `V${index}=${index}`);
    const { sys, read } = world(`${many.join('\0')}\0${many.slice(0, 50_000).join('\0')}`);
    sys.limitStack('unlimited');
    expect(processorTime(() => expect(read()).toEqual(many))).toBeLessThan(5000);
  });

  it.each([
    ['a terminal to type on', [0]],
    ['a terminal to read from', [1]],
  ])('keeps what the caller knows of %s', (_, terminals) => {
    const { sys, read } = world('TERM=dumb\0A=1\0TERMINFO=/x\0');
    for (const fd of terminals) sys.terminals.add(fd);
    sys.environment.TERM = 'xterm-256color';
    sys.environment.COLORTERM = 'truecolor';
    expect(read()).toEqual(['A=1', 'TERMINFO=/x', 'TERM=xterm-256color', 'COLORTERM=truecolor']);
  });

  it('is the target’s where there is no terminal, or the caller knows nothing of it', () => {
    const { sys, read } = world('TERM=dumb\0A=1\0');
    sys.environment.TERM = 'xterm';
    expect(read()).toEqual(['TERM=dumb', 'A=1']);
    delete sys.environment.TERM;
    sys.terminals.add(0);
    expect(read()).toEqual(['TERM=dumb', 'A=1']);
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
