import type { OptionValues } from '../options/table.ts';
import type { Host } from '../plan/host.ts';
import { SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import type { Screens } from './screens/screens.ts';

/** Tells what was thrown, and gives the exit status. */
export function reportFailure(host: Host, error: unknown, screens: Screens, values: OptionValues): number {
  const failure = error instanceof SystemError ? describeCall(host, error) : error;
  if (!(failure instanceof TsenterError)) throw error;
  host.write(2, screens.failure(host, failure, values));
  return failure.status;
}

/** A system call whose failure nobody put into words. */
function describeCall(sys: Sys, { call, errno }: SystemError): TsenterError {
  return new TsenterError({ verb: 'call', object: call, cause: sys.describe(errno), errno });
}
