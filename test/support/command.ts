/** Run a command in given surroundings, and see everything that becomes of it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { constants as os } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { launchWords, literal, type Surroundings } from './launch.ts';
import { program, repository } from './programs.ts';

export { mustRun } from './must-run.ts';

export interface RunOptions extends Surroundings {
  /** Written to stdin, which is then closed. */
  readonly stdin?: string | Buffer;
  /** Keep stdin open until the command has ended. */
  readonly holdStdin?: boolean;
  /** A signal to send to the command when it has written `ready` to stdout. */
  readonly signalWhenReady?: NodeJS.Signals;
  readonly timeout?: number;
}

export interface Outcome {
  /** The PID that was started; also the one that a `--no-fork` program has. */
  readonly pid: number;
  readonly status: number | null;
  /** `SIGTERM`, or `SIG34` for one without a name. */
  readonly signal: string | null;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** What was written to the descriptor `report` of the surroundings. */
  readonly report: Buffer;
  /** The signals that stopped the command; each time it was resumed at once. */
  readonly stops: readonly string[];
  /** How many processes it left behind (they were killed). */
  readonly orphans: number;
}

function findInPath(name: string): string {
  const directories = (process.env.PATH ?? '/usr/bin:/bin').split(':').filter((dir) => dir.startsWith('/'));
  const found = directories.map((dir) => `${dir}/${name}`).find(isExecutable);
  return found ?? `/usr/bin/${name}`;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The command under test. Any implementation will do: with nsenter itself the conformance layer shows no difference. */
export const tsenter: string = process.env.TSENTER_UNDER_TEST ?? `${repository}/dist/node/tsenter`;

/** The reference. */
export const nsenter: string = findInPath('nsenter');

/** The system's nsenter, and a newer one (test/conformance/newest-nsenter.sh). */
export const references: readonly string[] = [nsenter, process.env.TSENTER_TEST_NSENTER ?? nsenter].filter(
  (file, index, files) => files.indexOf(file) === index,
);

const signalNames = new Map(Object.entries(os.signals).map(([name, number]) => [number, name]));
// Two names have the same number; these are the usual ones.
for (const name of ['SIGABRT', 'SIGIO', 'SIGCHLD'] as const) signalNames.set(os.signals[name], name);

export function signalName(number: number): string {
  return signalNames.get(number) ?? `SIG${number}`;
}

/** What tsenter itself has written: the sanitizers of a build with them speak of a /proc that they miss, too. */
export function said({ stderr }: Pick<Outcome, 'stderr'>): string {
  return stderr.toString().replace(/^(==\d+==|False positive error reports|For details see).*\n/gm, '');
}

export interface Status {
  pid?: number;
  status: number | null;
  signal: string | null;
  stops: string[];
  orphans: number;
  failed?: string;
}

/** The lines that launch.c writes. */
export function readStatus(text: string): Status {
  const result: Status = { status: null, signal: null, stops: [], orphans: 0 };
  for (const line of text.split('\n')) {
    const [word = '', detail = ''] = [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)];
    if (word === 'started') result.pid = Number(detail);
    else if (word === 'exited') result.status = Number(detail);
    else if (word === 'killed') result.signal = signalName(Number(detail));
    else if (word === 'stopped') result.stops.push(signalName(Number(detail)));
    else if (word === 'orphans') result.orphans = Number(detail);
    else if (word === 'failed') result.failed = detail;
  }
  return result;
}

function collect(stream: unknown, onData?: (all: Buffer<ArrayBuffer>) => void): Promise<Buffer> {
  if (!(stream instanceof Readable)) return Promise.resolve(Buffer.alloc(0));
  const parts: Buffer[] = [];
  return new Promise((resolve) => {
    const end = (): void => resolve(Buffer.concat(parts));
    stream.on('data', (part: Buffer) => {
      parts.push(part);
      onData?.(Buffer.concat(parts));
    });
    stream.on('end', end);
    // A program that is killed with data unread resets its end.
    stream.on('error', end);
    stream.on('close', end);
  });
}

function feed(child: ChildProcess, options: RunOptions): void {
  const stdin = child.stdio[0];
  if (!(stdin instanceof Writable)) return;
  // A command that does not read its input is no error.
  stdin.on('error', () => undefined);
  if (options.stdin !== undefined) stdin.write(options.stdin);
  if (options.holdStdin !== true) stdin.end();
}

/**
 * Run `command` (an absolute path and arguments; percent-encoded bytes are decoded) through launch.c. Nothing
 * that it starts outlives the call: the launcher kills what is left.
 */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const [file = '', ...args] = command;
  const argv = ['3', ...launchWords(options), '--', literal(file), ...args];
  const report = options.report === undefined ? 'ignore' : 'pipe';
  const child = spawn(program('launch'), argv, { stdio: ['pipe', 'pipe', 'pipe', 'pipe', report], env: {} });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });

  // Either may arrive first: the status line with the PID, or the program's `ready`.
  let status = '';
  let output = Buffer.alloc(0);
  let sent = false;
  const signalOnce = (): void => {
    const { pid } = readStatus(status);
    if (options.signalWhenReady === undefined || pid === undefined || sent) return;
    if (!output.includes('ready\n')) return;
    sent = true;
    process.kill(pid, options.signalWhenReady);
  };
  const streams = Promise.all([
    collect(child.stdio[1], (all) => {
      output = all;
      signalOnce();
    }),
    collect(child.stdio[2]),
    collect(child.stdio[3], (all) => {
      status = all.toString();
      signalOnce();
    }),
    collect(child.stdio[4]),
  ]);
  feed(child, options);

  // Closing our end of the status socket makes the launcher kill everything.
  const statusSocket = child.stdio[3];
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (statusSocket instanceof Readable) statusSocket.destroy();
  }, options.timeout ?? 20_000);
  const [stdout, stderr, , reported] = await streams;
  await ended;
  clearTimeout(timer);
  child.stdin?.destroy();

  const { pid, failed, ...end } = readStatus(status);
  const shown = command.join(' ');
  if (late) throw new Error(`no end after ${options.timeout ?? 20_000} ms: ${shown}\n${stdout}${stderr}`);
  if (failed !== undefined || pid === undefined) throw new Error(`cannot launch ${shown}: ${failed}`);
  return { pid, ...end, stdout, stderr, report: reported };
}
