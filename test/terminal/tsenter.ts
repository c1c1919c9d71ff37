/** What this layer shares: a container with terminals, tsenter as the way into it, and what is asked of many tests. */
import { tsenter } from '../support/command.ts';
import { until } from '../support/enter.ts';
import type { Way } from '../support/inside.ts';
import { type JobEvent, startJob } from '../support/job.ts';
import { processOf } from '../support/processes.ts';
import type { Recorder } from '../support/recorder.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

export const allSignals: readonly number[] = Array.from({ length: 64 }, (_, i) => i + 1);

/** Those that nobody can handle. */
export const SIGKILL = 9;
export const SIGSTOP = 19;
export const SIGCHLD = 17;

export function startContainer(options: TargetOptions = {}): Promise<Target> {
  return startTarget({
    namespaces: ['mount', 'pid', 'uts'],
    root: 'pivot',
    terminals: true,
    ...options,
  });
}

/** Through tsenter, with a fork. */
export function into(target: Target, ...options: readonly string[]): Way {
  return {
    root: `/proc/${target.pid}/root`,
    words: (program) => [tsenter, '-t', String(target.pid), '-m', '-p', ...options, ...program],
  };
}

/** The same program without anything in between. */
export const directly: Way = { root: '', words: (program) => [...program] };

export async function untilGone(recorder: Recorder): Promise<void> {
  await until('the end of the program', () => recorder.pids().length === 0);
}

export async function untilState(pid: number, state: string): Promise<void> {
  await until(`state ${state} of ${pid}`, () => processOf(pid)?.state === state);
}

/** How a job ends or stops, without what changes from run to run. */
export function outcome({ what, how }: JobEvent): string {
  return `${what} ${how}`;
}

/** The settings of a terminal of these tests, when nothing was done to it. */
export async function freshSettings(): Promise<string> {
  await using job = await startJob(['/bin/true']);
  return (await job.next()).settings;
}
