import type { OptionValues } from '../../options/table.ts';
import type { Host } from '../../plan/host.ts';
import type { Shell } from '../../request/parse-value.ts';
import type { Program } from '../../request/request.ts';
import type { TsenterError } from '../../sys/errors.ts';
import type { Token } from '../words/getopt.ts';

/** What only people read. Nothing of it is needed to enter a target; a host may load each when it is asked for. */
export interface Screens {
  help(host: Host): string;
  version(host: Host): string;
  /** writes it, and gives the exit status */
  explain(host: Host, values: OptionValues, program: Program): number;
  completion(host: Host, shell: Shell): string;
  /**
   * Looks at all that can be entered, writes it itself, and gives the exit status.
   *
   * @param given the options that were typed
   * @param first the index of the first operand among the words
   */
  list(host: Host, given: readonly Token[], first: number): number;
  /** `tsenter:`, as messages begin */
  prefix(host: Host): string;
  failure(host: Host, error: TsenterError, values: OptionValues): string;
}
