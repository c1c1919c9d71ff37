import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Sys } from '../sys/sys.ts';
import { ifPossible, readIfPossible } from '../sys/system-call.ts';
import { limitInWords, limitsIn } from '../target/limits.ts';
import type { ProcessStatus } from '../target/process-status.ts';
import type { Target } from '../target/target.ts';
import type { Stay } from './explanation.ts';

const MOST = 1 << 16;

/** Only those that differ, or that a step sets: getrlimit(2) has sixteen. */
export function limitsBeside(sys: Host, proc: string | undefined, plan: Plan | undefined): Stay[] {
  if (proc === undefined) return [];
  const own = limitsOf(sys, '/proc/self', sys.openFiles?.());
  return limitsOf(sys, proc).flatMap(([what, target], resource) => {
    const set = stepsOf(plan, 'limit')
      .reverse()
      .find((step) => step.resource === resource);
    const program = set
      ? inWords(limitInWords(set.soft), limitInWords(set.hard))
      : own.find(([name]) => name === what)?.[1];
    return program === undefined || (program === target && !set)
      ? []
      : [{ what: `limit: ${what}`, program, target }];
  });
}

function limitsOf(sys: Sys, proc: string, openFiles?: string): [name: string, value: string][] {
  const lines = limitsIn(readIfPossible(sys, `${proc}/limits`, MOST) ?? '');
  return lines.map(({ name, soft, hard }) => [
    name,
    inWords(name === 'open files' ? (openFiles ?? soft) : soft, hard),
  ]);
}

function inWords(soft: string, hard: string): string {
  return soft === hard ? soft : `${soft} (at most ${hard})`;
}

/** Only those that differ from the target's, or that a step sets. */
export function surroundingsBeside(
  sys: Sys,
  own: ProcessStatus,
  its: ProcessStatus | undefined,
  target: Target | undefined,
  plan: Plan | undefined,
): Stay[] {
  if (!target || !its) return [];
  const { pid, proc } = target;
  const octal = (mask: number | undefined) => (mask ?? 0).toString(8).padStart(3, '0');
  const file = (of: string, name: string) => readIfPossible(sys, `${of}/${name}`, MOST)?.trim() ?? '';
  const fieldIn = (stat: string, number: number) =>
    stat.slice(stat.lastIndexOf(')') + 2).split(' ')[number - 3] ?? '';
  const niceIn = (stat: string) => fieldIn(stat, 19);
  const policyIn = (stat: string) => POLICIES[Number(fieldIn(stat, 41))] ?? fieldIn(stat, 41);
  const rows: [what: string, caller: string, set: string | undefined, target: string][] = [
    ['umask', octal(own.umask), stepsOf(plan, 'umask').map(({ mask }) => octal(mask))[0], octal(its.umask)],
    [
      'oom_score_adj',
      file('/proc/self', 'oom_score_adj'),
      stepsOf(plan, 'oom-score').map(({ value }) => String(value))[0],
      file(proc, 'oom_score_adj'),
    ],
    [
      'nice value',
      niceIn(file('/proc/self', 'stat')),
      stepsOf(plan, 'nice').map(({ value }) => String(value))[0],
      niceIn(file(proc, 'stat')),
    ],
    [
      'scheduling policy',
      policyIn(file('/proc/self', 'stat')),
      stepsOf(plan, 'scheduler').map(({ policy }) => POLICIES[policy] ?? String(policy))[0],
      policyIn(file(proc, 'stat')),
    ],
    [
      'priority of input and output',
      ioPriorityIn(sys, 0),
      stepsOf(plan, 'io-priority').map(({ value }) => ioPriorityNamed(value))[0],
      ioPriorityIn(sys, pid),
    ],
    ['processors', own.processors, stepsOf(plan, 'affinity').map(({ mask }) => mask)[0], its.processors],
  ];
  return rows
    .filter(([, caller, set, target]) => set !== undefined || caller !== target)
    .map(([what, caller, set, target]) => ({ what, program: set ?? caller, target }));
}

/** sched(7), by their numbers. */
const POLICIES = ['other', 'fifo', 'rr', 'batch', 'iso', 'idle', 'deadline'];
/** ioprio_set(2), by their numbers, which stand above the priority. */
const IO_CLASSES = ['none', 'real-time', 'best-effort', 'idle'];

function ioPriorityIn(sys: Sys, pid: number): string {
  const value = ifPossible(() => sys.ioPriority(pid));
  return value === undefined ? 'unknown' : ioPriorityNamed(value);
}

function ioPriorityNamed(value: number): string {
  const name = IO_CLASSES[value >> 13] ?? String(value >> 13);
  return name === 'none' || name === 'idle' ? name : `${name} ${value & 7}`;
}

function stepsOf<Name extends Step['step']>(
  plan: Plan | undefined,
  name: Name,
): Extract<Step, { step: Name }>[] {
  return (plan?.steps ?? []).filter((step): step is Extract<Step, { step: Name }> => step.step === name);
}
