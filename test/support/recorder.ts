/** The program that tells what happens to it (test/programs/recorder.c), and the FIFO that it tells it to. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, constants, copyFileSync, existsSync, openSync, renameSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { ExpectText, type WaitOptions } from './expect-text.ts';
import { argumentsOf, processes, signal } from './processes.ts';
import { program } from './programs.ts';

export interface ReceivedSignal {
  readonly number: number;
  /** 128 from the kernel (the terminal), 0 by kill(2), -1 queued. */
  readonly code: number;
  readonly sender: number;
  readonly value: number;
}

export class Recorder implements Disposable {
  /** Its first words; the words of recorder.c follow. */
  readonly command: readonly [string, string];
  readonly #events: ExpectText;
  readonly #socket: Socket;
  readonly #hostPath: string;

  /** `root` is where the program's root is seen by the test: `/proc/PID/root`, or nothing for the same one. */
  constructor(root = '') {
    const place = `/tmp/recorder-${randomUUID()}`;
    this.#hostPath = `${root}${place}`;
    execFileSync('mkfifo', ['-m', '666', this.#hostPath]);
    this.command = [install(root), place];
    this.#events = new ExpectText('recorder');
    // Open for writing as well: there is no end of file between two writers.
    this.#socket = new Socket({ fd: openSync(this.#hostPath, constants.O_RDWR | constants.O_NONBLOCK) });
    this.#socket.on('data', (data) => this.#events.add(data.toString('latin1')));
    this.#socket.on('error', () => undefined);
  }

  get events(): string {
    return this.#events.text;
  }

  waitFor(pattern: RegExp | string, options?: WaitOptions): Promise<RegExpExecArray> {
    return this.#events.waitFor(pattern, options);
  }

  /** What the word `about` tells, by name. */
  async about(options?: WaitOptions): Promise<Readonly<Record<string, string>>> {
    const [, text = ''] = await this.waitFor(/about (.*)\n/, options);
    return Object.fromEntries([...text.matchAll(/(\S+) (\S+)/g)].map(([, name, value]) => [name, value]));
  }

  signals(): ReceivedSignal[] {
    const pattern = /^signal (\d+) code (-?\d+) pid (\d+) value (-?\d+)$/gm;
    return [...this.events.matchAll(pattern)].map(([, ...fields]) => {
      const [number = 0, code = 0, sender = 0, value = 0] = fields.map(Number);
      return { number, code, sender, value };
    });
  }

  /** How often it has received this signal. */
  count(number: number): number {
    return this.signals().filter((signal) => signal.number === number).length;
  }

  /** The processes that run it, as the test sees them. */
  pids(): number[] {
    return processes()
      .filter(({ state }) => state !== 'Z')
      .map(({ pid }) => pid)
      .filter((pid) => {
        const [file, place] = argumentsOf(pid);
        return file === this.command[0] && place === this.command[1];
      });
  }

  /** The one that runs it. */
  pid(): number {
    const [pid, second] = this.pids();
    if (pid === undefined || second !== undefined) throw new Error(`not one recorder: ${this.pids()}`);
    return pid;
  }

  /** Ends those that run it, also where no terminal reaches them. */
  [Symbol.dispose](): void {
    for (const pid of this.pids()) signal(pid, 'SIGKILL');
    this.#socket.destroy();
    rmSync(this.#hostPath, { force: true });
  }
}

/** Where it is inside. */
function install(root: string): string {
  if (root === '') return program('recorder');
  const place = '/recorder';
  if (!existsSync(`${root}${place}`)) {
    const fresh = `${root}${place}.${randomUUID()}`;
    copyFileSync(program('recorder'), fresh);
    chmodSync(fresh, 0o755);
    renameSync(fresh, `${root}${place}`);
  }
  return place;
}
