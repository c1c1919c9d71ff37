import { explain } from '../../explain/explain.ts';
import { gatherFacts } from '../../facts/facts.ts';
import type { OptionValues } from '../../options/table.ts';
import type { Host } from '../../plan/host.ts';
import { makePlan } from '../../plan/plan.ts';
import { makeRequest } from '../../request/parse.ts';
import type { Program } from '../../request/request.ts';
import { usageError } from '../../sys/errors.ts';
import { explanationInJson } from './explanation-json.ts';
import { explanationInWords } from './explanation-words.ts';
import { stepsOf } from './step-words.ts';

/**
 * `--explain[=json|steps]`: prints it, and gives the exit status.
 *
 * @throws TsenterError for what cannot be understood; with `steps` for what cannot be entered as well
 */
export function printExplanation(host: Host, values: OptionValues, program: Program): number {
  const { explain: form } = values;
  if (form !== true && form !== 'json' && form !== 'steps')
    throw usageError('parse', `form '${form}' of --explain`, 'neither json nor steps');
  const request = makeRequest(values, program, host);
  if (form === 'steps') {
    const plan = makePlan(request, gatherFacts(host, request), host.variable('SHELL'));
    host.write(1, stepsOf(host, plan));
    return 0;
  }
  const explanation = explain(host, request);
  host.write(1, form === 'json' ? explanationInJson(explanation) : explanationInWords(host, explanation));
  return explanation.verdict.enters ? 0 : 1;
}
