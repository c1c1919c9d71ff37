/** What both made of a row, held against each other. */
import type { Outcome } from '../support/command.ts';
import type { Tally } from './intended-check.ts';
import { differences, observe, type World } from './observe.ts';
import type { Row } from './row.ts';

/** The differences that nothing explains, for people. */
export function compareOutcomes(
  tally: Tally,
  row: Row,
  nsenter: Outcome,
  tsenter: Outcome,
  world: World,
): string | undefined {
  const seen = observe(row, tsenter, world);
  const others = tally.check(row.name, differences(observe(row, nsenter, world), seen), seen);
  if (others.length === 0) return undefined;
  const shown = (text: Buffer): string => text.toString('latin1').slice(0, 500).trimEnd();
  return [
    `tsenter ${row.argv.join(' ').slice(0, 500)}`,
    ...others.map((one) => `  ${one.field}: nsenter ${one.nsenter}, tsenter ${one.tsenter}`),
    `nsenter says: ${shown(nsenter.stderr)}`,
    `tsenter says: ${shown(tsenter.stderr)}`,
  ].join('\n');
}
