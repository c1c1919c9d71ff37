import { SystemError, TsenterError } from '../errors.ts';
import type { Sys } from '../sys/sys.ts';
import { styleFor } from './style.ts';

/** Tells what was thrown, and gives the exit status. */
export function reportFailure(sys: Sys, error: unknown): number {
  const failure = error instanceof SystemError ? describeCall(sys, error) : error;
  if (!(failure instanceof TsenterError)) throw error;
  sys.write(2, renderFailure(sys, failure));
  return failure.status;
}

/** A system call whose failure nobody put into words. */
function describeCall(sys: Sys, { call, errno }: SystemError): TsenterError {
  return new TsenterError({ verb: 'call', object: call, cause: sys.describe(errno), errno });
}

/** `tsenter: VERB OBJECT: CAUSE`, and the hint on a second line. */
function renderFailure(sys: Sys, { message, hint }: Pick<TsenterError, 'message' | 'hint'>): string {
  const second = hint === undefined ? '' : `${styleFor(sys, 2).hint(hint)}\n`;
  return `${renderPrefix(sys)} ${message}\n${second}`;
}

/** How messages begin. */
export function renderPrefix(sys: Sys): string {
  return styleFor(sys, 2).prefix('tsenter:');
}
