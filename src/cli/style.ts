import { Chalk } from 'chalk';
import type { Sys } from '../sys/sys.ts';

/** What may be coloured. */
export interface Style {
  /** `tsenter:` in front of a message */
  prefix(text: string): string;
  heading(text: string): string;
  hint(text: string): string;
}

const PLAIN: Style = { prefix: (text) => text, heading: (text) => text, hint: (text) => text };

/**
 * Colours for a terminal only; NO_COLOR (no-color.org) turns them off, FORCE_COLOR on (force-color.org), and the
 * latter wins.
 */
export function styleFor(sys: Sys, fd: 1 | 2): Style {
  if (!wantsColour(sys, fd)) return PLAIN;
  const chalk = new Chalk({ level: 1 });
  return {
    prefix: (text) => chalk.red.bold(text),
    heading: (text) => chalk.bold(text),
    hint: (text) => chalk.cyan(text),
  };
}

function wantsColour(sys: Sys, fd: 1 | 2): boolean {
  const forced = sys.variable('FORCE_COLOR');
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (sys.variable('NO_COLOR')) return false;
  return sys.variable('TERM') !== 'dumb' && sys.isTerminal(fd);
}
