import { encodeStep } from '../../plan/encode.ts';
import type { Host } from '../../plan/host.ts';
import type { Plan } from '../../plan/plan.ts';
import { STEPS } from '../../plan/steps.ts';
import { escapeControls } from '../../sys/escape.ts';
import { styleFor } from './style.ts';

/** `--explain=steps`: each step as the helper would read it, but for what could act on a terminal, and what it is for. */
export function stepsOf(host: Host, plan: Plan): string {
  const style = styleFor(host, 1);
  const rows: [step: string, reason: string][] = plan.steps.map((step) => [
    escapeControls(encodeStep(step)),
    STEPS[step.step].does,
  ]);
  if (plan.sealed) rows.unshift([encodeStep({ step: 'seal', fds: [] }), STEPS.seal.does]);
  const program = operands(host, plan).map((word) => escapeControls(word));
  rows.push([`-- ${program.join(' ')}`.trimEnd(), 'execute the program']);
  const column = Math.max(...rows.map(([step]) => step.length)) + 2;
  return rows.map(([step, reason]) => `${style.heading(step.padEnd(column))}${reason}\n`).join('');
}

function operands(host: Host, { program }: Plan): string[] {
  if (program.kind === 'words') return [...program.words];
  if (program.kind === 'shell') return [];
  return [...Array(host.words.count - program.first).keys()].map((index) =>
    host.words.at(program.first + index),
  );
}
