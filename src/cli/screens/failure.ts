import type { OptionValues } from '../../options/table.ts';
import type { Host } from '../../plan/host.ts';
import { HELP_COMMAND, type TsenterError } from '../../sys/errors.ts';
import { escapeControls } from '../../sys/escape.ts';
import { isNsenter, nameForGetopt, nameOf } from './name.ts';
import { sentenceFor } from './sentences.ts';
import { styleFor } from './style.ts';

/**
 * `tsenter: VERB OBJECT: CAUSE`, and the hint on a second line. Called as nsenter, the first line is nsenter's.
 *
 * @param values what the command line says, as far as it was understood
 */
export function renderFailure(host: Host, failure: TsenterError, values: OptionValues): string {
  const { hint } = failure;
  if (hint === undefined) return `${firstLine(host, failure, values)}\n`;
  const advice = hint.replace(HELP_COMMAND, () => `${nameOf(host)} --help`);
  return `${firstLine(host, failure, values)}\n${styleFor(host, 2).hint(escapeControls(advice))}\n`;
}

function firstLine(host: Host, failure: TsenterError, values: OptionValues): string {
  const sentence = isNsenter(host) ? sentenceFor(failure, values) : undefined;
  if (!sentence) return `${renderPrefix(host)} ${escapeControls(failure.message)}`;
  return `${sentence.getopt ? nameForGetopt(host) : nameOf(host)}: ${escapeControls(sentence.text)}`;
}

/** How messages begin. */
export function renderPrefix(host: Host): string {
  return styleFor(host, 2).prefix(`${nameOf(host)}:`);
}
