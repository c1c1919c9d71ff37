import { missingTarget } from '../request/missing-target.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';

/**
 * The SELinux context of the target, from /proc/PID/attr/current, or undefined where SELinux is not in use
 * (is_selinux_enabled(3): selinuxfs is mounted): that file is then another security module's or nobody's.
 *
 * @throws TsenterError where there is a context that cannot be read, or no target to read it from
 */
export function readContext(sys: Sys, target: Target | undefined): string | undefined {
  if (!sys.statPath('/sys/fs/selinux/enforce')) return undefined;
  if (!target) throw missingTarget({ namespaces: {} });
  const fd = openOfTarget(sys, target, 'attr/current', 'file', 'SELinux context');
  const text = attempt(sys, 'read', `SELinux context of ${target.label}`, () => sys.read(fd, 4096));
  sys.close(fd);
  let end = text.length;
  while (end > 0 && '\0\n'.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
