/** Starts of which one system call fails (test/programs/inject.c). */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { tsenter } from './command.ts';
import { defaultCwd, defaultEnv } from './launch.ts';
import { type ProbeReport, parseProbe } from './probe.ts';
import { program } from './programs.ts';

/** A system call of a start. */
interface Call {
  /** 0 is the one that was started; its first child is 1 */
  readonly process: number;
  readonly index: number;
  readonly name: string;
  /** with its first three arguments: `ioctl(0x2, 0x5413, 0x7ffc5f9c4a40)` */
  readonly text: string;
}

export interface Start {
  readonly status: number;
  /** the number of the signal that ended it, 0: none */
  readonly signal: number;
  /** it had to be killed */
  readonly hung: boolean;
  /** the program was executed */
  readonly ran: boolean;
  /** it was dumpable when it entered a namespace or, after that, executed a program; always false for root */
  readonly wasExposed: boolean;
  readonly terminalKept: boolean;
  readonly report: ProbeReport | undefined;
  readonly message: string;
  /** as in Call; undefined where the start made no such call */
  readonly failed: string | undefined;
}

export interface Injector extends AsyncDisposable {
  /** A start in which nothing fails, and the calls that it made. */
  readonly calls: readonly Call[];
  readonly reference: Start;
  /** Only this one call fails, or each of its kind from there on. */
  fail(call: Call, errno: number, how: 'once' | 'on'): Promise<Start>;
  /** The interpreter cannot execute the subject. */
  failExec(errno: number): Promise<Start>;
}

export interface InjectorOptions {
  readonly terminal?: boolean;
  /** Who starts it. */
  readonly uid?: number;
}

interface Line extends Omit<Start, 'report' | 'failed'> {
  readonly report: string;
  readonly failed: string | null;
  readonly calls?: readonly { readonly process: number; readonly name: string }[];
}

/** Of Node only what it executes is the subject: the launcher, Node, and then the helper. */
const execs = basename(dirname(realpathSync(tsenter))) === 'native' ? 1 : 3;

/** Whether there is an exec by which the subject begins. */
export const hasInterpreter = execs > 1;

export async function startInjector(
  words: readonly string[],
  { terminal = false, uid }: InjectorOptions = {},
): Promise<Injector> {
  const child = spawn(
    program('inject'),
    [
      ...(terminal ? ['tty'] : []),
      ...(uid === undefined ? [] : [`uid=${uid}`]),
      ...[String(execs), 'probe', '--', tsenter, ...words, program('probe'), '--fd', '3'],
    ],
    { cwd: defaultCwd, env: { ...defaultEnv }, stdio: 'pipe' },
  );
  let errors = '';
  child.stderr.on('data', (part: Buffer) => {
    errors += part.toString();
  });
  // It may have ended already; that is told by its output.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (job: string): Promise<Line> => {
    child.stdin.write(`${job}\n`);
    const { value, done } = await lines.next();
    if (done) {
      await ended;
      throw new Error(`inject ended: ${errors}`);
    }
    return JSON.parse(value) as Line;
  };
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await ended;
  };
  try {
    const listed = await ask('list');
    return {
      reference: startOf(listed),
      calls: numbered(listed.calls ?? []),
      fail: async ({ process, index }, errno, how) =>
        startOf(await ask(`${process} ${index} ${errno}${how === 'on' ? ' on' : ''}`)),
      failExec: async (errno) => startOf(await ask(`exec ${errno}`)),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startOf({ report, failed, ...rest }: Line): Start {
  return { ...rest, report: parseProbe(report), failed: failed ?? undefined };
}

function numbered(listed: NonNullable<Line['calls']>): Call[] {
  const counts = new Map<number, number>();
  return listed.map(({ process, name: text }) => {
    const index = counts.get(process) ?? 0;
    counts.set(process, index + 1);
    return { process, index, name: text.slice(0, text.indexOf('(')), text };
  });
}
