import { isMainThread } from 'node:worker_threads';
import { fromUnicode } from '../hosts/node/bytes.ts';
import { inherited } from '../hosts/node/caller.ts';
import { blocking } from '../hosts/node/libc.ts';
import { NodeSys } from '../hosts/node/node-sys.ts';
import { replaceByHelper } from '../hosts/node/replace.ts';
import { UsageError } from '../sys/errors.ts';
import { type Call, readCall } from './call.ts';
import { checkOptions, REPLACE_KEYS } from './check-options.ts';
import type { EnterOptions } from './enter-options.ts';
import { inUnicode } from './errors.ts';
import { planFor } from './planned.ts';
import { seenBy } from './seen.ts';
import type { SpawnOptions } from './spawn-options.ts';

/** What {@link enter} takes: there is no child that anything else could be said of. */
export type ReplaceOptions = EnterOptions & Pick<SpawnOptions, 'env' | 'helperPath'>;

/**
 * Executes a program in the namespaces of another process, in place of this one: it has this one's process id and standard streams, and
 * nothing of JavaScript runs any more, `exit` listeners included. What fails inside is told on the standard error, as by the command line.
 *
 * ```ts
 * import { enter } from 'tsenter';
 *
 * enter('sh', ['-l'], { target: 'docker:web' });
 * ```
 *
 * @throws TsenterError where nothing was entered; it returns in no case. In a worker it is refused: the others would end with it
 */
export function enter(
  program: string | undefined,
  args: readonly string[] | null | undefined,
  options: ReplaceOptions,
): never;
export function enter(program: string | undefined, options: ReplaceOptions): never;
export function enter(options: ReplaceOptions): never;
export function enter(...values: readonly unknown[]): never {
  return inUnicode(() => replace(checkOptions(readCall<ReplaceOptions>(values), REPLACE_KEYS)));
}

function replace(call: Call<ReplaceOptions>): never {
  const { program, args, options } = call;
  if (!isMainThread)
    throw new UsageError(
      'replace',
      'this process',
      'not from a worker',
      'spawn() and run() can be called from one.',
    );
  const { helper, callers, programs } = seenBy(options);
  const variables = programs();
  const sys = new NodeSys({ helper, callers, programs: () => variables });
  try {
    const { plan } = planFor(sys, call);
    const words = program === undefined ? [] : [program, ...args].map(fromUnicode);
    // Node has made them so for itself, and at its end makes them what they were.
    for (const stream of [0, 1, 2]) blocking(stream);
    // The words of steps come before them, and none of these is tsenter's own.
    const operands = {
      ...plan,
      program: program === undefined ? plan.program : ({ kind: 'operands', first: 0 } as const),
    };
    return replaceByHelper(helper, operands, words, plan.environment ?? variables, inherited());
  } finally {
    sys.closeAll();
  }
}
