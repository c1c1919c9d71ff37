import type { OptionLookup } from '../options/lookup.ts';
import type { OptionValues } from '../options/table.ts';
import type { Host } from '../plan/host.ts';
import { parseFailureStatus } from '../request/parse-value.ts';
import { SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import type { Screens } from './screens/screens.ts';
import { parseWords, type Token } from './words/getopt.ts';
import { withPreset } from './words/preset.ts';

/** Of failures that nobody gave another one. */
const OWN_FAILURE = 1;

/**
 * Tells what was thrown, and gives the exit status.
 *
 * @param values what the command line says, as far as it was understood
 * @param options all that there are
 */
export function reportFailure(
  host: Host,
  error: unknown,
  screens: Screens,
  values: OptionValues,
  options: OptionLookup,
): number {
  const failure = error instanceof SystemError ? describeCall(host, error) : error;
  if (!(failure instanceof TsenterError)) throw error;
  host.write(2, screens.failure(host, failure, values));
  return failure.status === OWN_FAILURE ? ownStatus(host, values, options) : failure.status;
}

/** What --failure-status says, as far as it could be understood. */
function ownStatus(host: Host, values: OptionValues, options: OptionLookup): number {
  try {
    const value =
      values['failure-status'] ?? lastOf(typedTokens(host, options)) ?? lastOf(presetTokens(host));
    return typeof value === 'string' ? parseFailureStatus(value) : OWN_FAILURE;
  } catch {
    return OWN_FAILURE;
  }
}

/** Those up to the word that could not be parsed. */
function typedTokens(host: Host, options: OptionLookup): readonly Token[] {
  const tokens: Token[] = [];
  try {
    parseWords(host.words, options, tokens);
  } catch {
    // It has been told.
  }
  return tokens;
}

function presetTokens(host: Host): readonly Token[] {
  const preset = host.isPrivileged() ? undefined : host.variable('TSENTER_OPTIONS');
  return preset === undefined ? [] : withPreset(preset, []);
}

function lastOf(tokens: readonly Token[]): string | true | undefined {
  let last: string | true | undefined;
  for (const { row, value } of tokens) if (row.long === 'failure-status') last = value;
  return last;
}

/** A system call whose failure nobody put into words. */
function describeCall(sys: Sys, { call, errno }: SystemError): TsenterError {
  return new TsenterError({ verb: 'call', object: call, cause: sys.describe(errno), errno });
}
