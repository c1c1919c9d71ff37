import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { NodeSys } from '../hosts/node/node-sys.ts';
import { UsageError } from '../sys/errors.ts';
import { type Call, readCall } from './call.ts';
import { checkOptions, SPAWN_KEYS } from './check-options.ts';
import type { TerminalSize } from './enter-options.ts';
import { inUnicode } from './errors.ts';
import { type HelperCall, helperCall } from './helper-call.ts';
import { executableFor } from './image.ts';
import { ownedByThis, type Planned, planFor } from './planned.ts';
import type { Entered, EnteredProcess } from './process.ts';
import { seenBy } from './seen.ts';
import { sizeBytes } from './size.ts';
import type { SpawnOptions } from './spawn-options.ts';
import { startHelper } from './start.ts';
import type { StdioOption } from './streams.ts';
import { watchEntry } from './watch.ts';

/**
 * Executes a program in the namespaces of another process.
 *
 * A step that fails inside, or a program that cannot be executed, is an `error` event with a TsenterError, then `close` with a negative
 * errno, as of child_process where it cannot spawn: nothing of it looks like the program's own exit status, and without a listener it ends
 * this process.
 *
 * ```ts
 * import { spawn } from 'tsenter';
 *
 * const child = spawn('cat', ['/etc/passwd'], { target: 'docker:web' });
 * child.stdout.pipe(process.stdout);
 * console.log(await child.entered);
 * ```
 *
 * @param program name or path, looked up inside; without it a login shell that exists there
 * @throws TsenterError for a bad option, a target that is not there or may not be read: nothing was started then
 */
export function spawn<const S extends StdioOption = undefined>(
  program: string | undefined,
  args: readonly string[] | null | undefined,
  options: SpawnOptions<S>,
): Entered<S>;
export function spawn<const S extends StdioOption = undefined>(
  program: string | undefined,
  options: SpawnOptions<S>,
): Entered<S>;
export function spawn<const S extends StdioOption = undefined>(options: SpawnOptions<S>): Entered<S>;
export function spawn(...values: readonly unknown[]): EnteredProcess {
  return inUnicode(() => {
    return spawnCall(checkOptions(readCall<SpawnOptions>(values), SPAWN_KEYS));
  });
}

/** @param call with options that were checked */
export function spawnCall(call: Call<SpawnOptions>): EnteredProcess {
  const { options } = call;
  const seen = seenBy(options);
  const sys = new NodeSys(seen);
  try {
    const planned = planFor(sys, call);
    return start(seen.helper, helperCall(ownedByThis(sys, planned.plan), options, call), planned, options);
  } finally {
    sys.closeAll();
  }
}

function start(
  helper: string,
  call: HelperCall,
  { notTaken }: Planned,
  options: SpawnOptions,
): EnteredProcess {
  const { own, status, sizes } = call;
  const child = startHelper(executableFor(helper, call), call, options);
  // Where there was no descriptor left it has none at all, and an error that comes.
  const streams = child.stdio as readonly unknown[] | undefined;
  const entered = watchEntry(child, streams?.[status] as Readable | null | undefined, helper);
  const toTerminal = sizes === undefined ? undefined : (streams?.[sizes] as Socket | undefined);
  // Read, or its end would not be seen, and the process not be closed.
  toTerminal?.resume();
  // What is told to a program that has ended is told to nobody.
  toTerminal?.on('error', () => undefined);
  if (child.stdio) Object.assign(child.stdio, { length: own });
  // Nobody else has it to let it go.
  const hold = (how: 'ref' | 'unref') => {
    const own = child[how].bind(child);
    return (): void => {
      own();
      toTerminal?.[how]();
    };
  };
  return Object.assign(child, {
    ...(toTerminal && { ref: hold('ref'), unref: hold('unref') }),
    entered,
    notTaken,
    resize: (size: TerminalSize) =>
      inUnicode(() => {
        if (sizes === undefined) throw notATerminal();
        toTerminal?.write(sizeBytes(size));
      }),
  }) as EnteredProcess;
}

function notATerminal(): UsageError {
  return new UsageError('resize', 'terminal', 'there is none', 'It takes pty: true, or a size.');
}
