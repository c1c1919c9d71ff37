import { describe, expect, it } from 'vitest';
import { editedEnvironment } from '../../../src/facts/edited-environment.ts';
import type { EnvironmentEdit } from '../../../src/request/controls.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys } from '../support/fake-sys.ts';

const set = (name: string, value: string): EnvironmentEdit => ({ change: 'set', name, value });
const keep = (name: string): EnvironmentEdit => ({ change: 'keep', name });
const unset = (name: string): EnvironmentEdit => ({ change: 'unset', name });
const clear: EnvironmentEdit = { change: 'clear' };
const file: EnvironmentEdit = { change: 'file', path: '/f' };

/** The caller has TERM; the file has this text. */
function world(text = ''): FakeSys {
  const sys = new FakeSys();
  Object.assign(sys.environment, { TERM: 'xterm', EMPTY: '' });
  sys.files.set('/f', { text });
  return sys;
}

const BASE = ['A=1', 'B=2', 'NOTHING', '=x', 'A=3', 'AB=4'];

describe('the environment of the program', () => {
  it.each<[string, readonly EnvironmentEdit[], readonly string[]]>([
    ['a new one stands behind', [set('C', '3')], [...BASE, 'C=3']],
    ['another value takes the place of each', [set('A', '')], ['B=2', 'NOTHING', '=x', 'AB=4', 'A=']],
    ['the last one counts', [set('C', '1'), set('D', '2'), set('C', '3')], [...BASE, 'D=2', 'C=3']],
    ['values of every form', [set('C', '==\n\xff')], [...BASE, 'C===\n\xff']],
    ["the caller's", [keep('TERM'), keep('EMPTY')], [...BASE, 'TERM=xterm', 'EMPTY=']],
    ['that the caller has not', [keep('A')], ['B=2', 'NOTHING', '=x', 'AB=4']],
    ['none', [unset('A'), unset('C')], ['B=2', 'NOTHING', '=x', 'AB=4']],
    ['none, and then one', [unset('A'), set('A', '5')], ['B=2', 'NOTHING', '=x', 'AB=4', 'A=5']],
    ['one, and then none', [set('C', '5'), unset('C')], BASE],
    ['nothing', [clear], []],
    ['nothing but what follows', [set('C', '3'), clear, keep('TERM')], ['TERM=xterm']],
    ['names that objects have', [clear, set('__proto__', '1'), unset('constructor')], ['__proto__=1']],
  ])('%s', (_, edits, expected) => {
    expect(editedEnvironment(world(), BASE, edits)).toEqual(expected);
  });

  it('is found as quickly however many there are', () => {
    const COUNT = 20_000;
    const edits = Array.from({ length: COUNT }, (_, index) => set(`V${index}`, 'x'));
    const base = Array.from({ length: COUNT }, (_, index) => `V${2 * index}=y`);
    const sys = world();
    sys.limitStack('unlimited');
    expect(editedEnvironment(sys, base, edits)).toHaveLength(1.5 * COUNT);
  });

  it('is at most what a program can be executed with', () => {
    const sys = world();
    sys.limitStack(1 << 20);
    const large = 'x'.repeat(100_000);
    const edits = (count: number) => Array.from({ length: count }, (_, index) => set(`V${index}`, large));
    expect(editedEnvironment(sys, [], edits(2))).toHaveLength(2);
    expect(failureOf(() => editedEnvironment(sys, [], edits(3)))).toMatch(
      /^take environment: Argument list too long\nNo program could be executed with it: execve\(2\) takes 256 KiB here/,
    );
    expect(failureOf(() => editedEnvironment(sys, [], [set('A', 'x'.repeat(1 << 17))]))).toMatch(
      /^take environment: Argument list too long\n/,
    );
  });
});

describe('a file of variables', () => {
  it.each([
    ['lines', 'C=1\nD=2\n', ['C=1', 'D=2']],
    ['a last line without an end', 'C=1', ['C=1']],
    ['comments and empty lines', '# C=1\n\n  \t\n  #\nC=1\n', ['C=1']],
    ['no comments behind values, and no quotes', 'C="a b" # c \n', ['C="a b" # c ']],
    ['blanks in front', ' \t C=1\n', ['C=1']],
    ['ends of lines of another system', 'C=1\r\nD=\r\n', ['C=1', 'D=']],
    ['a byte order mark', '\xef\xbb\xbfC=1\n', ['C=1']],
    ['equals signs and every byte', 'C==a=\nD=\xff\x01\n', ['C==a=', 'D=\xff\x01']],
    ["the caller's values", 'TERM\nEMPTY\nNONE\n', ['TERM=xterm', 'EMPTY=']],
    ['names that are no shell\u2019s', 'a.b-c=1\n1=2\n', ['a.b-c=1', '1=2']],
    ['nothing', '', []],
  ])('has %s', (_, text, expected) => {
    const sys = world(text);
    expect(editedEnvironment(sys, [], [file])).toEqual(expected);
    expect(sys.opened()).toEqual(['input /f']);
    expect(sys.stillOpen()).toEqual([]);
  });

  it('counts where it stands', () => {
    const order = (...edits: EnvironmentEdit[]) => editedEnvironment(world('C=f\n'), ['C=b'], edits);
    expect(order(set('C', '1'), file)).toEqual(['C=f']);
    expect(order(file, set('C', '1'))).toEqual(['C=1']);
    expect(order(file, unset('C'))).toEqual([]);
    expect(order(file, clear)).toEqual([]);
  });

  it('leaves what a name alone does not find: docker’s -e NAME takes it away', () => {
    expect(editedEnvironment(world('B\n'), ['B=2'], [file])).toEqual(['B=2']);
  });

  it.each([
    ['C=1\n=2\n', 'parse line 2 of environment file /f: the variable has no name'],
    ['\n\nC =2\n', "parse line 3 of environment file /f: the name 'C ' has a blank in it"],
    ['A B\n', "parse line 1 of environment file /f: the name 'A B' has a blank in it"],
    ['A=\0\n', 'parse environment file /f: it has a NUL'],
  ])('%j is refused', (text, message) => {
    const sys = world(text);
    expect(failureOf(() => editedEnvironment(sys, [], [file]))).toBe(message);
    expect(sys.stillOpen()).toEqual([]);
  });

  it('may not be there, be a directory, or be without end', () => {
    const refused = (sys: FakeSys) => failureOf(() => editedEnvironment(sys, [], [file]));
    const sys = world();
    sys.files.delete('/f');
    expect(refused(sys)).toBe('open environment file /f: No such file or directory');
    const directory = world();
    directory.fail('read /f', Errno.EACCES);
    expect(refused(directory)).toBe('read environment file /f: Permission denied');
    expect(directory.stillOpen()).toEqual([]);
    expect(refused(world('#'.repeat((6 << 20) + 1)))).toBe(
      'read environment file /f: File too large\nexecve(2) takes 6 MiB of an environment, and it has more.',
    );
  });
});
