import { type ChildProcess, spawn } from 'node:child_process';
import { toUnicode } from '../hosts/node/bytes.ts';
import { strerror } from '../hosts/node/libc.ts';
import { SystemError, TsenterError } from '../sys/errors.ts';
import { OWN, variablesOf } from './environment.ts';
import { NAME } from './helper.ts';
import type { HelperCall } from './helper-call.ts';
import { OwnChild, type OwnStdio } from './own-child.ts';
import type { SpawnOptions } from './spawn-options.ts';

/**
 * The helper as a child of this process. child_process makes it where it can do what the other way cannot, hand on a stream; and where that has failed, or is not
 * allowed, it says why, as it always does.
 */
export function startHelper(file: string, call: HelperCall, options: SpawnOptions): ChildProcess {
  // Of Node's permissions child_process knows, and hands them on.
  const child = process.permission === undefined ? ownChild(file, call, options) : undefined;
  if (child) {
    if (options.signal) endOnAbort(child, options.signal);
    return child;
  }
  const { words, stdio, environment } = call;
  return spawn(file, words.map(toUnicode), {
    argv0: NAME,
    stdio,
    env: environment === undefined ? OWN : variablesOf(environment),
    ...(options.signal && { signal: options.signal }),
    detached: options.detached ?? false,
  });
}

const [ENFILE, EMFILE] = [23, 24];
const OF_DESCRIPTORS: readonly number[] = [ENFILE, EMFILE];

function ownChild(
  file: string,
  { words, stdio, environment }: HelperCall,
  { detached = false }: SpawnOptions,
): ChildProcess | undefined {
  const given: OwnStdio[] = [];
  for (const [index, one] of stdio.entries()) {
    if (one === 'pipe' || one === 'overlapped') given.push('pipe');
    else if (one === 'ignore') given.push(index <= 2 ? 'null' : undefined);
    else if (one === 'inherit') given.push(index);
    else if (typeof one === 'number' && Number.isInteger(one) && one >= 0) given.push(one);
    else return undefined;
  }
  try {
    const spawned = { file, words: [NAME, ...words], environment, stdio: given, leadsSession: detached };
    return new OwnChild(spawned) as unknown as ChildProcess;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // child_process would lose some of the last ones at each try.
    if (OF_DESCRIPTORS.includes(error.errno))
      throw new TsenterError({
        verb: 'spawn',
        object: 'helper',
        cause: strerror(error.errno),
        errno: error.errno,
      });
    return undefined;
  }
}

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

function endOnAbort(child: ChildProcess, signal: AbortSignal): void {
  const end = (): void => {
    if (child.kill()) child.emit('error', new AbortError(signal.reason));
  };
  if (signal.aborted) {
    process.nextTick(end);
    return;
  }
  signal.addEventListener('abort', end, { once: true });
  child.once('exit', () => signal.removeEventListener('abort', end));
}
