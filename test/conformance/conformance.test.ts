/**
 * Every row of the table, once with nsenter and once with tsenter, in the same surroundings and for the same
 * target: they must not differ, but for what intended.ts lists.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { isExecutable, mustRun, nsenter, run, tsenter } from '../support/command.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { compareOutcomes } from './compare.ts';
import { filled } from './filled.ts';
import { type Fixtures, makeFixtures } from './fixtures.ts';
import { intended } from './intended.ts';
import { Tally } from './intended-check.ts';
import { thisWorld } from './observe.ts';
import { type Row, type TargetName, targets } from './row.ts';
import { rows } from './rows.ts';

const reference = '2.38';

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const version = spawnSync(nsenter, ['--version'], { encoding: 'utf8' }).stdout ?? '';
  if (!version.includes(reference)) return `needs nsenter ${reference}, not: ${version.trim()}`;
  return undefined;
}

const running = new Map<TargetName, Target>();
let fixtures: Fixtures;

const tally = new Tally();

async function compare(row: Row): Promise<void> {
  const target = running.get(row.target);
  if (target === undefined) throw new Error(`no target ${row.target}`);
  const { argv, around } = filled(row, target.pid, fixtures.directory);
  // One after the other: rows run side by side anyway.
  const [left, right] = [await run([nsenter, ...argv], around), await run([tsenter, ...argv], around)];
  const others = compareOutcomes(tally, row, left, right, thisWorld(target.pid));
  if (others !== undefined) throw new Error(others);
}

const reason = missing();

if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`conformance: ${reason}`, () => undefined);
} else {
  beforeAll(async () => {
    if (!isExecutable(tsenter)) throw new Error(`there is no ${tsenter}: build it first`);
    buildPrograms();
    fixtures = makeFixtures();
    for (const [name, options] of Object.entries(targets)) {
      running.set(name as TargetName, await startTarget(options));
    }
  });

  afterAll(async () => {
    await Promise.all([...running.values()].map((target) => target.stop()));
    fixtures?.remove();
    console.log(tally.summary());
  });

  describe.concurrent('rows', () => {
    for (const row of rows) it(row.name, () => compare(row));
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

    it('lists no intended difference that is stale', () => {
      const stale = tally.stale();
      if (stale.length > 0) throw new Error(`no longer so:\n${stale.join('\n')}`);
    });
  });
}
