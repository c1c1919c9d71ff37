import { CAP_SYS_ADMIN, CAP_SYS_NICE, CAP_SYS_RESOURCE } from '../sys/capabilities.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, ifPossible, readPath } from '../sys/system-call.ts';
import type { Target } from '../target/target.ts';
import type { Miss, Scheduling } from './control-facts.ts';
import type { Rights } from './rights.ts';

const MOST = 1 << 16;
const SCHED_DEADLINE = 6;
/** SCHED_FIFO and SCHED_RR. */
const REAL_TIME = [1, 2];
const IOPRIO_CLASS_SHIFT = 13;
const IOPRIO_CLASS_RT = 1;

export function schedulingOf(
  sys: Sys,
  oomTarget: Target | undefined,
  target: Target | undefined,
  rights: Rights,
  miss: Miss,
): Scheduling {
  return {
    oomScore: oomTarget && oomScore(sys, oomTarget, rights, miss),
    ...(target ? scheduling(sys, target, rights, miss) : { raised: {}, lowered: {} }),
  };
}

function oomScore(sys: Sys, target: Target, rights: Rights, miss: Miss): number | undefined {
  const theirs = read(sys, target.proc, 'oom_score_adj', target.label);
  const own = read(sys, '/proc/self', 'oom_score_adj', 'this process');
  const score = Number(theirs);
  if (score === Number(own)) return undefined;
  if (score > Number(own) || rights.overHost(CAP_SYS_RESOURCE)) return score;
  miss('oom_score_adj', "it is less than the caller's, who lacks CAP_SYS_RESOURCE");
  return undefined;
}

function scheduling(sys: Sys, target: Target, rights: Rights, miss: Miss): Scheduling {
  const theirs = fieldsOf(sys, target.proc, target.label);
  const own = fieldsOf(sys, '/proc/self', 'this process');
  const mayMore = rights.overHost(CAP_SYS_NICE);
  const found: Scheduling = { raised: {}, lowered: {} };
  if (theirs.nice > own.nice) found.lowered.nice = theirs.nice;
  else if (theirs.nice < own.nice && mayMore) found.raised.nice = theirs.nice;
  else if (theirs.nice < own.nice) miss('nice value', "it is less than the caller's, who lacks CAP_SYS_NICE");
  if (theirs.policy !== own.policy || theirs.priority !== own.priority) {
    const { policy, priority } = theirs;
    if (policy === SCHED_DEADLINE) miss('scheduling policy', 'a deadline is for one thread');
    else if (REAL_TIME.includes(policy) && !mayMore)
      miss('scheduling policy', 'the caller lacks CAP_SYS_NICE');
    else found[REAL_TIME.includes(policy) ? 'raised' : 'lowered'].scheduler = { policy, priority };
  }
  const ioPriority = ifPossible(() => sys.ioPriority(target.pid));
  if (ioPriority !== undefined && ioPriority !== ifPossible(() => sys.ioPriority(0))) {
    const isRealTime = ioPriority >> IOPRIO_CLASS_SHIFT === IOPRIO_CLASS_RT;
    if (!isRealTime) found.lowered.ioPriority = ioPriority;
    else if (mayMore || rights.overHost(CAP_SYS_ADMIN)) found.raised.ioPriority = ioPriority;
    else miss('priority of input and output', 'the caller lacks CAP_SYS_NICE');
  }
  const { processors } = rights.statusOf(target);
  if (processors !== rights.own.processors) found.affinity = processors;
  return found;
}

/** proc_pid_stat(5): the fields 19, 40 and 41; the third is the first behind the name. */
function fieldsOf(sys: Sys, proc: string, label: string): { nice: number; priority: number; policy: number } {
  const stat = read(sys, proc, 'stat', label);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { nice: field(19), priority: field(40), policy: field(41) };
}

function read(sys: Sys, proc: string, file: string, label: string): string {
  return attempt(sys, 'read', `${file} of ${label}`, () => readPath(sys, `${proc}/${file}`, MOST));
}
