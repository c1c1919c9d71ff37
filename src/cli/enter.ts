import { type Facts, gatherFacts } from '../facts/facts.ts';
import type { OptionValues } from '../options/table.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeRequest } from '../request/parse.ts';
import type { Program, Request } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';
import { noteOnChildren } from '../target/children.ts';

/**
 * From the options to the plan: checks them, pins the target, opens everything, and decides the order.
 *
 * @throws TsenterError for the first thing that is wrong
 */
export function planEntry(sys: Sys, values: OptionValues, program: Program): Plan {
  const request = makeRequest(values, program);
  const facts = gatherFacts(sys, request);
  if (mayMeanChildren(request, facts) && sys.isTerminal(2)) tellOfChildren(sys, facts);
  return makePlan(request, facts, sys.variable('SHELL'));
}

/** The PID namespace of the target is asked for. */
function mayMeanChildren({ all, namespaces }: Request, { target }: Facts): boolean {
  return target !== undefined && (all || namespaces.pid?.from === 'target');
}

/** To people only: nothing is wrong, and a script that knows what it does is to read no more than from nsenter. */
function tellOfChildren(sys: Sys, { target }: Facts): void {
  const note = target && noteOnChildren(sys, target);
  if (note !== undefined) sys.write(2, `tsenter: ${note}\n`);
}
