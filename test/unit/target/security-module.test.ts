import { describe, expect, it } from 'vitest';
import { confinementOf, denialOf } from '../../../src/target/security-module.ts';
import { FakeSys } from '../support/fake-sys.ts';

function world(files: Readonly<Record<string, string>>): FakeSys {
  const sys = new FakeSys();
  for (const [path, text] of Object.entries(files)) sys.files.set(path, { text });
  return sys;
}

describe('the security module that confines a process', () => {
  it.each([
    ['none', {}, undefined],
    ['one without a word', { current: '\n' }, undefined],
    ['AppArmor, of which nothing is asked', { current: 'unconfined\n' }, ['AppArmor', 'unconfined', false]],
    ['a profile', { current: 'a b (enforce)\n' }, ['AppArmor', 'a b (enforce)', true]],
    ['one that kills', { current: 'x (kill)' }, ['AppArmor', 'x (kill)', true]],
    ['one that complains', { current: 'x (complain)\n' }, ['AppArmor', 'x (complain)', false]],
    ['one that is none', { current: 'x (unconfined)\n' }, ['AppArmor', 'x (unconfined)', false]],
    [
      'AppArmor beside another one, whose file the common one is',
      { current: 'u:r:t:s0', 'apparmor/current': 'x (enforce)\n' },
      ['AppArmor', 'x (enforce)', true],
    ],
    ['SELinux', { current: 'u:r:t:s0:c1,c2\0' }, ['SELinux', 'u:r:t:s0:c1,c2', true]],
    ['SELinux without levels', { current: 'u:r:t' }, ['SELinux', 'u:r:t', true]],
    ['SELinux without a policy', { current: 'kernel\0' }, ['the security module', 'kernel', false]],
    ['Smack', { current: '_', 'smack/current': '_' }, ['Smack', '_', true]],
  ] as const)('%s', (_, files, expected) => {
    const named = Object.entries(files).map(([name, text]) => [`/proc/7/attr/${name}`, text]);
    const found = confinementOf(world(Object.fromEntries(named)), '/proc/7');
    expect(found && [found.module, found.context, found.denies]).toEqual(expected);
  });

  it('denies nothing where SELinux only warns', () => {
    const files = { '/proc/7/attr/current': 'u:r:t:s0', '/sys/fs/selinux/enforce': '0' };
    expect(confinementOf(world(files), '/proc/7')?.denies).toBe(false);
    expect(confinementOf(world({ ...files, '/sys/fs/selinux/enforce': '1' }), '/proc/7')?.denies).toBe(true);
  });
});

describe('who denies', () => {
  it.each([
    ['unconfined', '0', 'a security module denies it.'],
    ['unconfined', '2', 'a seccomp filter or a security module denies it.'],
    ['x (complain)', '0', 'a security module denies it.'],
    ['x (enforce)', '0', 'AppArmor denies it to x (enforce): rules.'],
    ['x (enforce)', '2', 'a seccomp filter denies it, or AppArmor to x (enforce): rules.'],
    ['u:r:t:s0', '0', 'SELinux denies it to u:r:t:s0.'],
    ['u:r:t:s0', '1', 'a seccomp filter denies it, or SELinux to u:r:t:s0.'],
  ])('%s, seccomp %s', (current, seccomp, expected) => {
    const files = {
      '/proc/self/attr/current': current,
      '/proc/self/status': `Name:\tx\nSeccomp:\t${seccomp}\n`,
    };
    expect(denialOf(world(files), 'rules.')).toBe(expected);
  });
});
