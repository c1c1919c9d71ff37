import { ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { closeDescriptor } from '../hosts/node/libc.ts';
import { type Handed, posixSpawn, type Spawn, socketPair } from '../hosts/node/posix-spawn.ts';
import { ExitWatch, type WaitStatus } from './exit-watch.ts';

/** By which child_process tells of each that is made. */
const made = channel('child_process');

/** What becomes the child's of a number: that, or the other end of a stream of this process. */
export type OwnStdio = Handed | 'pipe';

export interface OwnSpawn extends Omit<Spawn, 'descriptors'> {
  stdio: readonly OwnStdio[];
}

/**
 * A ChildProcess that child_process has not made: it forks, and a fork copies the page tables of all that this process has in memory
 * (node 14917). What it does, and in which order, is what lib/internal/child_process.js of Node does.
 *
 * Its constructor is passed over: it would make a handle for a fork of its own.
 */
export class OwnChild extends EventEmitter {
  readonly connected = false;
  exitCode: number | null = null;
  signalCode: string | null = null;
  killed = false;
  readonly pid: number;
  readonly spawnfile: string;
  readonly spawnargs: readonly string[];
  readonly stdin: Socket | null;
  readonly stdout: Socket | null;
  readonly stderr: Socket | null;
  readonly stdio: (Socket | null)[];
  readonly #watch: ExitWatch;
  #hasEnded = false;
  /** of what: its end, and the end of each stream */
  #open = 1;

  /**
   * @throws SystemError where there is no child
   */
  constructor(spawn: OwnSpawn) {
    super();
    const { pid, streams, watch } = started(spawn);
    this.pid = pid;
    this.spawnfile = spawn.file;
    this.spawnargs = spawn.words;
    this.stdio = streams;
    const [stdin = null, stdout = null, stderr = null] = streams;
    [this.stdin, this.stdout, this.stderr] = [stdin, stdout, stderr];
    for (const stream of streams)
      if (stream) {
        this.#open++;
        stream.on('close', () => this.#closed());
      }
    this.#watch = watch;
    watch.watch(pid, (status) => this.#ended(status));
    process.nextTick(() => this.emit('spawn'));
    if (made.hasSubscribers) made.publish({ process: this });
  }

  kill(signal: NodeJS.Signals | number = 'SIGTERM'): boolean {
    if (this.#hasEnded) return false;
    try {
      // It has not been waited for: the number is the child's.
      process.kill(this.pid, typeof signal === 'string' ? signal.toUpperCase() : signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ESRCH') return false;
      // What is no signal is the caller's mistake; whatever else is news of the child.
      if (code !== 'EPERM') throw error;
      this.emit('error', error);
      return false;
    }
    this.killed = true;
    return true;
  }

  ref(): void {
    this.#watch.ref();
  }

  unref(): void {
    this.#watch.unref();
  }

  #ended(status: WaitStatus): void {
    this.#hasEnded = true;
    [this.exitCode, this.signalCode] = endOf(status);
    this.stdin?.destroy();
    this.emit('exit', this.exitCode, this.signalCode);
    process.nextTick(() => {
      // What nobody reads would have no end.
      for (const stream of this.stdio) if (stream?.readable) stream.resume();
    });
    this.#closed();
  }

  #closed(): void {
    if (--this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }
}

Object.setPrototypeOf(OwnChild.prototype, ChildProcess.prototype);

interface Started {
  pid: number;
  streams: (Socket | null)[];
  watch: ExitWatch;
}

/** Whatever it takes is there before the child is: behind it nothing may be missing any more. */
function started({ stdio, ...spawn }: OwnSpawn): Started {
  const pairs: ([number, number] | undefined)[] = [];
  let watch: ExitWatch | undefined;
  let pid: number;
  try {
    for (const one of stdio) pairs.push(one === 'pipe' ? socketPair() : undefined);
    watch = new ExitWatch();
    const descriptors = stdio.map((one, index) => (one === 'pipe' ? pairs[index]?.[1] : one));
    pid = posixSpawn({ ...spawn, descriptors });
  } catch (error) {
    watch?.close();
    for (const pair of pairs) pair?.forEach(closeDescriptor);
    throw error;
  }
  const streams = pairs.map((pair, index) => {
    if (pair === undefined) return null;
    closeDescriptor(pair[1]);
    return new Socket({ fd: pair[0], readable: index > 0, writable: true });
  });
  return { pid, streams, watch };
}

/** The status of waitpid(2) as `exit` has it. */
function endOf(status: WaitStatus): [code: number | null, signal: string | null] {
  if (status === undefined) return [null, null];
  const signal = status & 0x7f;
  return signal === 0 ? [(status >> 8) & 0xff, null] : [null, nameOf(signal)];
}

function nameOf(signal: number): string {
  const found = Object.entries(constants.signals).find(([, number]) => number === signal);
  return found?.[0] ?? `SIGRTMIN+${signal - SIGRTMIN}`;
}

const SIGRTMIN = 34;
