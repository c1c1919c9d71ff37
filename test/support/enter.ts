/** What the integration and security layers share: enter with the probe, odd processes, held commands, messages. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { isExecutable, type Outcome, type RunOptions, run, tsenter } from './command.ts';
import { defaultCwd, defaultEnv } from './launch.ts';
import { type ProbeReport, type ProcNamespace, parseProbe } from './probe.ts';
import { program } from './programs.ts';
import type { NamespaceName, TargetOptions } from './targets.ts';

/** An ordinary user of the host, whether or not it has a name. */
export const someone = 1001;

/** The file below /proc/PID/ns. */
export function procName(name: NamespaceName): ProcNamespace {
  return name === 'mount' ? 'mnt' : name;
}

export type Namespaces = Readonly<Record<ProcNamespace, string>>;

export function namespacesOf(pid: number | 'self'): Namespaces {
  const directory = `/proc/${pid}/ns`;
  const links = readdirSync(directory).map((name) => [name, readlinkSync(`${directory}/${name}`)]);
  return Object.fromEntries(links) as Namespaces;
}

/** The namespaces of a program for which tsenter has entered these of `target`, and forked where that is usual. */
export function entered(target: Namespaces, names: readonly NamespaceName[]): Namespaces {
  const result: Record<ProcNamespace, string> = { ...namespacesOf('self') };
  for (const name of names) {
    const proc = procName(name);
    result[proc] = target[proc];
    if (proc === 'pid' || proc === 'time') result[`${proc}_for_children`] = target[proc];
  }
  return result;
}

/** The command under test: generous, for builds that are slow. */
export function enter(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run([tsenter, ...words], { timeout: 60_000, ...options });
}

export interface ProbeOptions extends RunOptions {
  /** Where the probe is inside: `/probe` in a root of the target's own. */
  readonly probe?: string;
  readonly command?: string;
}

/** Enters with these options and returns what the program saw; anything but a quiet success is an error. */
export async function probeInside(
  words: readonly string[],
  options: ProbeOptions = {},
): Promise<ProbeReport> {
  const { probe = program('probe'), command = tsenter, ...around } = options;
  const where = around.report === undefined ? [] : ['--fd', String(around.report)];
  const outcome = await run([command, ...words, probe, ...where], { timeout: 60_000, ...around });
  const report = parseProbe(outcome.report) ?? parseProbe(outcome.stdout);
  if (report === undefined || outcome.status !== 0 || outcome.stderr.length > 0)
    throw new Error(`${command} ${words.join(' ')}: ${describeOutcome(outcome)}`);
  return report;
}

/** The probe without tsenter: what the same surroundings look like to a program. */
export async function probeOutside(options: RunOptions = {}): Promise<ProbeReport> {
  const report = parseProbe((await run([program('probe')], options)).stdout);
  if (report === undefined) throw new Error('the probe has not reported');
  return report;
}

function describeOutcome({ status, signal, stdout, stderr }: Outcome): string {
  return `status ${status}, signal ${signal}\nstdout: ${stdout}\nstderr: ${stderr}`;
}

/** `tsenter: VERB OBJECT: CAUSE`, and at most one line more. */
export const messageFormat = /^tsenter: [a-z]+ [^\n]+: [^\n]+\n(?:[^\n]+\n)?$/;

export interface Scratch extends Disposable {
  readonly path: string;
}

/** A directory that everybody may search. */
export function scratch(mode = 0o755): Scratch {
  const path = mkdtempSync(`${tmpdir()}/tsenter-test-`);
  chmodSync(path, mode);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Maps 65536 ids one to one: its root is the host's, so that everything stays accessible. */
export const identityUser: NonNullable<TargetOptions['user']> = { uidMap: '0 0 65536', gidMap: '0 0 65536' };

/** A process of test/programs/actor.c, or another that writes `ready NUMBER` and ends with its stdin. */
export interface Actor extends AsyncDisposable {
  readonly number: number;
  readonly pid: number;
  /** Writes a line to it, and waits until it is ready again. */
  say(line: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ActorOptions {
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export async function startActor(
  words: readonly string[],
  options: ActorOptions = {},
  command: string = program('actor'),
): Promise<Actor> {
  const child = spawn(command, [...words], {
    cwd: '/',
    env: { ...(options.env ?? defaultEnv) },
    stdio: 'pipe',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const line = await firstLine(child, child.stdout, /^ready (\d+)\n/m);
  const stop = async (): Promise<void> => {
    child.stdin.destroy();
    await ended;
  };
  const say = async (text: string): Promise<void> => {
    const again = firstLine(child, child.stdout, /^ready (\d+)\n/m);
    child.stdin.write(`${text}\n`);
    await again;
  };
  return { number: Number(line), pid: child.pid ?? 0, say, stop, [Symbol.asyncDispose]: stop };
}

/** The group of `pattern` in the output. */
function firstLine(child: ChildProcess, stream: unknown, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    if (stream instanceof Readable)
      stream.on('data', (part: Buffer) => {
        output += part.toString();
        const found = pattern.exec(output)?.[1];
        if (found !== undefined) resolve(found);
      });
    child.stderr?.on('data', (part: Buffer) => {
      errors += part.toString();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`${child.spawnargs.join(' ')} ended: ${output}${errors}`)));
  });
}

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that is held at a system call (test/programs/pause.c), until `go` or the end of the scope. */
export interface Held extends AsyncDisposable {
  /** The process that is held. */
  readonly pid: number;
  go(): Promise<Ended>;
}

/** The words before a command that may open no pidfd, as under an old seccomp filter of Docker's (EPERM) or gVisor (ENOSYS). */
export function withoutPidfd(errno: 1 | 38 = 1): readonly string[] {
  return [program('filtered'), String(errno), 'pidfd_open', '--'];
}

export interface HoldOptions {
  /** Words before the command. */
  readonly under?: readonly string[];
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A way through the system calls of a command, such as `['leave=setns', 'enter=execve']`. */
export type Point =
  `${'enter' | 'leave'}=${'setns' | 'execve' | 'pidfd_open' | 'openat' | 'setuid' | 'setresuid'}`;

export async function holdAt(
  points: readonly Point[],
  words: readonly string[],
  { under = [], uid, env = defaultEnv }: HoldOptions = {},
): Promise<Held> {
  const child = spawn(program('pause'), [...points, '--', ...under, tsenter, ...words], {
    cwd: defaultCwd,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (part: Buffer) => {
    stdout += part.toString();
  });
  child.stderr?.on('data', (part: Buffer) => {
    stderr += part.toString();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
  });
  const pid = Number(await firstLine(child, child.stdio[3], /^paused (\d+)\n/));
  const go = async (): Promise<Ended> => {
    const gate = child.stdio[4];
    if (gate instanceof Writable) gate.end();
    return ended;
  };
  return {
    pid,
    go,
    [Symbol.asyncDispose]: async () => {
      await go();
    },
  };
}

/** Points to after every namespace was entered and right before the program is executed, in a child or not. */
export const beforeProgram: readonly Point[] = ['leave=setns', 'enter=execve'];

/** A pipeline of a shell, with the command under test as `$T`; the words are its `$1` and so on. */
export function shell(
  script: string,
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome> {
  const env = {
    ...(options.env ?? defaultEnv),
    T: tsenter,
    PROBE: program('probe'),
    ACTOR: program('actor'),
    FILTERED: program('filtered'),
  };
  // A bash whose stdin is a socket takes itself for one of rshd's and reads ~/.bashrc.
  return run(['/bin/bash', '--norc', '-c', script, 'bash', ...words], { timeout: 60_000, ...options, env });
}

/** Waits, without an event to wait for, until the world is so: a process that has stopped or ended. */
export async function until(what: string, isSo: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!isSo()) {
    if (Date.now() > end) throw new Error(`not within half a minute: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The letter of its state in /proc/PID/stat: `T` stopped, `Z` a zombie; undefined when it is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    return /\) (\S) /.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1];
  } catch {
    return undefined;
  }
}

export async function kill(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`the end of ${pid}`, () => ['Z', undefined].includes(stateOf(pid)));
}

/** Run for its output; the host's own tools. */
export function tool(command: string, ...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, words, { encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: status ${status}: ${stdout}${stderr}`);
  return stdout;
}

export function cgroupOf(pid: number | 'self'): string {
  return readFileSync(`/proc/${pid}/cgroup`, 'utf8');
}

/** All signals that end a process by default, but not those that a debugger or a libc claims. */
export const fatalSignals: readonly number[] = (() => {
  const { SIGCHLD, SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGURG, SIGWINCH } = constants.signals;
  const harmless: readonly number[] = [
    SIGCHLD,
    SIGCONT,
    SIGSTOP,
    SIGTSTP,
    SIGTTIN,
    SIGTTOU,
    SIGURG,
    SIGWINCH,
  ];
  return Array.from({ length: 64 }, (_, index) => index + 1).filter((number) => !harmless.includes(number));
})();

export function has(path: string): boolean {
  return existsSync(path);
}

const rangeNeeds = ['/usr/bin/newuidmap', '/usr/bin/newgidmap', '/usr/bin/unshare', '/usr/bin/setpriv'];

/** A process that an ordinary user has started as root of a user namespace with a range of ids; undefined: it cannot be made here. */
export async function startWithRange(words: readonly string[]): Promise<Actor | undefined> {
  if (!rangeNeeds.every(isExecutable)) return undefined;
  // The files that these programs read, in a mount namespace of its own: the machine's stay as they are.
  using files = scratch();
  writeFileSync(`${files.path}/subid`, 'ranger:300000:65536\n');
  writeFileSync(
    `${files.path}/passwd`,
    `root:x:0:0:root:/root:/bin/sh\nranger:x:${someone}:${someone}::/:/bin/sh\n`,
  );
  const script = `
    cd "$1" && shift &&
    mount --bind subid /etc/subuid && mount --bind subid /etc/subgid && mount --bind passwd /etc/passwd && cd / &&
    exec setpriv --reuid ${someone} --regid ${someone} --clear-groups \
      unshare --user --map-root-user --map-auto "$@"`;
  return await startActor(
    ['--mount', '/bin/sh', '-c', script, 'sh', files.path, ...words],
    {},
    '/usr/bin/unshare',
  );
}
