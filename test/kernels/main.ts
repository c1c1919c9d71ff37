/**
 * Writes docs/kernels.json, of which docs/kernels.md and what the manual, the README and --version tell of kernels are rendered: all of
 * it is what was seen in this run.
 *
 *     npm run kernels [-- SUITE... ARCHITECTURE... PART...]
 *
 * What is not asked for stays as it was seen before.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { KernelFeatureName } from '../../src/options/kernel-features.ts';
import type { TriedKernel } from '../../src/rendered/tried-kernels.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { type Attacked, attack, buildAttacks, verdict } from './attack.ts';
import type { CheckKind } from './checks.ts';
import { type Compared, compareRows } from './compare-rows.ts';
import { tryFeatures } from './features.ts';
import { type Architecture, fetchKernel, type Kernel, type KernelName, kernelNames } from './kernels.ts';
import { runLayers, signalFiles } from './run-layers.ts';
import { type Denied, tryApparmor, trySelinux } from './security-modules.ts';
import { makePolicy } from './selinux.ts';
import { doCases, systemdSuites } from './systemd-cases.ts';
import { type Settled, trySettings } from './try-settings.ts';
import { arm64Host, arm64Userland, type Userland } from './userland.ts';

type Seen = Record<string, string>;

/** What is no success is said here; the table has how many. */
function told(kernel: Kernel, what: string, wrong: readonly string[]): void {
  console.log([`${kernel.version}: ${what}`, ...wrong].join('\n  '));
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;

const of = (all: number, wrong: number): string => `${all - wrong} of ${all}`;

function compared(kernel: Kernel, { others, stale, checks, ...seen }: Compared): Seen {
  told(kernel, 'command lines', [...others, ...stale]);
  const held = (kind: CheckKind): string => {
    const some = checks.filter((check) => check.kind === kind);
    return of(some.length, some.filter((check) => check.misses.length > 0).length);
  };
  return {
    'command lines that nsenter has as well': `${seen.rows}`,
    'intended differences seen': `${seen.intended}`,
    'other differences': `${others.length}`,
    'statuses 0 to 255': held('status'),
    'signals for the waiting tsenter that end the program': held('signal'),
    'tsenter killed': held('kill'),
    'cgroups joined': held('cgroup'),
    'all of that took': seconds(seen.milliseconds),
  };
}

function settled(kernel: Kernel, { tried, milliseconds }: Settled): Seen {
  const there = tried.filter(({ missing }) => missing === undefined);
  const wrong = tried.flatMap((one) => one.wrong.map((how) => `${one.what}: ${how}`));
  told(kernel, 'settings', wrong);
  return {
    'settings of the machine': of(there.length, there.filter((one) => one.wrong.length > 0).length),
    'settings took': seconds(milliseconds),
  };
}

/** How many fail, and what became of each other one. */
function attacked(kernel: Kernel, { tsenter, milliseconds }: Attacked): Seen {
  const others = [...tsenter].filter(([, cell]) => verdict(cell) !== 'fails');
  const named = others.map(([key, cell]) => `${key.replace(/^.*? \| /, '')}: ${cell.replace(/\*\*/g, '')}`);
  told(kernel, 'attacks', []);
  return {
    'attacks that fail': [of(tsenter.size, others.length), ...named].join('; '),
    'attacks took': seconds(milliseconds),
  };
}

function denied(kernel: Kernel, module: string, { rows, wrong, milliseconds }: Denied): Seen {
  told(kernel, module, wrong);
  return { [`${module}, enforcing`]: of(rows, wrong.length), [`${module} took`]: seconds(milliseconds) };
}

async function signals(kernel: Kernel, host?: Userland): Promise<Seen> {
  const words = ['--project=terminal', ...signalFiles];
  const { passed, failed, skipped, milliseconds } = await runLayers(kernel, words, host);
  told(kernel, 'signals', [...failed, ...skipped]);
  return {
    'tests of signals and job control': of(
      passed + failed.length + skipped.length,
      failed.length + skipped.length,
    ),
    'signals took': seconds(milliseconds),
  };
}

async function systemd(kernel: Kernel): Promise<Seen> {
  if (!systemdSuites.some((suite) => suite === kernel.name)) return {};
  const { wrong, milliseconds, version, missing } = await doCases(kernel.name);
  const bad = wrong.flatMap((one) => one ?? []);
  told(kernel, version, bad);
  const which = [version.replace(/ \(.*/, ''), ...missing.map((what) => `${what} is not there`)].join('; ');
  return {
    'cases with systemd': `${of(wrong.length - missing.length, bad.length)} (${which})`,
    'systemd took': seconds(milliseconds),
  };
}

/** With the host's own root, or what takes its place. */
const byNode: Readonly<Record<string, (kernel: Kernel, host?: Userland) => Promise<Seen>>> = {
  attacks: async (kernel, host) => attacked(kernel, await attack(kernel, host)),
  signals,
};

/** Not on arm64: of the architecture of the host, with its programs. */
const ofHost: Readonly<Record<string, (kernel: Kernel) => Promise<Seen>>> = {
  apparmor: async (kernel) => denied(kernel, 'AppArmor', await tryApparmor(kernel)),
  selinux: async (kernel) => denied(kernel, 'SELinux', await trySelinux(kernel, await makePolicy())),
  systemd,
};

async function features(kernel: Kernel, userland?: Userland): Promise<TriedKernel['features']> {
  const found = [...(await tryFeatures(kernel, userland))].map(([name, { isThere }]) => [name, isThere]);
  return Object.fromEntries(found) as Record<KernelFeatureName, boolean>;
}

async function look(name: KernelName, architecture: Architecture): Promise<TriedKernel> {
  const kernel = await fetchKernel(name, architecture);
  const userland = architecture === 'amd64' ? undefined : await arm64Userland();
  const seen: Seen = {};
  if (isWanted('rows')) Object.assign(seen, compared(kernel, await compareRows(kernel, userland)));
  if (isWanted('settings')) Object.assign(seen, settled(kernel, await trySettings(kernel, userland)));
  const host = architecture === 'amd64' ? undefined : await arm64Host();
  for (const [part, tried] of Object.entries(byNode))
    if (isWanted(part)) Object.assign(seen, await tried(kernel, host));
  for (const [part, tried] of Object.entries(userland === undefined ? ofHost : {}))
    if (isWanted(part)) Object.assign(seen, await tried(kernel));
  return {
    suite: name,
    architecture,
    version: kernel.version,
    seen,
    features: await features(kernel, userland),
  };
}

/** Two machines at a time: one has a processor of its own. */
async function lookAll(wanted: readonly Wanted[]): Promise<void> {
  const tried: TriedKernel[] = [];
  const left = wanted.values();
  const next = async (): Promise<void> => {
    for (const one of left) {
      tried.push(await look(...one));
      write(tried);
    }
  };
  await Promise.all([next(), next()]);
}

type Wanted = readonly [suite: KernelName, architecture: Architecture];
const all: readonly Wanted[] = [...kernelNames.map((name): Wanted => [name, 'amd64']), ['trixie', 'arm64']];
const asked = process.argv.slice(3);
const suites = asked.filter((word) => kernelNames.some((name) => name === word));
const architectures = asked.filter((word) => ['amd64', 'arm64'].includes(word));
const parts = asked.filter((word) => ![...suites, ...architectures].includes(word));
const isAmong = (word: string, some: readonly string[]): boolean => some.length === 0 || some.includes(word);
const isWanted = (part: string): boolean => isAmong(part, parts);
for (const part of parts)
  if (!['rows', 'settings', ...Object.keys({ ...byNode, ...ofHost })].includes(part))
    throw new Error(`no part ${part}`);
const file = `${repository}/docs/kernels.json`;

const known = JSON.parse(readFileSync(file, 'utf8')) as TriedKernel[];

/** What was seen so far: who fails later takes nothing of it away. */
function write(tried: readonly TriedKernel[]): void {
  const found = all.flatMap(([suite, architecture]) => {
    const isIt = (one: TriedKernel): boolean => one.suite === suite && one.architecture === architecture;
    const [now, then] = [tried.find(isIt), known.find(isIt)];
    // Of another kernel nothing is kept, nor of one of which everything was asked.
    return now && then?.version === now.version && asked.length > 0
      ? { ...now, seen: { ...then.seen, ...now.seen } }
      : (now ?? then ?? []);
  });
  writeFileSync(file, `${JSON.stringify(found, null, 2)}\n`);
}

buildPrograms();
await buildAttacks();
await lookAll(
  all.filter(([suite, architecture]) => isAmong(suite, suites) && isAmong(architecture, architectures)),
);
execFileSync(process.execPath, [`${repository}/scripts/render.mjs`]);
