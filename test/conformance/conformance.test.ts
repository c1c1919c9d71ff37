/**
 * Every row of the table, once with nsenter and once with tsenter, in the same surroundings and for the same
 * target: they must not differ, but for what intended.ts lists.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { isExecutable, mustRun, nsenter, type RunOptions, run, tsenter } from '../support/command.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { type Fixtures, makeFixtures } from './fixtures.ts';
import { intended } from './intended.ts';
import { Tally } from './intended-check.ts';
import { differences, observe } from './observe.ts';
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

function fill(text: string, target: Target): string {
  return text
    .replace(/\{pid\}/g, String(target.pid))
    .replace(/\{probe\}/g, program('probe'))
    .replace(/\{files\}/g, fixtures.directory)
    .replace(/\{ns:(\w+)\}/g, `/proc/${target.pid}/ns/$1`);
}

function surroundings(around: RunOptions, target: Target): RunOptions {
  const { env, cwd, open, ...rest } = around;
  return {
    ...rest,
    ...(cwd === undefined ? {} : { cwd: fill(cwd, target) }),
    ...(open === undefined ? {} : { open: open.map((one) => ({ ...one, path: fill(one.path, target) })) }),
    ...(env === undefined
      ? {}
      : { env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value, target)])) }),
  };
}

const tally = new Tally();

async function compare(row: Row): Promise<void> {
  const target = running.get(row.target);
  if (target === undefined) throw new Error(`no target ${row.target}`);
  const argv = row.argv.map((word) => fill(word, target));
  const around = surroundings(row.around, target);
  // One after the other: rows run side by side anyway.
  const [left, right] = [await run([nsenter, ...argv], around), await run([tsenter, ...argv], around)];
  const seen = observe(row, right, target.pid);
  const others = tally.check(row.name, differences(observe(row, left, target.pid), seen), seen);
  if (others.length === 0) return;
  const lines = others.map((one) => `  ${one.field}: nsenter ${one.nsenter}, tsenter ${one.tsenter}`);
  const shown = (text: Buffer): string => text.toString('latin1').slice(0, 500).trimEnd();
  throw new Error(
    [
      `tsenter ${argv.join(' ').slice(0, 500)}`,
      ...lines,
      `nsenter says: ${shown(left.stderr)}`,
      `tsenter says: ${shown(right.stderr)}`,
    ].join('\n'),
  );
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
