import { SystemError, TsenterError } from '../errors.ts';
import type { Plan } from '../plan.ts';
import type { Sys } from '../sys/sys.ts';
import { renderExplanation } from './explain.ts';
import { renderHelp } from './help.ts';
import { styleFor } from './style.ts';
import { renderVersion } from './version.ts';

/** What only people read. Nothing of it is needed to enter a target. */
export interface Screens {
  help(sys: Sys): string;
  version(sys: Sys): string;
  explanation(sys: Sys, plan: Plan): string;
  /** `tsenter:`, as messages begin */
  prefix(sys: Sys): string;
  /** the message for an error of ours; undefined for any other, which is a mistake in the program */
  failure(sys: Sys, error: unknown): string | undefined;
}

export const screens: Screens = {
  help: (sys) => renderHelp(styleFor(sys, 1)),
  version: renderVersion,
  explanation: (sys, plan) => renderExplanation(sys, plan, styleFor(sys, 1)),
  prefix,
  failure(sys, error) {
    if (error instanceof TsenterError) {
      const hint = error.hint === undefined ? '' : `${styleFor(sys, 2).hint(error.hint)}\n`;
      return `${prefix(sys)} ${error.message}\n${hint}`;
    }
    if (error instanceof SystemError) return `${prefix(sys)} ${error.call}: ${sys.describe(error.errno)}\n`;
    return undefined;
  },
};

function prefix(sys: Sys): string {
  return styleFor(sys, 2).prefix('tsenter:');
}
