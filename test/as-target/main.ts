/**
 * Looks at a program that an engine executes in its container, and at one that tsenter executes there with --as-target, and writes
 * docs/as-target.md: every cell is what was seen in this run.
 *
 *     npm run as-target            all of it
 *     npm run as-target -- docker  only cases of these engines; printed
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { Container } from '../engines/container.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { CASES, placeOf } from './cases.ts';
import { type Difference, differencesOf } from './differences.ts';
import { lookThrough } from './look.ts';

const tsenter = process.env.TSENTER_UNDER_TEST ?? `${repository}/dist/native/tsenter`;
const WAYS = ['--as-target', '--as-target=+seccomp'];

interface Seen {
  name: string;
  fields: number;
  /** by the options */
  differences: ReadonlyMap<string, readonly Difference[]>;
}

function observe(engines: readonly string[]): Seen[] {
  return CASES.filter(({ engine }) => engines.length === 0 || engines.includes(engine)).map((one) => {
    const container = new Container(one.engine);
    try {
      const { place, end } = placeOf(one, container);
      const theirs = lookThrough(place.engine);
      const differences = WAYS.map((way) => {
        const ours = lookThrough([tsenter, '-t', String(place.pid), way]);
        return [way, differencesOf(one.name, theirs, ours)] as const;
      });
      end();
      return { name: one.name, fields: theirs.size, differences: new Map(differences) };
    } finally {
      container.down();
    }
  });
}

function cell(text: string): string {
  const shown = text === '' ? '-' : text.replace(/[0-9a-f]{64}/g, 'ID').replace(/\|/g, '\\|');
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
}

function table({ name, fields, differences }: Seen): string {
  const [usual = [], filtered = []] = WAYS.map((way) => differences.get(way));
  const only = usual.filter(({ field }) => !filtered.some((other) => other.field === field));
  const row = (when: string) => (difference: Difference) =>
    `| ${difference.field} | ${cell(difference.engine)} | ${cell(difference.tsenter)} | ${when}${difference.why ?? '**not explained**'} |`;
  const rows = [...filtered.map(row('')), ...only.map(row('without `+seccomp`: '))];
  const head = `## ${name}\n\n${fields} fields compared.`;
  if (rows.length === 0) return `${head} No difference.\n`;
  return `${head}\n\n| field | the engine's | tsenter's | why |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

function versions(): string {
  const first = (command: string, ...words: string[]) =>
    execFileSync(command, words, { encoding: 'utf8' }).split('\n')[0] ?? '';
  return [
    first('runc', '--version'),
    first('crun', '--version'),
    first('podman', '--version'),
    first('docker', '--version'),
    `lxc-attach ${first('lxc-attach', '--version')}`,
    first(tsenter, '--version'),
  ].join('; ');
}

buildPrograms();
const engines = process.argv.slice(3);
const seen = observe(engines);
const tables = seen.map(table).join('\n');
if (engines.length > 0) console.log(tables);
else
  writeFileSync(
    `${repository}/docs/as-target.md`,
    `# As the engine would

What a program is that an engine executes in its container, and what one is that \`tsenter --as-target\` executes there, each seen from inside by
the same shell: status, limits, cgroups, environment, label, session keyring, mounts, session, scheduling, descriptors, root, directory,
namespaces. Every difference is listed. \`npm run as-target\` writes this file (Linux ${release()}; ${versions()}); no cell is typed in, and
\`test/engines/as-target.test.ts\` fails on a difference without a reason.

${tables}`,
  );
const unexplained = seen.flatMap(({ name, differences }) =>
  [...differences.values()]
    .flat()
    .filter(({ why }) => why === undefined)
    .map(({ field }) => `${name}: ${field}`),
);
if (unexplained.length > 0) {
  console.error(`not explained: ${unexplained.join(', ')}`);
  process.exitCode = 1;
}
