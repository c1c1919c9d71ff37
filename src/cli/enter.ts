import { isFrozen } from '../facts/cgroup.ts';
import { type Facts, gatherFacts } from '../facts/facts.ts';
import type { OptionValues } from '../options/table.ts';
import type { Host } from '../plan/host.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeRequest } from '../request/parse.ts';
import type { Program, Request } from '../request/request.ts';
import { noteOnChildren } from '../target/children.ts';
import { renderNote } from './screens/note.ts';

/**
 * From the options to the plan: checks them, pins the target, opens everything, and decides the order.
 *
 * @throws TsenterError for the first thing that is wrong
 */
export function planEntry(host: Host, values: OptionValues, program: Program): Plan {
  const request = makeRequest(values, program);
  const facts = gatherFacts(host, request);
  if (mayMeanChildren(request, facts) && host.isTerminal(2)) tellOfChildren(host, facts);
  if (request.target && 'name' in request.target && host.isTerminal(2)) tellOfPause(host, facts);
  return makePlan(request, facts, host.variable('SHELL'));
}

/** The PID namespace of the target is asked for. */
function mayMeanChildren({ all, namespaces }: Request, { target }: Facts): boolean {
  return target !== undefined && (all || namespaces.pid?.from === 'target');
}

/** To people only: nothing is wrong, and a script that knows what it does is to read no more than from nsenter. */
function tellOfChildren(host: Host, { target }: Facts): void {
  const note = target && noteOnChildren(host, target);
  if (note !== undefined) host.write(2, renderNote(host, note));
}

/** A container that stands still is entered all the same, and looks broken. */
function tellOfPause(host: Host, { target }: Facts): void {
  if (target && isFrozen(host, target))
    host.write(2, renderNote(host, `${target.label} is paused: what runs in it stands still`));
}
