import { missingTarget } from '../request/missing-target.ts';
import { Errno } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, readIfPossible } from '../sys/system-call.ts';
import { contextDenied } from '../target/failure.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';

const MOST_OF_MOUNTS = 1 << 20;

/**
 * The SELinux context of the target, from /proc/PID/attr/current, or undefined where SELinux is not in use: that file is then
 * another security module's or nobody's.
 *
 * @throws TsenterError where there is a context that cannot be read, or no target to read it from
 */
export function readContext(sys: Sys, target: Target | undefined): string | undefined {
  if (!usesSelinux(sys)) return undefined;
  if (!target) throw missingTarget({ namespaces: {} });
  const fd = openOfTarget(sys, target, 'attr/current', 'file', 'SELinux context');
  const text = attempt(
    sys,
    'read',
    `SELinux context of ${target.label}`,
    () => sys.read(fd, 4096),
    (errno) => (errno === Errno.EACCES ? contextDenied(sys) : undefined),
  );
  sys.close(fd);
  let end = text.length;
  while (end > 0 && '\0\n'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/**
 * As libselinux tells it to nsenter (is_selinux_enabled(3)): selinuxfs is mounted somewhere, and can be written to. One that cannot is how
 * containers are told that the contexts of the host are not for them.
 */
export function usesSelinux(sys: Sys): boolean {
  const path = '/proc/self/mountinfo';
  const mounts = readIfPossible(sys, path, MOST_OF_MOUNTS, ' - selinuxfs ') ?? '';
  for (const line of mounts.split('\n')) {
    // proc_pid_mountinfo(5): the sixth field has the options of the mount, the last one those of its file system.
    const fields = line.split(' ');
    const isWritable = [fields[5], fields[fields.length - 1]].every((options) => options?.startsWith('rw'));
    if (isWritable) return true;
  }
  return false;
}
