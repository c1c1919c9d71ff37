import { encodeStep } from '../../plan/encode.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Natives } from './natives.ts';

/** Executes the steps and the program in this process. */
export function runPlan(native: Natives, { program, steps, sealed, environment }: Plan): never {
  const own: number[] = [];
  const note = (fd: number) => {
    own.push(fd);
    return fd;
  };
  const encoded: string[] = [];
  for (const step of steps) encoded.push(encodeStep(step, note));
  // Behind the last word argv ends with NULL: no program, a login shell.
  const words = [
    encodeStep({ step: 'skip', count: program.kind === 'operands' ? program.first : native.count }),
  ];
  if (sealed) words.push(encodeStep({ step: 'seal', fds: own }));
  for (const word of encoded) words.push(word);
  return native.execute(words, environment);
}
