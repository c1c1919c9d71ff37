import { CAP_SYS_CHROOT } from '../sys/capabilities.ts';
import { Errno, SystemError } from '../sys/errors.ts';
import { hasCapability } from './credentials.ts';
import { findInside } from './files-inside.ts';
import { fail, type Stage } from './stage.ts';

export function changeRoot(stage: Stage, fd: number, label: string): void {
  const { result, facts } = stage;
  if (!hasCapability(result.who, CAP_SYS_CHROOT))
    fail(
      stage,
      `change root directory to ${label}`,
      Errno.EPERM,
      'The caller lacks CAP_SYS_CHROOT in this user namespace.',
    );
  stage.files = { root: fd, directory: fd, proc: facts.target?.proc ?? stage.files?.proc ?? '/proc/self' };
}

export function changeDirectory(stage: Stage, step: 'chdir-path' | 'chdir-inside', path: string): void {
  const { host, files, result } = stage;
  const what = `change working directory ${step === 'chdir-path' ? 'to' : 'inside to'} ${path}`;
  if (!files) {
    result.cannotBeTold.push(`whether there is a directory ${path}`);
    return;
  }
  try {
    const found = findInside(host, files, path);
    const isDirectory = found !== undefined && (host.status(found).mode & 0o170000) === 0o040000;
    if (found === undefined) result.cannotBeTold.push(`whether there is a directory ${path}`);
    else if (!isDirectory) fail(stage, what, Errno.ENOTDIR);
    else files.directory = found;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno === Errno.EACCES && result.who.entered)
      result.cannotBeTold.push(`whether the directory ${path} may be entered`);
    else fail(stage, what, error.errno);
  }
}
