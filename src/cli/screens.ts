import type { TsenterError } from '../errors.ts';
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
  /** The message for an error. It is looked at by its fields: the screens may be bundled with classes of their own. */
  failure(sys: Sys, error: Pick<TsenterError, 'message' | 'hint'>): string;
}

export const screens: Screens = {
  help: (sys) => renderHelp(styleFor(sys, 1)),
  version: renderVersion,
  explanation: (sys, plan) => renderExplanation(sys, plan, styleFor(sys, 1)),
  prefix,
  failure(sys, { message, hint }) {
    const second = hint === undefined ? '' : `${styleFor(sys, 2).hint(hint)}\n`;
    return `${prefix(sys)} ${message}\n${second}`;
  },
};

function prefix(sys: Sys): string {
  return styleFor(sys, 2).prefix('tsenter:');
}
