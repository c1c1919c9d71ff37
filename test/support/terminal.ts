/**
 * A command on a terminal of its own, as a terminal emulator or sshd starts it: it leads the session of that terminal.
 *
 *     await using terminal = await startTerminal(['/bin/bash', '--norc']);
 *     terminal.type('tty\r');
 *     await terminal.waitFor(terminal.name);
 *
 * `stop` ends everything that was started there, and everything that those have started.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { type IPty, spawn } from '@lydell/node-pty';
import koffi from 'koffi';
import { signalName } from './command.ts';
import { ExpectText, type WaitOptions } from './expect-text.ts';
import { defaultEnv } from './launch.ts';
import { killAll, type Process, processes, processesWith, processOf } from './processes.ts';

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** Replaces the default variables; TERM and the mark of this terminal are added. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  /** Gets the output instead of `waitFor` and `output`: for much of it. */
  readonly onData?: (data: Buffer) => void;
}

export interface EndOfLeader {
  readonly status: number | null;
  readonly signal: string | null;
}

export class Terminal implements AsyncDisposable {
  /** The session leader. */
  readonly pid: number;
  /** /dev/pts/N */
  readonly name: string;
  /** NAME=VALUE in the environment of everything that was started here. */
  readonly mark: string;
  readonly ended: Promise<EndOfLeader>;
  readonly #pty: IPty;
  readonly #output: ExpectText;

  constructor(command: readonly string[], options: TerminalOptions) {
    const [file = '', ...words] = command;
    const id = randomUUID();
    this.mark = `TSENTER_TEST_TERMINAL=${id}`;
    this.#pty = spawn(file, words, {
      name: 'xterm',
      cols: options.columns ?? 80,
      rows: options.rows ?? 24,
      cwd: options.cwd ?? '/',
      env: { ...(options.env ?? defaultEnv), TSENTER_TEST_TERMINAL: id },
      encoding: null,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    closeOnExec(Number(Reflect.get(this.#pty, 'fd')));
    this.pid = this.#pty.pid;
    this.name = String(Reflect.get(this.#pty, 'ptsName'));
    this.#output = new ExpectText(`${command.join(' ')} on ${this.name}`);
    // Without an encoding there are bytes, whatever the declaration says.
    this.#pty.onData((data: unknown) => {
      if (!(data instanceof Buffer)) return;
      if (options.onData) options.onData(data);
      else this.#output.add(data.toString('latin1'));
    });
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        this.#output.end();
        const name = signal ? signalName(signal) : null;
        resolve({ status: name === null ? exitCode : null, signal: name });
      });
    });
  }

  get output(): string {
    return this.#output.text;
  }

  /** The output that no wait has passed yet. */
  get rest(): string {
    return this.#output.rest;
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  waitFor(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    return this.#output.waitFor(pattern, options);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
  }

  /** All flags and characters, as `stty -g` prints them. */
  settings(): string {
    return stty('-g', this.name);
  }

  /** ROWS COLUMNS */
  size(): string {
    return stty('size', this.name);
  }

  /** -1 when there is none. */
  foreground(): number {
    return processOf(this.pid)?.foreground ?? -1;
  }

  /** What was started here and is still there, without the leader; zombies are not. */
  survivors(): Process[] {
    return processesWith(this.mark).filter(({ pid }) => pid !== this.pid);
  }

  /** As when the window is closed: the kernel tells the leader. */
  hangUp(): void {
    const socket: unknown = Reflect.get(this.#pty, '_socket');
    if (socket instanceof Object && 'destroy' in socket && socket.destroy instanceof Function)
      socket.destroy.call(socket);
  }

  async stop(): Promise<void> {
    killAll(() => [
      ...processesWith(this.mark),
      ...processes().filter(({ session, state }) => session === this.pid && state !== 'Z'),
    ]);
    await this.ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export function startTerminal(command: readonly string[], options: TerminalOptions = {}): Terminal {
  return new Terminal(command, options);
}

function stty(what: string, name: string): string {
  const { stdout, stderr, status } = spawnSync('stty', [what, '-F', name], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`stty ${what} -F ${name}: ${stderr}`);
  return stdout.trim();
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Else every process that the test starts later would hold the terminal open, and it would never hang up. */
function closeOnExec(fd: number): void {
  const fcntl = koffi.load(null).func('int fcntl(int, int, ...)');
  if (fcntl(fd, F_SETFD, 'int', FD_CLOEXEC) !== 0) throw new Error(`cannot set close-on-exec of ${fd}`);
}
