/** The jobs of test/programs/guest.c, which does in a guest what `startTarget` and `run` do here; and what it saw. */
import { constants } from 'node:os';
import type { World } from '../conformance/observe.ts';
import { type Outcome, type RunOptions, readStatus } from '../support/command.ts';
import { launchWords, literal } from '../support/launch.ts';
import { type TargetOptions, targetEnv, targetWords } from '../support/targets.ts';

/** Stands for the number of a run's target. */
export const targetPid = '{pid}';

/** A guest takes its time. */
const defaultSeconds = 60;

export interface GuestRun {
  readonly target: string;
  readonly command: readonly string[];
  readonly around: RunOptions;
}

export interface GuestOutcome extends Outcome {
  readonly world: World;
}

const strings = (words: readonly string[]): Buffer => Buffer.from(words.map((word) => `${word}\0`).join(''));

function targetJob(name: string, options: TargetOptions): Buffer {
  const variables = Object.entries(options.env ?? targetEnv).map(([key, value]) => `${key}=${value}`);
  const words = targetWords(options);
  const line = `target ${name} ${options.startedBy ?? 0} ${variables.length} ${words.length}\n`;
  return Buffer.concat([Buffer.from(line), strings([...variables, ...words])]);
}

function runJob({ target, command, around }: GuestRun): Buffer {
  const [file = '', ...args] = command;
  const words = ['3', ...launchWords(around), '--', literal(file), ...args];
  const input = Buffer.from(around.stdin ?? '');
  const seconds = around.timeout === undefined ? defaultSeconds : Math.ceil(around.timeout / 1000);
  const signal = around.signalWhenReady === undefined ? 0 : constants.signals[around.signalWhenReady];
  const flags = [around.holdStdin === true, around.report !== undefined].map(Number);
  const line = ['run', target, seconds, flags[0], signal, flags[1], input.length, words.length].join(' ');
  return Buffer.concat([Buffer.from(`${line}\n`), input, strings(words)]);
}

export function renderJobs(
  targets: Readonly<Record<string, TargetOptions>>,
  runs: readonly GuestRun[],
): Buffer {
  return Buffer.concat([
    ...Object.entries(targets).map(([name, options]) => targetJob(name, options)),
    ...runs.map(runJob),
  ]);
}

/** A run that took too long is an Error in its place. */
export function readRecords(records: Buffer, runs: readonly GuestRun[]): (GuestOutcome | Error)[] {
  let at = 0;
  const line = (): string[] => {
    const end = records.indexOf('\n', at);
    const words = records.toString('latin1', at, end).split(' ');
    at = end + 1;
    return words;
  };
  const namespaces = (words: readonly string[]): Map<string, string> =>
    new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  const bytes = (size: string | undefined): Buffer => {
    at += Number(size);
    return records.subarray(at - Number(size), at);
  };

  const [, ...own] = line();
  const self = namespaces(own);
  const targets = new Map<string, Map<string, string>>();
  const outcomes: (GuestOutcome | Error)[] = [];
  while (at < records.length) {
    const words = line();
    if (words[0] === 'target') {
      targets.set(words[1] ?? '', namespaces(words.slice(3)));
      continue;
    }
    const run = runs[outcomes.length];
    const target = targets.get(run?.target ?? '');
    if (run === undefined || target === undefined) throw new Error(`a record too many: ${words.join(' ')}`);
    const world = {
      namespaces: [...self.values(), ...target.values()],
      pidNamespace: self.get('pid') ?? '',
      uptime: Number(words[2]),
    };
    const [status, stdout, stderr, report] = [
      bytes(words[3]),
      bytes(words[4]),
      bytes(words[5]),
      bytes(words[6]),
    ];
    const { pid, failed, ...end } = readStatus(status.toString());
    if (words[1] === '1') outcomes.push(new Error(`no end: ${run.command.join(' ')}\n${stdout}${stderr}`));
    else if (failed !== undefined || pid === undefined)
      outcomes.push(new Error(`cannot launch ${run.command.join(' ')}: ${failed}`));
    else outcomes.push({ pid, ...end, stdout, stderr, report, world });
  }
  return outcomes;
}
