import { gatherFacts } from '../facts/facts.ts';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import type { NodeSys } from '../hosts/node/node-sys.ts';
import { lookFurther } from '../options/further.ts';
import { type Control, OPTION_ROWS, type OptionValues } from '../options/table.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { makeRequest } from '../request/parse.ts';
import type { Request } from '../request/request.ts';
import { Errno } from '../sys/errors.ts';
import { escapeControls } from '../sys/escape.ts';
import { attempt } from '../sys/system-call.ts';
import { variableIn } from '../sys/variables.ts';
import type { Call } from './call.ts';
import { variablesIn } from './environment.ts';
import { heldBy } from './held.ts';
import { optionValues } from './option-values.ts';
import type { SpawnOptions } from './spawn-options.ts';

export interface Planned {
  plan: Plan;
  /** of `asTarget`, each with its reason */
  notTaken: readonly string[];
}

/** The same as the command line's: request, facts, plan. */
export function planFor(sys: NodeSys, call: Call<SpawnOptions>): Planned {
  const { program, options } = call;
  const request = requestFor(call);
  const facts = gatherFacts(sys, request, heldBy(options.target));
  const plan = makePlan(
    request,
    facts,
    program === undefined ? variableIn(sys.variables(), 'SHELL') : undefined,
  );
  const notTaken = (facts.controls?.notTaken ?? []).map((note) => toUnicode(escapeControls(note)));
  return { plan, notTaken };
}

const WITH_FURTHER = OPTION_ROWS.filter(({ further }) => further);

export function requestFor({ program, args, options }: Call<SpawnOptions>): Request {
  const values = optionValues({
    ...options,
    ...(options.detached && { killChild: options.killChild ?? false }),
  });
  for (const row of WITH_FURTHER) {
    const value = values[row.long];
    if (value !== undefined) lookFurther(values, row, value);
  }
  if (options.env && (options.targetEnvironment || options.asTarget)) setVariables(values, options.env);
  return makeRequest(
    values,
    program === undefined
      ? { kind: 'shell' }
      : { kind: 'words', words: [program, ...args].map((word) => fromUnicode(word)) },
  );
}

/** As options of the command line would. Where the target's environment is not taken after all, they are in the caller's already. */
function setVariables(values: OptionValues, variables: Readonly<NodeJS.ProcessEnv>): void {
  const controls = Array.from(variablesIn(variables), ([name, value]): Control => {
    if (value === undefined) return { long: 'unsetenv', value: fromUnicode(name) };
    return { long: 'setenv', value: fromUnicode(`${name}=${value}`) };
  });
  values.controls = [...(values.controls ?? []), ...controls];
}

/**
 * The waiting helper watches this process by a pidfd: PR_SET_PDEATHSIG would make the end of a worker that spawned it the
 * end of the program (prctl(2)).
 */
export function ownedByThis(sys: NodeSys, plan: Plan): Plan {
  const dies = plan.steps.find((step) => step.step === 'die-with-parent');
  if (dies?.step !== 'die-with-parent' || !plan.steps.some(isFork)) return plan;
  const pidfd = attempt(
    sys,
    'open',
    'pidfd of this process',
    () => sys.openProcess(process.pid),
    (errno) =>
      errno === Errno.EPERM || errno === Errno.ENOSYS
        ? 'By that the program is to end with this process: killChild: false does without.'
        : undefined,
  );
  const owner = { step: 'owner', pidfd, signal: dies.signal } as const;
  return { ...plan, steps: plan.steps.flatMap((step) => (isFork(step) ? [owner, step] : [step])) };
}

function isFork({ step }: Step): boolean {
  return step === 'fork';
}
