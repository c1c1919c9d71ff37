import { encodeStep } from '../../plan/encode.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Natives } from './natives.ts';

/** Executes the steps and the program in this process. */
export function runPlan(native: Natives, { program, steps, environment }: Plan): never {
  const words: string[] = [];
  for (const step of steps) words.push(encodeStep(step));
  // Behind the last word argv ends with NULL: no program, a login shell.
  const first = program.kind === 'operands' ? program.first : native.count;
  return native.execute(words, first, environment);
}
