/** The attacks of test/security on one kernel: with the host's root, so that Node, runc and the tests are there. */
import { readFileSync } from 'node:fs';
import { build } from 'esbuild';
import { programDirectory, repository } from '../support/programs.ts';
import type { Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';

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
mount -t cgroup2 cgroup2 /sys/fs/cgroup
export TSENTER_UNDER_TEST=${guestTsenter}
cd ${repository}
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

export async function attack(kernel: Kernel): Promise<Attacked> {
  using root = makeRoot({ kernel, script, host: true });
  const run = await boot({ kernel, root: root.directory, share: '/', memory: 2048 });
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

/** What docs/attacks.md says of tsenter on this machine's kernel: the attack to whether it succeeds, or is not applicable. */
export function documentedAttacks(): readonly (readonly [attack: string, verdict: string])[] {
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
