/**
 * Writes docs/kernels.md: every cell is what was seen in this run.
 *
 *     npm run kernels
 */
import { writeFileSync } from 'node:fs';
import { rows as table } from '../conformance/rows.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { type Attacked, attack, buildAttacks, verdict } from './attack.ts';
import type { CheckKind } from './checks.ts';
import { type Compared, compareRows } from './compare-rows.ts';
import { fetchKernel, type Kernel, type KernelName, kernelNames } from './kernels.ts';

interface Seen {
  readonly kernel: Kernel;
  readonly compared: Compared;
  readonly attacked: Attacked;
}

async function look(name: KernelName): Promise<Seen> {
  const kernel = await fetchKernel(name);
  const compared = await compareRows(kernel);
  console.log(compared.summary);
  const attacked = await attack(kernel);
  console.log(`${kernel.version}: ${attacked.tsenter.size} attacks, in ${seconds(attacked.milliseconds)}`);
  return { kernel, compared, attacked };
}

const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 1000)} s`;

/** Two machines at a time: one has a processor of its own. */
async function lookAll(): Promise<Seen[]> {
  const left = [...kernelNames];
  const seen = new Map<KernelName, Seen>();
  const next = async (): Promise<void> => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) seen.set(name, await look(name));
  };
  await Promise.all([next(), next()]);
  return kernelNames.flatMap((name) => seen.get(name) ?? []);
}

function held(compared: Compared, kind: CheckKind): string {
  const some = compared.checks.filter((check) => check.kind === kind);
  return `${some.filter((check) => check.misses.length === 0).length} of ${some.length}`;
}

/** How many fail, and what became of each other one. */
function attacks({ tsenter }: Attacked): string {
  const others = [...tsenter].filter(([, cell]) => verdict(cell) !== 'fails');
  const named = others.map(([key, cell]) => `${key.replace(/^.*? \| /, '')}: ${cell.replace(/\*\*/g, '')}`);
  const count = `${tsenter.size - others.length} of ${tsenter.size}`;
  return [count, ...named].join('; ');
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}

function document(seen: readonly Seen[]): string {
  const row = (title: string, cell: (one: Seen) => string | number): string =>
    line([title, ...seen.map(cell)]);
  const features = [...new Set(seen.flatMap(({ compared }) => [...compared.features.keys()]))];
  return `# Other kernels

What tsenter does on kernels that people run, as \`npm run kernels\` has seen it: those of Debian's suites, in a machine without hardware
support (\`test/kernels\`). The file is written by that command; no cell is typed in.

${line(['', ...seen.map(({ kernel }) => kernel.name)])}
${line(['---', ...seen.map(() => '---')])}
${row('kernel', ({ kernel }) => kernel.version)}
${row('command lines that nsenter has as well', ({ compared }) => compared.rows)}
${row('intended differences seen', ({ compared }) => compared.intended)}
${row('other differences', ({ compared }) => compared.others.length)}
${row('statuses 0 to 255', ({ compared }) => held(compared, 'status'))}
${row('signals for the waiting tsenter that end the program', ({ compared }) => held(compared, 'signal'))}
${row('tsenter killed', ({ compared }) => held(compared, 'kill'))}
${row('cgroups joined', ({ compared }) => held(compared, 'cgroup'))}
${row('attacks that fail', ({ attacked }) => attacks(attacked))}
${features.map((feature) => row(`\`--version\`: ${feature}`, ({ compared }) => compared.features.get(feature) ?? '')).join('\n')}

The command lines are the ${table.length} of \`test/conformance/rows.ts\`, and one for each signal that it has no row of; intended differences
are those of \`test/conformance/intended.ts\`, with the reasons. An attack that succeeds is explained in [attacks.md](attacks.md).
`;
}

buildPrograms();
await buildAttacks();
const seen = await lookAll();
writeFileSync(`${repository}/docs/kernels.md`, document(seen));
for (const { kernel, compared } of seen)
  for (const other of [...compared.others, ...compared.stale]) console.log(`${kernel.version}: ${other}`);
