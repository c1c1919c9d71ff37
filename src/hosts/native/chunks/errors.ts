import { SystemError } from '../../../sys/errors.ts';

export {
  Errno,
  HELP_COMMAND,
  SystemError,
  TsenterError,
  UsageError,
  usageError,
} from '../../../sys/errors.ts';

/** What natives.c throws. */
export function systemError(errno: number, call: string): SystemError {
  return new SystemError(errno, call);
}
