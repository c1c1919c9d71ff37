/**
 * Every row of the table, once with nsenter and once with tsenter, in the same surroundings and for the same
 * target: they must not differ, but for what intended.ts lists. With TSENTER_TEST_NSENTER beside a newer nsenter as well.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun, nsenter, run, tsenter } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { compareOutcomes } from './compare.ts';
import { filled } from './filled.ts';
import { type Fixtures, makeFixtures } from './fixtures.ts';
import { intended, intendedBeside, type Reference } from './intended.ts';
import { Tally } from './intended-check.ts';
import { thisWorld } from './observe.ts';
import { type Row, type TargetName, targets } from './row.ts';
import { rows } from './rows.ts';

const references: readonly { readonly reference: Reference; readonly file: string }[] = [
  { reference: '2.38', file: nsenter },
  ...(process.env.TSENTER_TEST_NSENTER === undefined
    ? []
    : [{ reference: 'newest' as const, file: process.env.TSENTER_TEST_NSENTER }]),
];

const versionOf = (file: string) => spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '';

function missing(reference: Reference, file: string): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const version = versionOf(file);
  if (reference === '2.38' && !version.includes(reference))
    return `needs nsenter ${reference}, not: ${version}`;
  return undefined;
}

describe.each(references)('beside nsenter, $reference', ({ reference, file }) => {
  const reason = missing(reference, file);
  if (reason !== undefined) {
    it.skipIf(!mustRun(reason))(`conformance: ${reason}`, () => undefined);
    return;
  }

  const running = new Map<TargetName, Target>();
  const tally = new Tally(intendedBeside(reference));
  let fixtures: Fixtures;
  let copied: Scratch;

  async function compare(row: Row): Promise<void> {
    const target = running.get(row.target);
    if (target === undefined) throw new Error(`no target ${row.target}`);
    const { argv, around } = filled(row, target.pid, fixtures.directory);
    // One after the other: rows run side by side anyway.
    const other = await run([`${copied.path}/nsenter`, ...argv], around);
    const others = compareOutcomes(
      tally,
      row,
      other,
      await run([tsenter, ...argv], around),
      thisWorld(target.pid),
    );
    if (others !== undefined) throw new Error(others);
  }

  beforeAll(async () => {
    if (!isExecutable(tsenter)) throw new Error(`there is no ${tsenter}: build it first`);
    buildPrograms();
    fixtures = makeFixtures();
    // Where every user of the rows may execute it.
    copied = scratch();
    copyFileSync(file, `${copied.path}/nsenter`);
    chmodSync(`${copied.path}/nsenter`, 0o755);
    for (const [name, options] of Object.entries(targets)) {
      running.set(name as TargetName, await startTarget(options));
    }
  });

  afterAll(async () => {
    await Promise.all([...running.values()].map((target) => target.stop()));
    fixtures?.remove();
    copied?.[Symbol.dispose]();
    console.log(`${versionOf(file)}: ${tally.summary()}`);
  });

  describe.concurrent('rows', () => {
    for (const row of rows) it(row.name, () => compare(row));
  });

  it('lists no intended difference that is stale', () => {
    const stale = tally.stale();
    if (stale.length > 0) throw new Error(`no longer so:\n${stale.join('\n')}`);
  });
});

describe('the table', () => {
  it('names every row once', () => {
    const names = rows.map(({ name }) => name);
    const twice = names.filter((name, index) => names.indexOf(name) !== index);
    if (twice.length > 0) throw new Error(`more than one row is called: ${twice.join(', ')}`);
  });

  it('has a row for every intended difference', () => {
    const names = new Set(rows.map(({ name }) => name));
    const listed = intended.flatMap((entry) => (entry.rows === 'any' ? [] : entry.rows));
    const unknown = listed.filter((name) => !names.has(name));
    if (unknown.length > 0) throw new Error(`no such rows: ${unknown.join(', ')}`);
  });

  it('is what the README says of it', () => {
    const readme = readFileSync(`${repository}/README.md`, 'utf8').replace(/\s+/g, ' ');
    const count = (reference: Reference) => intendedBeside(reference).length;
    const said = [
      `run ${rows.length} command lines through tsenter and nsenter 2.38.1`,
      `${count('2.38')} differences are from the one, ${count('newest')} from the other, 0 others`,
    ];
    for (const sentence of said) expect(readme).toContain(sentence);
  });
});
