/** The attacks of test/security on one kernel: with the host's root, so that Node, runc and the tests are there. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { programDirectory, repository } from '../support/programs.ts';
import type { Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { inRepository, makeRoot, readOutput, shareOf } from './root.ts';
import type { Userland } from './userland.ts';

export interface Attacked {
  readonly kernel: Kernel;
  readonly milliseconds: number;
  /** `target | attack` to what was seen. */
  readonly tsenter: ReadonlyMap<string, string>;
  /** The first of them against nsenter, which shows that they are attacks there. */
  readonly nsenter: ReadonlyMap<string, string>;
}

const bundle = `${programDirectory}/attacks.mjs`;
/** An attack that succeeds against nsenter. */
const proof = 'overwrite';

const script = `
${inRepository}
node ${bundle} tsenter >/output/tsenter 2>&1 && node ${bundle} nsenter ${proof} >/output/nsenter 2>&1
`;

/** Node 20 executes no TypeScript. */
export async function buildAttacks(): Promise<void> {
  await build({
    entryPoints: [`${repository}/test/security/attacks/main.ts`],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
  });
}

export async function attack(kernel: Kernel, userland?: Userland): Promise<Attacked> {
  using root = makeRoot({ kernel, script, host: true, ...(userland === undefined ? {} : { userland }) });
  const run = await boot({
    kernel,
    root: root.directory,
    share: shareOf(userland),
    memory: 2048,
    timeout: 1_800_000,
  });
  const files = readOutput(run);
  const seen = (tool: string): Map<string, string> => {
    const lines = files.get(tool)?.toString().split('\n') ?? [];
    const cells = lines.map((line) => line.split(' | ')).filter(([name]) => name === tool);
    return new Map(cells.map(([, kind, name, ...rest]) => [`${kind} | ${name}`, rest.join(' | ')]));
  };
  if (files.get('status')?.toString() !== '0\n')
    throw new Error(`${kernel.version}: ${files.get('tsenter')}${files.get('nsenter') ?? ''}`);
  return { kernel, milliseconds: run.milliseconds, tsenter: seen('tsenter'), nsenter: seen('nsenter') };
}

type Verdicts = readonly (readonly [attack: string, verdict: string])[];

/** Each attack with what became of it. */
export function verdicts(seen: Attacked['tsenter']): Verdicts {
  return [...seen].map(([key, cell]) => [key.replace(/^.*? \| /, ''), verdict(cell)]);
}

/** What docs/attacks.md says of tsenter on this machine's kernel: the attack to whether it succeeds, or is not applicable. */
export function documentedAttacks(): Verdicts {
  const lines = readFileSync(`${repository}/docs/attacks.md`, 'utf8').split('\n');
  const cells = lines.filter((line) => line.startsWith('| ')).map((line) => line.slice(2, -2).split(' | '));
  const [head = [], , ...rows] = cells;
  const column = head.indexOf('`tsenter`');
  return rows.map((row) => [row[1] ?? '', verdict(row[column] ?? '')]);
}

/** `fails`, `succeeds`, `not tried` or `-`. */
export function verdict(cell: string): string {
  return cell.replace(/\*\*/g, '').replace(/(:| \().*/s, '');
}
