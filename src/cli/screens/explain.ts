import { encodeStep } from '../../plan/encode.ts';
import type { Plan } from '../../plan/plan.ts';
import { STEPS } from '../../plan/steps.ts';
import type { Sys } from '../../sys/sys.ts';
import { styleFor } from './style.ts';

/** `--explain`: each step as the helper would read it, and what it is for. */
export function renderExplanation(sys: Sys, plan: Plan): string {
  const style = styleFor(sys, 1);
  const rows: [step: string, reason: string][] = plan.steps.map((step) => [
    encodeStep(step),
    STEPS[step.step].does,
  ]);
  rows.push([`-- ${operands(sys, plan).join(' ')}`.trimEnd(), 'execute the program']);
  const column = Math.max(...rows.map(([step]) => step.length)) + 2;
  return rows.map(([step, reason]) => `${style.heading(step.padEnd(column))}${reason}\n`).join('');
}

function operands(sys: Sys, { program }: Plan): string[] {
  if (program.kind === 'words') return [...program.words];
  if (program.kind === 'shell') return [];
  return Array.from({ length: sys.words.count - program.first }, (_, index) =>
    sys.words.at(program.first + index),
  );
}
