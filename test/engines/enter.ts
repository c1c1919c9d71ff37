import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tsenter } from '../support/command.ts';

export interface Result {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What only the host's environment has. */
export const hostOnly = 'HOST_ONLY=yes';

const env = { PATH: process.env.PATH ?? '', HOST_ONLY: 'yes' };

/** Runs tsenter to its end. */
export function enter(...argv: string[]): Result {
  const { status, signal, stdout, stderr } = spawnSync(tsenter, argv, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  return { status, signal, stdout, stderr };
}

/** The standard output of a tsenter that succeeds and says nothing else. */
export function output(...argv: string[]): string {
  const { status, signal, stdout, stderr } = enter(...argv);
  if (status !== 0 || stderr !== '') {
    throw new Error(`tsenter ${argv.join(' ')}: status ${status}, signal ${signal}\n${stdout}${stderr}`);
  }
  return stdout.trimEnd();
}

/** A program that tsenter has entered and that waits, to be looked at from the host. */
export interface Held {
  /** The entered program itself: tsenter's child, or tsenter's own process when it did not fork. */
  readonly pid: number;
  readonly forked: boolean;
  signal(name: NodeJS.Signals): void;
  /** Lets it go: ends its standard input, and waits for the end of tsenter. */
  release(): Promise<Result>;
}

/** Enters with a program that prints a line when it runs and then reads its standard input: by default `cat`. */
export async function hold(options: readonly string[], program: readonly string[] = ['cat']): Promise<Held> {
  const child = spawn(tsenter, [...options, ...program], { env, stdio: 'pipe', timeout: 30_000 });
  let stdout = '';
  let stderr = '';
  const closed = once(child, 'close');
  const line = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    child.stdout.on('data', (data) => {
      stdout += data;
      if (stdout.includes('\n')) resolve();
    });
    child.once('error', reject);
    child.once('close', (status, signal) =>
      reject(new Error(`tsenter ${options.join(' ')} ended: status ${status}, signal ${signal}\n${stderr}`)),
    );
  });
  child.stdin.on('error', () => {}); // it may be gone by now
  child.stdin.write('here\n');
  await line;
  if (child.pid === undefined) throw new Error('no process id');
  const inside = childOf(child.pid);
  return {
    pid: inside ?? child.pid,
    forked: inside !== undefined,
    signal: (name) => child.kill(name),
    release: async () => {
      child.stdin.end();
      // Without this, a program that outlives tsenter would hold our end of its output open.
      const late = setTimeout(() => killAll([inside, child.pid]), 10_000);
      const [status, signal] = await closed;
      clearTimeout(late);
      return { status, signal, stdout, stderr };
    },
  };
}

function killAll(pids: readonly (number | undefined)[]): void {
  for (const pid of pids) {
    try {
      if (pid !== undefined) process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended
    }
  }
}

// Not from /proc/PID/task/PID/children: not every kernel has it.
function childOf(parent: number): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && parentOf(name) === parent) return Number(name);
  }
  return undefined;
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(/\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined; // it ended in the meantime
  }
}
