/**
 * Every row of the conformance table on one kernel, once with nsenter and once with tsenter, and the checks of tsenter alone: all in
 * one machine, by test/programs/guest.c.
 */
import { writeFileSync } from 'node:fs';
import { compareOutcomes } from '../conformance/compare.ts';
import { filled } from '../conformance/filled.ts';
import { makeFixtures } from '../conformance/fixtures.ts';
import { intendedBeside } from '../conformance/intended.ts';
import { Tally } from '../conformance/intended-check.ts';
import { targets } from '../conformance/row.ts';
import { rows as table } from '../conformance/rows.ts';
import { program, programDirectory } from '../support/programs.ts';
import { type CheckKind, checks, checkTargets, misses, signalRows } from './checks.ts';
import { type GuestOutcome, type GuestRun, readRecords, renderJobs, targetPid } from './driver.ts';
import type { Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { guestNsenter, guestTsenter, makeRoot, readOutput } from './root.ts';
import type { Userland } from './userland.ts';

export interface Compared {
  readonly kernel: Kernel;
  readonly milliseconds: number;
  readonly rows: number;
  /** Entries of intended.ts that were seen. */
  readonly intended: number;
  /** What nothing explains, for people. */
  readonly others: readonly string[];
  /** Entries of intended.ts that were not seen. */
  readonly stale: readonly string[];
  readonly checks: readonly {
    readonly kind: CheckKind;
    readonly name: string;
    readonly misses: readonly string[];
  }[];
  /** What `tsenter --version` says of the kernel: `pidfd` to `yes`, and so on. */
  readonly features: ReadonlyMap<string, string>;
  /** What `tsenter --help` says. */
  readonly help: string;
  readonly summary: string;
}

const rows = [...table, ...signalRows];

const script = `
mount -t cgroup2 cgroup2 /sys/fs/cgroup
${guestTsenter} --version >/output/version
${guestTsenter} --help >/output/help
${program('guest')} /etc/guest/jobs /output/records ${programDirectory} 2>/output/errors
`;

function render(files: string): GuestRun[] {
  const ofRows = rows.flatMap((row): GuestRun[] => {
    const { argv, around } = filled(row, targetPid, files);
    return [guestNsenter, guestTsenter].map((file) => ({
      target: row.target,
      command: [file, ...argv],
      around,
    }));
  });
  const ofChecks = checks.map(({ target, shell, ...check }): GuestRun => {
    const { argv, around } = filled(check, targetPid, files);
    return { target, command: [...(shell === true ? ['/bin/sh', '-c'] : [guestTsenter]), ...argv], around };
  });
  return [...ofRows, ...ofChecks];
}

interface Seen {
  /** Of each run. */
  readonly outcomes: (GuestOutcome | Error)[];
  readonly version: string;
  readonly help: string;
  readonly milliseconds: number;
}

async function observe(kernel: Kernel, userland?: Userland): Promise<Seen> {
  using root = makeRoot({ kernel, script, ...(userland === undefined ? {} : { userland }) });
  const fixtures = makeFixtures(`${root.directory}/srv`);
  const runs = render(fixtures.directory.slice(root.directory.length));
  writeFileSync(`${root.directory}/etc/guest/jobs`, renderJobs({ ...targets, ...checkTargets }, runs));
  const run = await boot({ kernel, root: root.directory });
  const files = readOutput(run);
  if (files.get('status')?.toString() !== '0\n')
    throw new Error(`${kernel.version}: the driver failed: ${files.get('errors')}`);
  const outcomes = readRecords(files.get('records') ?? Buffer.alloc(0), runs);
  if (outcomes.length !== runs.length)
    throw new Error(`${kernel.version}: ${outcomes.length} records of ${runs.length}`);
  return {
    outcomes,
    version: `${files.get('version')}`,
    help: `${files.get('help')}`,
    milliseconds: run.milliseconds,
  };
}

export async function compareRows(kernel: Kernel, userland?: Userland): Promise<Compared> {
  const { outcomes, version, help, milliseconds } = await observe(kernel, userland);
  const next = (): GuestOutcome | Error => outcomes.shift() ?? new Error('no record');
  const tally = new Tally(intendedBeside('2.38'));
  const others = rows.flatMap((row): string[] => {
    const [left, right] = [next(), next()];
    for (const one of [left, right]) if (one instanceof Error) return [`${row.name}: ${one.message}`];
    if (left instanceof Error || right instanceof Error) return [];
    const different = compareOutcomes(tally, row, left, right, right.world);
    return different === undefined ? [] : [`${row.name}: ${different}`];
  });
  return {
    kernel,
    milliseconds,
    ...tally.counts(),
    others,
    stale: tally.stale(),
    checks: checks.map(({ kind, name, expected }) => {
      const outcome = next();
      return { kind, name, misses: outcome instanceof Error ? [outcome.message] : misses(expected, outcome) };
    }),
    features: featuresIn(version),
    help,
    summary: `${kernel.version}: ${tally.summary()}, in ${Math.round(milliseconds / 1000)} s`,
  };
}

function featuresIn(version: string): Map<string, string> {
  const [, list = ''] = /^kernel: .*\((.*)\)$/m.exec(version) ?? [];
  return new Map(list.split(', ').map((one) => [one.replace(/ \S+$/, ''), one.replace(/^.* /, '')]));
}
