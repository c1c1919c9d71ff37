import { describe, expect, it } from 'vitest';
import { readContext } from '../../../src/facts/selinux.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned, SELINUXFS } from '../support/fake-sys.ts';

function world(context: string) {
  const sys = new FakeSys();
  const target = pinned(sys);
  sys.files.set('/proc/self/mountinfo', { text: SELINUXFS });
  sys.files.set('/proc/7/attr/current', { text: context });
  return { sys, read: () => readContext(sys, target) };
}

describe('the SELinux context of the target', () => {
  it.each([
    [
      'as the kernel ends it',
      'system_u:system_r:container_t:s0:c1,c2\0',
      'system_u:system_r:container_t:s0:c1,c2',
    ],
    ['with a newline', 'u:r:t:s0\n', 'u:r:t:s0'],
    ['with both', 'u:r:t:s0\n\0', 'u:r:t:s0'],
    ['with those in it', 'u:\n\0r\n', 'u:\n\0r'],
    ['with nothing else', '\0\n', ''],
    ['without an end', 'u:r:t:s0', 'u:r:t:s0'],
  ])('%s', (_, text, expected) => {
    const { sys, read } = world(text);
    expect(read()).toBe(expected);
    expect(sys.opened()).toEqual(['file /proc/self/mountinfo', 'file /proc/7/attr/current']);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it.each([
    ['not mounted, whatever another security module says', ''],
    ['mounted read-only, as in a container', SELINUXFS.replace('rw,nosuid', 'ro,nosuid')],
    ['a file system that cannot be written to', SELINUXFS.replace(/rw\n/, 'ro\n')],
  ])('is none where selinuxfs is %s', (_, text) => {
    const { sys, read } = world('docker-default (enforce)\n');
    sys.files.set('/proc/self/mountinfo', { text });
    expect(read()).toBeUndefined();
    expect(sys.opened()).toEqual(['file /proc/self/mountinfo']);
  });

  it('is one where selinuxfs is mounted elsewhere, or once more, as libselinux finds it', () => {
    const { sys, read } = world('u:r:t:s0\0');
    const elsewhere = SELINUXFS.replace('/sys/fs/selinux', '/selinux');
    sys.files.set('/proc/self/mountinfo', { text: SELINUXFS.replace('rw,nosuid', 'ro,nosuid') + elsewhere });
    expect(read()).toBe('u:r:t:s0');
  });

  it('needs a target, but not where there is no SELinux, as in nsenter', () => {
    const { sys } = world('u:r:t:s0\0');
    expect(failureOf(() => readContext(sys, undefined))).toBe(
      'follow SELinux context: no target PID specified\nName the process or the container: --target PID|NAME.',
    );
    expect(readContext(new FakeSys(), undefined)).toBeUndefined();
  });

  it('that cannot be read is an error', () => {
    const { sys, read } = world('u:r:t:s0\0');
    sys.fail('read /proc/7/attr/current', Errno.EACCES);
    expect(failureOf(read)).toBe(
      'read SELinux context of target 7: Permission denied\nThe caller may read it, and yet a seccomp filter or a security module denies it.',
    );
    sys.fail('open file /proc/7/attr/current', Errno.EACCES);
    expect(failureOf(read)).toMatch(/^open SELinux context of target 7: Permission denied\nNeeds the rights/);
  });
});
