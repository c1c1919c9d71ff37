import { SystemError, TsenterError } from '../errors.ts';
import { gatherFacts } from '../facts.ts';
import { OPTION_ROWS } from '../options.ts';
import { makePlan, type Plan } from '../plan.ts';
import { makeRequest, type Program, type Request } from '../request.ts';
import type { Sys } from '../sys/sys.ts';
import { type Bind, checkOnce } from './bind.ts';
import { renderExplanation } from './explain.ts';
import { parseWords } from './getopt.ts';
import { renderHelp } from './help.ts';
import { styleFor } from './style.ts';
import { renderVersion } from './version.ts';

/**
 * The command line: from argv to the program, which replaces this process.
 *
 * @returns the exit status where no program is executed
 */
export function main(sys: Sys, bind: Bind): number {
  try {
    return enter(sys, bind);
  } catch (error) {
    return report(sys, error);
  }
}

function enter(sys: Sys, bind: Bind): number {
  const { tokens, rest } = parseWords(sys.words, OPTION_ROWS);
  checkOnce(tokens);
  const last = tokens[tokens.length - 1]?.row.long;
  if (last === 'help') return print(sys, renderHelp(styleFor(sys, 1)));
  if (last === 'version') return print(sys, renderVersion(sys));
  const values = bind(tokens);
  const program: Program = rest < sys.words.count ? { kind: 'operands', first: rest } : { kind: 'shell' };
  const plan = planFor(sys, makeRequest(values, program));
  if (values.explain) return print(sys, renderExplanation(sys, plan, styleFor(sys, 1)));
  return sys.run(withPrefix(sys, plan));
}

function planFor(sys: Sys, request: Request): Plan {
  const facts = gatherFacts(sys, request);
  return makePlan(request, facts, sys.variable('SHELL'));
}

/** The steps' own messages begin as those from here do. */
function withPrefix(sys: Sys, plan: Plan): Plan {
  const plain = 'tsenter:';
  const text = styleFor(sys, 2).prefix(plain);
  return text === plain ? plan : { ...plan, steps: [{ step: 'prefix', text }, ...plan.steps] };
}

function print(sys: Sys, text: string): number {
  sys.write(1, text);
  return 0;
}

function report(sys: Sys, error: unknown): number {
  const style = styleFor(sys, 2);
  const prefix = style.prefix('tsenter:');
  if (error instanceof SystemError) {
    sys.write(2, `${prefix} ${error.message.replace(/errno [0-9]+$/, sys.describe(error.errno))}\n`);
    return 1;
  }
  if (!(error instanceof TsenterError)) throw error;
  const hint = error.hint === undefined ? '' : `${style.hint(error.hint)}\n`;
  sys.write(2, `${prefix} ${error.message}\n${hint}`);
  return error.status;
}
