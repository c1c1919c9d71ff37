/**
 * A command as the one job of a shell (test/programs/job.c): what the shell sees of its stops and its end, and how it
 * leaves the terminal.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { signalName } from './command.ts';
import { scratch } from './enter.ts';
import { ExpectText, type WaitOptions } from './expect-text.ts';
import { program } from './programs.ts';
import { startTerminal, type Terminal, type TerminalOptions } from './terminal.ts';

export interface JobOptions extends TerminalOptions {
  readonly background?: boolean;
}

/** A stop or the end, and the terminal at that moment. */
export interface JobEvent {
  readonly what: 'stopped' | 'exited' | 'killed';
  /** The status, or the name of the signal. */
  readonly how: number | string;
  readonly foreground: number;
  readonly settings: string;
}

export class Job implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly pid: number;
  readonly #socket: Socket;
  readonly #events: ExpectText;

  constructor(terminal: Terminal, pid: number, socket: Socket, events: ExpectText) {
    this.terminal = terminal;
    this.pid = pid;
    this.#socket = socket;
    this.#events = events;
  }

  /** What the shell has seen so far. */
  get events(): string {
    return this.#events.text;
  }

  /** The next stop, or the end. */
  async next(options?: WaitOptions): Promise<JobEvent> {
    const pattern = /(stopped|exited|killed) (\d+) foreground (-?\d+) settings (\S+)\n/;
    const [, what = '', how, foreground, settings = ''] = await this.#events.waitFor(pattern, options);
    if (what !== 'stopped' && what !== 'exited' && what !== 'killed') throw new Error(what);
    return {
      what,
      how: what === 'exited' ? Number(how) : signalName(Number(how)),
      foreground: Number(foreground),
      settings,
    };
  }

  /** The shell's `fg`. */
  foreground(): void {
    this.#socket.write('foreground\n');
  }

  /** The shell's `bg`. */
  background(): void {
    this.#socket.write('background\n');
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
    await this.terminal.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

export async function startJob(command: readonly string[], options: JobOptions = {}): Promise<Job> {
  using directory = scratch();
  const server = createServer();
  const path = `${directory.path}/job`;
  server.listen(path);
  await once(server, 'listening');
  const place = options.background === true ? 'background' : 'foreground';
  const connected = once(server, 'connection');
  const terminal = startTerminal([program('job'), path, place, ...command], options);
  const failed = terminal.ended.then(() => {
    throw new Error(`no job: ${terminal.output}`);
  });
  failed.catch(() => undefined);
  const [socket]: Socket[] = await Promise.race([connected, failed]);
  server.close();
  if (socket === undefined) throw new Error('no socket');
  const events = new ExpectText(`job ${command.join(' ')}`);
  socket.on('data', (data) => events.add(data.toString()));
  socket.on('close', () => events.end());
  socket.on('error', () => undefined);
  const [, pid] = await events.waitFor(/started (\d+)\n/);
  return new Job(terminal, Number(pid), socket, events);
}
