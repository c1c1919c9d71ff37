import type { ChildProcess } from 'node:child_process';
import { addAbortListener } from 'node:events';

/** As child_process does, which has an error of this kind for it. */
class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';
  readonly cause: unknown;

  constructor(cause: unknown) {
    super('The operation was aborted');
    this.cause = cause;
  }
}

/** As the `signal` of child_process.spawn: its error comes first, then the end. */
export function endOnAbort(child: ChildProcess, signal: AbortSignal): void {
  const left = addAbortListener(signal, () => {
    if (child.kill()) child.emit('error', new AbortError(signal.reason));
  });
  // Of an entry that failed there is no exit.
  child.once('close', () => left[Symbol.dispose]());
}
