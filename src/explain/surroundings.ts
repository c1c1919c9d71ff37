import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';
import type { ProcessStatus } from '../target/process-status.ts';
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
      ? inWords(shown(set.soft), shown(set.hard))
      : own.find(([name]) => name === what)?.[1];
    return program === undefined || (program === target && !set)
      ? []
      : [{ what: `limit: ${what}`, program, target }];
  });
}

/** proc_pid_limits(5): columns of 26, 21 and 21 characters. */
function limitsOf(sys: Sys, proc: string, openFiles?: string): [name: string, value: string][] {
  const [, ...lines] = (readIfPossible(sys, `${proc}/limits`, MOST) ?? '').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const name = line.slice(0, 26).trim().replace(/^Max /, '');
      const [soft, hard] = [line.slice(26, 47).trim(), line.slice(47, 68).trim()];
      return [name, inWords(name === 'open files' ? (openFiles ?? soft) : soft, hard)];
    });
}

function inWords(soft: string, hard: string): string {
  return soft === hard ? soft : `${soft} (at most ${hard})`;
}

function shown(limit: string): string {
  return limit === '18446744073709551615' ? 'unlimited' : limit;
}

/** Only those that differ from the target's, or that a step sets. */
export function surroundingsBeside(
  sys: Sys,
  own: ProcessStatus,
  its: ProcessStatus | undefined,
  proc: string | undefined,
  plan: Plan | undefined,
): Stay[] {
  if (proc === undefined || !its) return [];
  const octal = (mask: number | undefined) => (mask ?? 0).toString(8).padStart(3, '0');
  const file = (of: string, name: string) => readIfPossible(sys, `${of}/${name}`, MOST)?.trim() ?? '';
  const niceIn = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16] ?? '';
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
    ['processors', own.processors, stepsOf(plan, 'affinity').map(({ mask }) => mask)[0], its.processors],
  ];
  return rows
    .filter(([, caller, set, target]) => set !== undefined || caller !== target)
    .map(([what, caller, set, target]) => ({ what, program: set ?? caller, target }));
}

function stepsOf<Name extends Step['step']>(
  plan: Plan | undefined,
  name: Name,
): Extract<Step, { step: Name }>[] {
  return (plan?.steps ?? []).filter((step): step is Extract<Step, { step: Name }> => step.step === name);
}
