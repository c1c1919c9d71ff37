import type { Host } from '../plan/host.ts';
import type { Join } from '../plan/steps.ts';
import { Errno, SystemError } from '../sys/errors.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { type Candidate, enterUser, refusalOf } from './joins.ts';
import { hasFullCgroup } from './process-limit.ts';
import { fail, type Stage } from './stage.ts';
import { seen } from './user-namespace.ts';

export function join(stage: Stage, joins: readonly Join[], atOnce: boolean, isLast: boolean): void {
  const { candidates, result } = stage;
  const { joined } = result;
  const wanted = joins.flatMap(({ namespace }) => {
    const candidate = candidates.get(namespace);
    return candidate && !joined.has(namespace) ? [candidate] : [];
  });
  if (atOnce && !refusalOf(result.who, wanted)) {
    for (const candidate of wanted) enter(stage, candidate);
    return;
  }
  for (const candidate of wanted) {
    const refusal = refusalOf(result.who, [candidate]);
    if (!refusal) {
      enter(stage, candidate);
      continue;
    }
    // Of two passes the second one counts; a mount namespace that is entered again has none.
    result.refused.set(candidate.name, refusal);
    if (isLast && !result.failure)
      fail(stage, `enter ${candidate.name} namespace of ${stage.from}`, refusal.errno, refusal.why);
  }
}

/** How deep in a mount namespace the root of a process is looked for. */
const DEEPEST = 128;

function enter(stage: Stage, candidate: Candidate): void {
  const { host, result } = stage;
  result.joined.add(candidate.name);
  if (candidate.isClosed)
    result.cannotBeTold.push(
      `whether the ${candidate.name} namespace may be entered, whose file may not be opened`,
    );
  result.refused.delete(candidate.name);
  if (candidate.name === 'user') enterUser(host, result.who, candidate);
  if (candidate.name !== 'mount') return;
  const { proc } = candidate;
  // Its root is above that of the process, where that has changed its own.
  const root =
    proc === undefined
      ? undefined
      : seen(() => host.open(`${proc}/root${'/..'.repeat(DEEPEST)}`, 'directory'));
  stage.files = root === undefined || !proc ? undefined : { root, directory: root, proc };
}

/** pid_namespaces(7): where process 1 has ended there is no fork any more. */
export function fork(stage: Stage): void {
  const { result, candidates, host, from } = stage;
  const pid = candidates.get('pid');
  const inside = pid && result.joined.has('pid');
  if (hasFullCgroup(host)) {
    fail(
      stage,
      inside ? `fork into the PID namespace of ${from}` : 'fork a child',
      Errno.EAGAIN,
      "A limit of processes is reached: pids.max of the caller's cgroup, 'ulimit -u', or kernel.pid_max.",
    );
    return;
  }
  if (!inside) return;
  const isDead = hasDeadInit(host, pid);
  if (isDead === undefined)
    result.cannotBeTold.push('whether process 1 of the PID namespace lives, without which nothing is forked');
  if (isDead)
    result.failure = {
      reason: `fork into the PID namespace of ${from}: ${host.describe(Errno.ENOMEM)}`,
      hint: 'The init process of the entered PID namespace has ended: no process can be made in it any more.',
    };
}

function hasDeadInit(host: Host, { fd, proc }: Candidate): boolean | undefined {
  try {
    const pid = host.askNamespace(fd, 'init');
    const stat = readIfPossible(host, `/proc/${pid}/stat`, 4096) ?? '';
    return 'ZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2) || ' ');
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.errno === Errno.ESRCH) return true;
    // Before Linux 6.11 it is known of who is seen there: with process 1 all others end.
    return proc === undefined ? undefined : false;
  }
}
