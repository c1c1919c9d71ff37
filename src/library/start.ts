import { type ChildProcess, spawn } from 'node:child_process';
import { toUnicode } from '../hosts/node/bytes.ts';
import { strerror } from '../hosts/node/libc.ts';
import { SystemError, TsenterError } from '../sys/errors.ts';
import { endOnAbort } from './abort.ts';
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
  try {
    return spawn(file, words.map(toUnicode), {
      argv0: NAME,
      stdio,
      env: environment === undefined ? OWN : variablesOf(environment),
      ...(options.signal && { signal: options.signal }),
      detached: options.detached ?? false,
    });
  } catch (error) {
    const errno = error instanceof Error && 'errno' in error ? error.errno : undefined;
    throw typeof errno === 'number' && !(error instanceof TsenterError) ? notSpawned(Math.abs(errno)) : error;
  }
}

function notSpawned(errno: number): TsenterError {
  return new TsenterError({ verb: 'spawn', object: 'helper', cause: strerror(errno), errno });
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
    else if (one === process.stdout) given.push(1);
    else if (one === process.stderr) given.push(2);
    else if (typeof one === 'number' && Number.isInteger(one) && one >= 0) given.push(one);
    else return undefined;
  }
  try {
    const spawned = { file, words: [NAME, ...words], environment, stdio: given, leadsSession: detached };
    // On the prototype of ChildProcess, which the compiler cannot know, and with all of its fields.
    return new OwnChild(spawned) as unknown as ChildProcess;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // child_process would lose some of the last ones at each try.
    if (OF_DESCRIPTORS.includes(error.errno)) throw notSpawned(error.errno);
    return undefined;
  }
}
