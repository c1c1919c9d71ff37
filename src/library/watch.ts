import type { ChildProcess } from 'node:child_process';
import { errorMonitor } from 'node:events';
import type { Readable } from 'node:stream';
import type { TsenterError } from '../sys/errors.ts';
import { EPROTO, endedEarly } from './errors.ts';
import { OwnChild, readToEnd } from './own-child.ts';
import { isOfAnother } from './parentage.ts';
import { immediately } from './timers.ts';
import { forged, MOST_TOLD, parseStatus, type Told } from './told.ts';

/** How it ended: status and signal, as `exit` has them. */
type Exit = readonly [code: number | null, signal: NodeJS.Signals | null];

/**
 * The helper writes to the status descriptor, which the exec closes. What it tells decides what its own end means: of an entry that failed
 * there is `error` and `close`, as where child_process could not spawn, and no `exit`, whose status could be the program's.
 *
 * @returns the program's process id, once it is executed
 */
export function watchEntry(
  child: ChildProcess,
  status: Readable | null | undefined,
  helper: string,
): Promise<number> {
  const entered = new Promise<number>((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    const emit = child.emit.bind(child) as (event: string | symbol, ...values: unknown[]) => boolean;
    let told: Told | undefined;
    let exit: Exit | undefined;
    let { stdio } = child;
    let isOver = false;
    let isClosed = false;

    const settle = (): void => {
      if (!told) return;
      const { failure } = told;
      const succeeds = told.executes && !failure;
      if (succeeds) resolve(told.pid ?? child.pid ?? 0);
      if (!exit) return;
      const ended = exit;
      // Who awaits `entered` before listening is not to miss the end.
      if (succeeds) immediately(() => finish(() => emit('exit', ...ended)));
      else finish(() => fail(failure, ended));
    };
    const finish = (tell: () => void): void => {
      isOver = true;
      Object.assign(child, { stdio });
      try {
        tell();
      } finally {
        process.nextTick(() => readToEnd(stdio));
        // What a listener throws, and an error without one, is no reason to be silent afterwards.
        if (isClosed) emit('close', child.exitCode, child.signalCode);
      }
    };
    const fail = (failure: TsenterError | undefined, [code, signal]: Exit): void => {
      const error = failure ?? endedEarly(helper, code, signal);
      reject(error);
      // A signal is nobody's failure: whoever sent it knows, and it is the end of any process.
      if (!failure && signal !== null) {
        emit('exit', code, signal);
        return;
      }
      // As child_process has it of what was never spawned.
      Object.assign(child, { exitCode: -(error.errno ?? EPROTO), signalCode: null });
      emit('error', error);
    };
    const end = (): void => {
      if (told) return;
      told = parseStatus(Buffer.concat(parts));
      if (told.pid !== undefined && !exit && isOfAnother(told.pid, child.pid)) told = forged();
      settle();
      if (!told.isForged) return;
      // Whatever it is that runs, nobody can say of it that it is the program.
      reject(told.failure);
      child.kill('SIGKILL');
    };
    // It may be held by somebody else, for whom neither this nor the end of all streams is to wait.
    const endNow = (): void => {
      end();
      status?.destroy();
    };
    child.emit = (event: string | symbol, ...values: unknown[]): boolean => {
      if (event === 'exit') {
        exit = values as unknown as Exit;
        stdio = child.stdio;
        // child_process would read now what nobody has begun to, and lose it for whoever is told of the end only later.
        if (!(child instanceof OwnChild)) Object.assign(child, { stdio: [] });
        settle();
        // What was told before the end is there to be read by now; who holds the other side may hold it for ever.
        if (!told) immediately(() => immediately(endNow));
        return true;
      }
      const isEarly = event === 'close' && exit !== undefined && !isOver;
      isClosed ||= isEarly;
      return isEarly || emit(event, ...values);
    };

    child.once(errorMonitor as unknown as 'error', reject);
    status
      ?.on('data', (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (length > MOST_TOLD) endNow();
      })
      // With its close it is told all the same.
      .on('error', () => undefined)
      .once('end', end)
      .once('close', end);
    if (!status) end();
  });
  // Whoever does not ask is told by the `error` event all the same.
  entered.catch(() => undefined);
  return entered;
}
