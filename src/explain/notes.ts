import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';
import { noteOnChildren } from '../target/children.ts';
import { statusOf } from '../target/process-status.ts';
import type { Target } from '../target/target.ts';
import type { CgroupTold } from './explanation.ts';

/** What people stumble over though it is no failure. */
export function notesOn(
  sys: Sys,
  request: Request,
  target: Target,
  facts: Facts | undefined,
  cgroup: CgroupTold | null,
): string[] {
  const notes: string[] = [...(facts?.controls?.notTaken ?? [])];
  const children = noteOnChildren(sys, target);
  if (children !== undefined) notes.push(children);
  const state = statusOf(sys, target.proc)?.state;
  if (cgroup?.frozen)
    notes.push(
      'The cgroup of the target is frozen, as a container is that was paused: its processes do not run, and whoever waits for one of them waits. The program stays in the cgroup of the caller, and runs.',
    );
  else if (state === 'T' || state === 't')
    notes.push(`${target.label} is stopped: whoever waits for it waits until it goes on.`);
  if (request.all && facts?.namespaces.every(({ entered }) => entered))
    notes.push(
      `The caller is in every namespace of ${target.label} already: the program is executed where it would be without tsenter.`,
    );
  const { pid } = request.namespaces;
  if (pid && !request.all && !request.namespaces.mount && !request.root)
    notes.push(
      "With the PID namespace alone, /proc is that of the caller's mount namespace: ps(1) shows its processes. --mount enters the other.",
    );
  return notes;
}
