import { expect, it } from 'vitest';
import { noteOnChildren } from '../../../src/target/children.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

const NOTE = 'The children of target 7 are in a PID namespace of their own, which it is not in itself; ';

function noteOf(children: string | undefined, id: string): string | undefined {
  const sys = new FakeSys();
  const target = pinned(sys);
  sys.files.set('/proc/7/ns/pid_for_children', { namespace: { type: 'pid', id } });
  if (children !== undefined) sys.files.set('/proc/7/task/7/children', { text: children });
  return noteOnChildren(sys, target);
}

it.each([
  ['one', '8 ', 'its child is process 8: -t 8'],
  ['some', '8 9 10 ', 'its child is process 8: -t 8'],
  ['none', '', '--pid=/proc/7/ns/pid_for_children'],
  ['more than are looked at', '4194304 '.repeat(100_000), '--pid=/proc/7/ns/pid_for_children'],
  ['a kernel that does not tell', undefined, '--pid=/proc/7/ns/pid_for_children'],
])('children in another PID namespace: %s', (_, children, remedy) => {
  expect(noteOf(children, 'other')).toBe(NOTE + remedy);
});

it('children in the same one are nothing to tell of', () => {
  expect(noteOf('8 ', 'host')).toBeUndefined();
});
