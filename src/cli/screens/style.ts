import { Chalk } from 'chalk';
import type { Sys } from '../../sys/sys.ts';
import { wantsColour } from './colour.ts';

/** What may be coloured. */
export interface Style {
  /** `tsenter:` in front of a message */
  prefix(text: string): string;
  heading(text: string): string;
  hint(text: string): string;
}

const PLAIN: Style = { prefix: (text) => text, heading: (text) => text, hint: (text) => text };

export function styleFor(sys: Sys, fd: 1 | 2): Style {
  if (!wantsColour(sys, fd)) return PLAIN;
  const chalk = new Chalk({ level: 1 });
  return {
    prefix: (text) => chalk.red.bold(text),
    heading: (text) => chalk.bold(text),
    hint: (text) => chalk.cyan(text),
  };
}
