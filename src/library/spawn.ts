import { type ChildProcess, spawn as spawnProcess } from 'node:child_process';
import type { Readable, Stream } from 'node:stream';
import { gatherFacts } from '../facts/facts.ts';
import { fromBytes, fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { NodeSys } from '../hosts/node/node-sys.ts';
import { HELPER } from '../hosts/node/replace.ts';
import { lookFurther } from '../options/further.ts';
import { type Control, OPTION_ROWS, type OptionValues } from '../options/table.ts';
import { descriptorsOf, encodeStep } from '../plan/encode.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { makeRequest } from '../request/parse.ts';

import { Errno, TsenterError } from '../sys/errors.ts';
import { escapeControls } from '../sys/escape.ts';
import { attempt } from '../sys/system-call.ts';

import { checkKeys, ENTER_KEYS, type EnterOptions, optionValues } from './enter-options.ts';

/** One standard stream, as child_process.spawn takes it. */
type Stdio = 'pipe' | 'inherit' | 'ignore' | number | Stream;

export interface SpawnOptions extends EnterOptions {
  /** as child_process.spawn's; default `pipe` for each */
  stdio?: Stdio | readonly Stdio[];
  /**
   * The program's environment; default this process's. Where the target's is taken (`targetEnvironment`, `asTarget`), these are set in
   * that, and those that are undefined taken out of it.
   */
  env?: Readonly<NodeJS.ProcessEnv>;
  /** ends the process when it aborts, as child_process.spawn's */
  signal?: AbortSignal;
  /** makes the process the leader of a session of its own (setsid(2)) */
  detached?: boolean;
}

/** An ordinary ChildProcess, and a promise of what it cannot tell. */
export interface EnteredProcess extends ChildProcess {
  /** Fulfilled once the program is executed; rejected with a TsenterError where a step before that failed. */
  readonly entered: Promise<void>;
  /** What of `asTarget` the program has not, each with its reason. */
  readonly notTaken: readonly string[];
}

/**
 * Executes a program in the namespaces of another process.
 *
 * A step that fails inside, or a program that cannot be executed, is an `error` event with a TsenterError, before
 * `close`; it is never mistaken for the program's own exit status.
 *
 * @param program name or path, looked up inside; without it a login shell that exists there
 * @throws TsenterError for a bad option, a target that is not there or may not be read: nothing was started then
 */
export function spawn(
  program: string | undefined,
  words: readonly string[],
  options: SpawnOptions,
): EnteredProcess {
  const sys = new NodeSys(() => entriesOf(options.env ?? process.env));
  try {
    checkKeys(options, [...ENTER_KEYS, 'stdio', 'env', 'signal', 'detached']);
    return start(planFor(sys, program, words, options), options);
  } catch (error) {
    throw error instanceof TsenterError ? forUsers(error) : error;
  } finally {
    sys.closeAll();
  }
}

interface Planned extends Pick<EnteredProcess, 'notTaken'> {
  plan: Plan;
}

/**
 * An error as users of the library get it: its texts in Unicode, those for people without what acts on a terminal or a
 * log. The core's have one character per byte.
 */
function forUsers(error: TsenterError): TsenterError {
  const { message, object, reason, hint, stack } = error;
  const shown = toUnicode(escapeControls(message));
  return Object.assign(error, {
    message: shown,
    object: toUnicode(object),
    reason: toUnicode(reason),
    hint: hint === undefined ? undefined : toUnicode(escapeControls(hint)),
    stack: stack?.replace(message, () => shown),
  });
}

function start({ plan, notTaken }: Planned, options: SpawnOptions): EnteredProcess {
  const standard = standardStreams(options.stdio);
  const own = [...new Set(plan.steps.flatMap(descriptorsOf))];
  const status = standard.length + own.length;
  const inHelper = (fd: number) => standard.length + own.indexOf(fd);
  const child = spawnProcess(HELPER, helperWords(plan, own, inHelper, status), {
    argv0: 'tsenter',
    stdio: [...standard, ...own, 'pipe'],
    env: programEnvironment(plan, options),
    ...(options.signal && { signal: options.signal }),
    detached: options.detached ?? false,
  });
  return Object.assign(child, { entered: watchStatus(child, status), notTaken });
}

function planFor(
  sys: NodeSys,
  program: string | undefined,
  words: readonly string[],
  options: SpawnOptions,
): Planned {
  const values = optionValues({
    ...options,
    ...(options.detached && { killChild: options.killChild ?? false }),
  });
  for (const row of OPTION_ROWS) {
    const value = values[row.long];
    if (value !== undefined && row.further) lookFurther(values, row, value);
  }
  if (options.env && (options.targetEnvironment || options.asTarget)) setVariables(values, options.env);
  const request = makeRequest(
    values,
    program === undefined
      ? { kind: 'shell' }
      : { kind: 'words', words: [program, ...words].map((word) => fromUnicode(word)) },
  );
  const facts = gatherFacts(sys, request);
  const plan = makePlan(request, facts, sys.variable('SHELL'));
  const notTaken = (facts.controls?.notTaken ?? []).map((note) => toUnicode(escapeControls(note)));
  if (request.killChild === undefined || !plan.steps.some(isFork)) return { plan, notTaken };
  const own = attempt(
    sys,
    'open',
    'pidfd of this process',
    () => sys.openProcess(process.pid),
    (errno) =>
      errno === Errno.EPERM || errno === Errno.ENOSYS
        ? 'By that the program is to end with this process: killChild: false does without.'
        : undefined,
  );
  return { plan: ownedBy(own, request.killChild, plan), notTaken };
}

function entriesOf(variables: Readonly<NodeJS.ProcessEnv>): string[] {
  return Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [fromUnicode(`${name}=${value}`)],
  );
}

/** As options of the command line would. Where the target's environment is not taken after all, they are in the caller's already. */
function setVariables(values: OptionValues, variables: Readonly<NodeJS.ProcessEnv>): void {
  const controls = Object.entries(variables).map(([name, value]): Control => {
    if (value === undefined) return { long: 'unsetenv', value: fromUnicode(name) };
    return { long: 'setenv', value: fromUnicode(`${name}=${value}`) };
  });
  values.controls = [...(values.controls ?? []), ...controls];
}

/**
 * The waiting helper watches this process by a pidfd: PR_SET_PDEATHSIG would make the end of a worker that spawned it the
 * end of the program (prctl(2)).
 */
function ownedBy(pidfd: number, signal: number, plan: Plan): Plan {
  const owner = { step: 'owner', pidfd, signal } as const;
  return { ...plan, steps: plan.steps.flatMap((step) => (isFork(step) ? [owner, step] : [step])) };
}

function isFork({ step }: Step): boolean {
  return step === 'fork';
}

function helperWords(
  plan: Plan,
  own: readonly number[],
  inHelper: (fd: number) => number,
  status: number,
): string[] {
  const steps: Step[] = [
    ...(plan.sealed ? [{ step: 'seal', fds: own } as const] : []),
    ...(own.length > 0 ? [{ step: 'close-on-exec', fds: own } as const] : []),
    ...plan.steps,
  ];
  const program = plan.program.kind === 'words' ? plan.program.words : [];
  const encoded = steps.map((step) => encodeStep(step, inHelper));
  return [`status=${status}`, ...encoded, '--', ...program].map(toUnicode);
}

function standardStreams(stdio: SpawnOptions['stdio']): Stdio[] {
  const given: readonly Stdio[] = Array.isArray(stdio) ? stdio : [];
  const all: Stdio = Array.isArray(stdio) || stdio === undefined ? 'pipe' : (stdio as Stdio);
  const count = Math.max(3, given.length);
  return Array.from({ length: count }, (_, index) => given[index] ?? all);
}

/** child_process takes an environment of JavaScript strings: one that is not UTF-8 would not arrive as it is. */
function programEnvironment(plan: Plan, options: SpawnOptions): NodeJS.ProcessEnv {
  if (!plan.environment) return options.env ?? process.env;
  const variables: Record<string, string> = {};
  for (const entry of plan.environment) {
    const text = toUnicode(entry);
    if (fromUnicode(text) !== entry)
      throw new TsenterError({
        verb: 'hand on',
        object: `environment variable ${entry}`,
        cause: 'not UTF-8',
      });
    const equals = text.indexOf('=');
    variables[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return variables;
}

/** The helper writes to the status descriptor where a step fails; the exec closes it. */
function watchStatus(child: ChildProcess, index: number): Promise<void> {
  const stream = child.stdio[index] as Readable | null | undefined;
  const entered = new Promise<void>((resolve, reject) => {
    const chunks: Buffer[] = [];
    child.once('error', reject);
    stream?.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream?.once('end', () => {
      const failure = parseStatus(fromBytes(Buffer.concat(chunks)));
      if (failure) child.emit('error', failure);
      else resolve();
    });
  });
  // Whoever does not ask is told by the `error` event all the same.
  entered.catch(() => undefined);
  return entered;
}

/** The fields of helper-c/entry/report.c: errno, exit status, verb, object, cause, hint, each ended by NUL. */
function parseStatus(text: string): TsenterError | undefined {
  if (text === '') return undefined;
  const [errno, status, verb = '', object = '', cause = '', hint = ''] = text.split('\0');
  const failure = { verb, object, cause, errno: Number(errno), status: Number(status) };
  return forUsers(new TsenterError({ ...failure, ...(hint !== '' && { hint }) }));
}
