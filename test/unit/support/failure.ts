import { TsenterError } from '../../../src/sys/errors.ts';

/** What a call throws, as the command line would print it: the message, and the hint as a second line. */
export function failureOf(call: () => unknown): string {
  const error = thrownBy(call);
  return error.hint === undefined ? error.message : `${error.message}\n${error.hint}`;
}

export function thrownBy(call: () => unknown): TsenterError {
  try {
    call();
  } catch (error) {
    if (error instanceof TsenterError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
