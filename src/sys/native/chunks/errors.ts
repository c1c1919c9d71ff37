import { SystemError } from '../../../errors.ts';

export { Errno, SystemError, TsenterError, UsageError, usageError } from '../../../errors.ts';

/** What natives.c throws. */
export function systemError(errno: number, call: string): SystemError {
  return new SystemError(errno, call);
}
