import { ChildProcess } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { EventEmitter } from 'node:events';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { toUnicode } from '../hosts/node/bytes.ts';
import { closeDescriptor } from '../hosts/node/libc.ts';
import { type Handed, posixSpawn, type Spawn, socketPair } from '../hosts/node/posix-spawn.ts';
import { ExitWatch, type WaitStatus } from './exit-watch.ts';

/** By which child_process tells of each that is made. (Node 24 has a second one, of its own call.) */
const made = channel('child_process');

/** What becomes the child's of a number: that, or the other end of a stream of this process. */
export type OwnStdio = Handed | 'pipe';

export interface OwnSpawn extends Omit<Spawn, 'descriptors'> {
  stdio: readonly OwnStdio[];
}

/**
 * A ChildProcess that child_process has not made: it forks, and a fork copies the page tables of all that this process has in memory
 * (node 14917). What it does, and in which order, is what lib/internal/child_process.js of Node does, but that what nobody reads is left to whoever
 * tells of the end ({@link readToEnd}).
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
    this.spawnargs = spawn.words.map(toUnicode);
    this.stdio = streams;
    const [stdin = null, stdout = null, stderr = null] = streams;
    [this.stdin, this.stdout, this.stderr] = [stdin, stdout, stderr];
    // Of its input nobody has to know the end.
    for (const stream of streams.slice(1))
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
    const number = numberOf(signal);
    if (this.#hasEnded) return false;
    try {
      // It has not been waited for: the number is the child's.
      process.kill(this.pid, number);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') this.emit('error', error);
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
    try {
      this.emit('exit', this.exitCode, this.signalCode);
    } finally {
      // What a listener throws is no reason to be silent afterwards.
      this.#closed();
    }
  }

  #closed(): void {
    if (--this.#open === 0) this.emit('close', this.exitCode, this.signalCode);
  }
}

Object.setPrototypeOf(OwnChild.prototype, ChildProcess.prototype);
// To whoever looks at one.
Object.defineProperty(OwnChild, 'name', { value: ChildProcess.name });

interface Started {
  pid: number;
  streams: (Socket | null)[];
  watch: ExitWatch;
}

/** Whatever it takes is there before the child is: behind it nothing may fail any more. */
function started({ stdio, ...spawn }: OwnSpawn): Started {
  const others: (number | undefined)[] = [];
  const streams: (Socket | null)[] = [];
  let watch: ExitWatch | undefined;
  try {
    for (const [index, one] of stdio.entries()) {
      const [own, other] = one === 'pipe' ? socketPair() : [];
      others.push(other);
      streams.push(own === undefined ? null : new Socket({ fd: own, readable: index > 0, writable: true }));
    }
    watch = new ExitWatch();
    const descriptors = stdio.map((one, index) => (one === 'pipe' ? others[index] : one));
    return { pid: posixSpawn({ ...spawn, descriptors }), streams, watch };
  } catch (error) {
    watch?.close();
    for (const stream of streams) stream?.destroy();
    throw error;
  } finally {
    for (const other of others) if (other !== undefined) closeDescriptor(other);
  }
}

/** What nobody has begun to read would have no end: it is read, and lost, unless another child reads it. */
export function readToEnd(streams: ChildProcess['stdio'] | undefined): void {
  // Where there was no descriptor left it has none at all.
  for (const stream of streams ?? [])
    if (stream && 'readable' in stream && stream.readable && !isHandedOn(stream)) stream.resume();
}

/** To another child, which reads it: child_process has a symbol for that. */
function isHandedOn(stream: object): boolean {
  return Object.getOwnPropertySymbols(stream).some(({ description }) => description === 'kIsUsedAsStdio');
}

function numberOf(signal: unknown): number {
  const found =
    typeof signal === 'string'
      ? Object.entries(constants.signals).find(([name]) => name === signal.toUpperCase())?.[1]
      : signal;
  const isKnown = found === 0 || Object.values(constants.signals).some((number) => number === found);
  if (typeof found === 'number' && isKnown) return found;
  throw Object.assign(new TypeError(`Unknown signal: ${String(signal)}`), { code: 'ERR_UNKNOWN_SIGNAL' });
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
