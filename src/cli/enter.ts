import { gatherFacts } from '../facts/facts.ts';
import type { OptionValues } from '../options/table.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeRequest } from '../request/parse.ts';
import type { Program } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';

/**
 * From the options to the plan: checks them, pins the target, opens everything, and decides the order.
 *
 * @throws TsenterError for the first thing that is wrong
 */
export function planEntry(sys: Sys, values: OptionValues, program: Program): Plan {
  const request = makeRequest(values, program);
  return makePlan(request, gatherFacts(sys, request), sys.variable('SHELL'));
}
