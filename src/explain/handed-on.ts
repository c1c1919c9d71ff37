import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Request } from '../request/request.ts';
import type { Stay } from './explanation.ts';

/**
 * What the program is handed by who executes it, as far as its own words tell.
 *
 * @param notTaken what the target has and the program does not get
 */
export function handedOn(request: Request, plan: Plan | undefined, notTaken: readonly string[]): Stay[] {
  if (!plan) return [];
  return [
    { what: 'environment', program: environmentIn(request, plan, notTaken), target: null },
    { what: 'descriptors', program: descriptorsIn(plan), target: null },
    { what: 'session', program: sessionIn(plan), target: null },
  ];
}

function environmentIn(
  { controls, targetEnvironment }: Request,
  { environment }: Plan,
  notTaken: readonly string[],
): string {
  if (!environment) return "the caller's";
  const edits = controls?.environment ?? [];
  const isTargets = targetEnvironment && !notTaken.some((note) => note.startsWith('leave out environment'));
  const isCleared = edits.some(({ change }) => change === 'clear');
  const base = isCleared ? 'nothing' : isTargets ? "the target's" : "the caller's";
  const user = controls?.user === undefined ? [] : ['what is said of its user'];
  const said = edits.some(({ change }) => change !== 'clear') ? ['what options change'] : [];
  return [base, ...user, ...said].join(', and ').replace(/^nothing, and /, '');
}

function descriptorsIn(plan: Plan): string {
  const last = lastOf(plan, 'close-above')?.last;
  const which =
    last === undefined
      ? "all of the caller's"
      : last === 2
        ? '0, 1 and 2 alone'
        : `the caller's, up to ${last}`;
  const hasTerminal = last !== 2 && lastOf(plan, 'keep-terminals');
  return hasTerminal ? `${which}, without terminals above 2` : which;
}

function sessionIn(plan: Plan): string {
  if (lastOf(plan, 'attach-pty')) return 'a new one, on a terminal of its own';
  return lastOf(plan, 'new-session') ? 'a new one, without a terminal' : "the caller's";
}

function lastOf<Name extends Step['step']>(
  { steps }: Plan,
  name: Name,
): Extract<Step, { step: Name }> | undefined {
  return steps.filter((step): step is Extract<Step, { step: Name }> => step.step === name).pop();
}
