export { planEntry } from '../../../cli/enter.ts';
export { runPlan } from '../run.ts';
