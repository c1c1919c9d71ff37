/** What the attacks share: the tool is started as its caller would, and everything of it is gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectText } from '../../support/expect-text.ts';
import { defaultEnv } from '../../support/launch.ts';
import { killAll, processesWith } from '../../support/processes.ts';
import { type ProgramName, program } from '../../support/programs.ts';
import { type AttackTarget, put } from './targets.ts';
import type { Tool, Way } from './tools.ts';

/** A program of test/programs inside; where it is there. */
export function bring(target: AttackTarget, name: ProgramName): string {
  put(target, `/${name}`, readFileSync(program(name)));
  return `/${name}`;
}

export interface Entering extends AsyncDisposable {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Both streams. */
  readonly said: ExpectText;
  /** `status N`, or the name of a signal. */
  readonly ended: Promise<string>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the tool, outside. */
  readonly before?: readonly string[];
}

export function start(
  tool: Tool,
  target: AttackTarget,
  way: Way,
  program: readonly string[],
  { env = defaultEnv, before = [] }: StartOptions = {},
): Entering {
  const id = randomUUID();
  const [file = '', ...words] = [...before, ...tool.words(target, way, program)];
  const child = spawn(file, words, {
    cwd: '/',
    env: { ...env, TSENTER_TEST_ATTACK: id },
    stdio: 'pipe',
    ...target.caller,
  });
  const said = new ExpectText(`${tool.name} ${program.join(' ')}`);
  for (const stream of [child.stdout, child.stderr])
    if (stream instanceof Readable) stream.on('data', (part: Buffer) => said.add(part.toString('latin1')));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (status, signal) => resolve(signal ?? `status ${status}`));
  });
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => {
      said.end();
      resolve();
    });
  });
  return {
    pid: child.pid ?? 0,
    child,
    said,
    ended: ended.then(async (how) => {
      await Promise.race([closed, sleep(500)]);
      return how;
    }),
    [Symbol.asyncDispose]: async () => {
      child.stdin.destroy();
      killAll(() => processesWith(`TSENTER_TEST_ATTACK=${id}`));
      child.kill('SIGKILL');
      await closed;
    },
  };
}

export interface Ended {
  readonly how: string;
  readonly said: string;
}

/** To its end, for at most so many milliseconds. */
export async function enterFor(limit: number, ...words: Parameters<typeof start>): Promise<Ended> {
  await using entering = start(...words);
  entering.child.stdin?.end();
  const how = await within(limit, entering.ended);
  return { how: how ?? 'it does not end', said: entering.said.text };
}

/** What comes of it in time, if anything does. */
export async function within<T>(limit: number, promise: Promise<T>): Promise<T | undefined> {
  promise.catch(() => undefined);
  return Promise.race([promise, sleep(limit, undefined, { ref: false })]);
}

export function firstLine(text: string): string {
  return text.split('\n')[0]?.replace(/\r/g, '') ?? '';
}
