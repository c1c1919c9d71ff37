import { type ChildProcess, spawn } from 'node:child_process';
import { toUnicode } from '../hosts/node/bytes.ts';
import { SystemError } from '../sys/errors.ts';
import { OWN, variablesOf } from './environment.ts';
import type { HelperCall } from './helper-call.ts';
import { OwnChild, type OwnStdio } from './own-child.ts';
import type { SpawnOptions } from './spawn-options.ts';

/** The name that the helper finds as its own. */
const NAME = 'tsenter';

/**
 * The helper as a child of this process. child_process makes it where it can do what the other way cannot: hand on a stream, obey an AbortSignal; and
 * where that has failed, or is not allowed, it says why, as it always does.
 */
export function startHelper(file: string, call: HelperCall, options: SpawnOptions): ChildProcess {
  const isAllowed = process.permission?.has('child') ?? true;
  const child = options.signal || !isAllowed ? undefined : ownChild(file, call, options);
  if (child) return child;
  const { words, stdio, environment } = call;
  return spawn(file, words.map(toUnicode), {
    argv0: NAME,
    stdio,
    env: environment === undefined ? OWN : variablesOf(environment),
    ...(options.signal && { signal: options.signal }),
    detached: options.detached ?? false,
  });
}

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
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
