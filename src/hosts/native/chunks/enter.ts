export { planEntry } from '../../../cli/enter.ts';
export { gatherFacts, pin } from '../../../facts/facts.ts';
export { makePlan } from '../../../plan/plan.ts';
export { makeRequest } from '../../../request/parse.ts';
export { runPlan } from '../run.ts';
