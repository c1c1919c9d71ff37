import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';

/** More than execve(2) takes for arguments and environment together (6 MiB with the largest stack limit). */
const MOST_BYTES = 8 << 20;

/**
 * The environment that the target was started with, as NAME=VALUE strings. It is the target's to write, so it is
 * bounded, entries of another form are left out, and of two values for a name the first counts (as in nsenter).
 *
 * @throws TsenterError where it cannot be read
 */
export function readTargetEnvironment(sys: Sys, target: Target): string[] {
  // A target that executes another program between our open and our read leaves an empty file behind: look again.
  const bytes = readOnce(sys, target) || readOnce(sys, target);
  const entries = new Map<string, string>();
  for (const entry of bytes.split('\0')) {
    const equals = entry.indexOf('=');
    const name = entry.slice(0, equals);
    if (equals > 0 && !entries.has(name)) entries.set(name, entry);
  }
  return [...entries.values()];
}

function readOnce(sys: Sys, target: Target): string {
  let fd: number | undefined;
  try {
    fd = openOfTarget(sys, target, 'environ', 'file', 'environment');
    const open = fd;
    return attempt(sys, 'read', `environment of ${target.label}`, () => sys.read(open, MOST_BYTES));
  } catch (error) {
    // A task without memory, a kernel thread, has none; if the target has ended, checkAlive will say so.
    if (error instanceof TsenterError && error.errno === Errno.ESRCH) return '';
    throw error;
  } finally {
    if (fd !== undefined) sys.close(fd);
  }
}
