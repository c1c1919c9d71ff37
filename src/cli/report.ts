import { SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import type { Screens } from './screens/screens.ts';

/** Tells what was thrown, and gives the exit status. */
export function reportFailure(sys: Sys, error: unknown, screens: Screens): number {
  const failure = error instanceof SystemError ? describeCall(sys, error) : error;
  if (!(failure instanceof TsenterError)) throw error;
  sys.write(2, screens.failure(sys, failure));
  return failure.status;
}

/** A system call whose failure nobody put into words. */
function describeCall(sys: Sys, { call, errno }: SystemError): TsenterError {
  return new TsenterError({ verb: 'call', object: call, cause: sys.describe(errno), errno });
}
