import { gatherFacts } from '../facts/facts.ts';
import type { OptionValues } from '../options/table.ts';
import type { Host } from '../plan/host.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeRequest } from '../request/parse.ts';
import type { Program, Request } from '../request/request.ts';
import { tellNotTaken, tellOfChildren, tellOfPause } from './notes.ts';

/**
 * From the options to the plan: checks them, pins the target, opens everything, and decides the order.
 *
 * @throws TsenterError for the first thing that is wrong
 */
export function planEntry(host: Host, values: OptionValues, program: Program): Plan {
  const request = makeRequest(values, program, host);
  const facts = gatherFacts(host, request);
  const { target, controls } = facts;
  if (controls) tellNotTaken(host, controls.notTaken);
  if (target && mayMeanChildren(request) && host.isTerminal(2)) tellOfChildren(host, target);
  if (target && mayBePaused(request) && host.isTerminal(2)) tellOfPause(host, target);
  return makePlan(request, facts, host.variable('SHELL'));
}

/** The PID namespace of the target is asked for, and not one that is named. */
function mayMeanChildren({ all, namespaces }: Request): boolean {
  return namespaces.pid ? namespaces.pid.from === 'target' : all;
}

/** It is a container; a cgroup that is to be joined does not freeze. */
function mayBePaused({ target, joinCgroup }: Request): boolean {
  return target !== undefined && 'name' in target && !joinCgroup;
}
