import type { Request } from '../request/request.ts';
import { Errno } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';
import { directoryMeant } from './glued.ts';

/** A directory that is open, and how messages call it. */
export interface OpenDirectory {
  fd: number;
  label: string;
}

/** Opens the root or the working directory of the target, or a path of the caller; what is found inside is not opened. */
export function openDirectory(
  sys: Sys,
  entry: 'root' | 'cwd',
  source: NonNullable<Request['root'] | Request['workingDirectory']>,
  target: Target | undefined,
): OpenDirectory | undefined {
  const what = entry === 'root' ? 'root directory' : 'working directory';
  if (source.from === 'target' && target)
    return { fd: openOfTarget(sys, target, entry, 'directory', what), label: `that of ${target.label}` };
  if (source.from === 'caller') {
    const { path } = source;
    const fd = attempt(
      sys,
      'open',
      `${what} ${path}`,
      () => sys.open(path, 'directory'),
      (errno) =>
        errno === Errno.ENOENT ? directoryMeant(entry === 'root' ? 'root' : 'wd', path) : undefined,
    );
    return { fd, label: path };
  }
  return undefined;
}

export function openProcDirectory(sys: Sys, target: Target): number {
  return openOfTarget(sys, target, '', 'directory', '/proc directory');
}
