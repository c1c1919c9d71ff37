import { SystemError, TsenterError } from './errors.ts';
import type { Sys } from './sys.ts';

/** A remedy for certain errnos, for the message's second line. */
export type Hint = (errno: number) => string | undefined;

/**
 * The message `VERB OBJECT: strerror's words` for a system call that failed; any other error stays as it is.
 *
 * @returns what is to be thrown
 */
export function described(sys: Sys, verb: string, object: string, error: unknown, hint?: Hint): unknown {
  if (!(error instanceof SystemError)) return error;
  const advice = hint?.(error.errno);
  return new TsenterError({
    verb,
    object,
    cause: sys.describe(error.errno),
    errno: error.errno,
    ...(advice !== undefined && { hint: advice }),
  });
}

/**
 * Calls the system, and turns its failure into a message.
 *
 * @throws TsenterError
 */
export function attempt<T>(sys: Sys, verb: string, object: string, call: () => T, hint?: Hint): T {
  try {
    return call();
  } catch (error) {
    throw described(sys, verb, object, error, hint);
  }
}

/** The whole content of a file, or only the lines that have `part` in them, of at most so many bytes. */
export function readPath(sys: Sys, path: string, most: number, part?: string): string {
  const fd = sys.open(path, 'file');
  try {
    return part === undefined ? sys.read(fd, most) : sys.read(fd, most, part);
  } finally {
    sys.close(fd);
  }
}

/** Calls the system; a failure gives undefined. For what is one of many, and others' to spoil. */
export function ifPossible<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** For hints, which are never failures of their own. */
export function readIfPossible(sys: Sys, path: string, most: number, part?: string): string | undefined {
  return ifPossible(() => readPath(sys, path, most, part));
}

/** Calls the system; a failure with one of these errnos gives undefined. */
export function attemptUnless<T>(errnos: readonly number[], call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof SystemError && errnos.includes(error.errno)) return undefined;
    throw error;
  }
}
