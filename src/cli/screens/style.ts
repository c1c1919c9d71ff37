import { Chalk } from 'chalk';
import type { Host } from '../../plan/host.ts';
import { wantsColour } from './colour.ts';
import { isNsenter } from './name.ts';

/** What may be coloured. */
export interface Style {
  /** `tsenter:` in front of a message */
  prefix(text: string): string;
  heading(text: string): string;
  hint(text: string): string;
}

const PLAIN: Style = { prefix: (text) => text, heading: (text) => text, hint: (text) => text };

/** Nothing is coloured for who knows nsenter's text. */
export function styleFor(host: Host, fd: 1 | 2): Style {
  if (!wantsColour(host, fd) || isNsenter(host)) return PLAIN;
  const chalk = new Chalk({ level: 1 });
  return {
    prefix: (text) => chalk.red.bold(text),
    heading: (text) => chalk.bold(text),
    hint: (text) => chalk.cyan(text),
  };
}
