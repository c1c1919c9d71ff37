/**
 * Observes each situation with each tool, a few times, and writes docs/transparency.md: every cell is what was seen in this run.
 *
 *     npm run transparency                       all of it
 *     npm run transparency -- nsenter Ctrl-C     only tools and situations that have one of the words; printed
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { buildPrograms, repository } from '../support/programs.ts';
import type { Situation } from './situation.ts';
import { interrupt } from './situations/interrupt.ts';
import { parent } from './situations/parent.ts';
import { signals } from './situations/signals.ts';
import { status } from './situations/status.ts';
import { stops } from './situations/stops.ts';
import { terminal } from './situations/terminal.ts';
import { type Place, type Tool, tools } from './tools.ts';

const situations = [...interrupt, ...signals, ...status, ...stops, ...terminal, ...parent];

function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  words: readonly string[],
): readonly T[] {
  const some = all.filter(({ name }) => words.includes(name) || words.some((word) => name.startsWith(word)));
  return some.length > 0 ? some : all;
}

async function cell(situation: Situation, place: Place): Promise<string> {
  const limit = situation.limit ?? 40_000;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no end within ${limit / 1000} s`), limit);
  });
  try {
    return await Promise.race([situation.observe(place), late]);
  } catch (error) {
    return `could not be observed: ${String(error instanceof Error ? error.message : error).split('\n')[0]}`;
  } finally {
    clearTimeout(timer);
  }
}

/** The cells of a column, by situation. */
async function column(tool: Tool, rows: readonly Situation[]): Promise<Map<string, string>> {
  const missing = tool.missing();
  if (missing !== undefined) return new Map(rows.map(({ name }) => [name, `not observed: ${missing}`]));
  const cells = new Map<string, string>();
  await using place = await tool.open();
  for (const row of rows) {
    const seen = await cell(row, place);
    console.log(`${tool.name} | ${row.name} | ${seen}`);
    cells.set(row.name, seen);
  }
  return cells;
}

/** How often everything is looked at, for a cell may be decided by a race. */
const TIMES = 3;

/** What was seen most often, marked where it was not always that. */
function usual(seen: readonly string[]): string {
  const times = (one: string) => seen.filter((other) => other === one).length;
  const [most = ''] = [...seen].sort((one, other) => times(other) - times(one));
  return times(most) === seen.length ? most : `${most} \\*`;
}

async function usualColumn(tool: Tool): Promise<Map<string, string>> {
  const looks: Map<string, string>[] = [];
  for (let time = 0; time < TIMES; time++) looks.push(await column(tool, situations));
  return new Map(
    situations.map(({ name }) => [name, usual(looks.map((cells) => cells.get(name) ?? ''))] as const),
  );
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replace(/\|/g, '\\|').replace(/\r/g, '')).join(' | ')} |`;
}

function table(columns: ReadonlyMap<Tool, ReadonlyMap<string, string>>): string {
  const names = [...columns.keys()].map(({ name }) => `\`${name}\``);
  return [
    line(['situation', ...names]),
    line(['---', ...names.map(() => '---')]),
    ...situations.map(({ name }) =>
      line([name, ...[...columns.values()].map((cells) => cells.get(name) ?? '')]),
    ),
  ].join('\n');
}

function document(columns: ReadonlyMap<Tool, ReadonlyMap<string, string>>): string {
  return `# How transparent the waiting parent is

Between the person and the program stands the process that has entered and waits. This is what each tool does in each
situation, as \`npm run transparency\` has seen it (Linux ${release()}; ${tools
    .filter(({ name }) => !name.includes('--'))
    .map(({ version }) => version)
    .join('; ')}). The file is written by that command; no cell is typed in. Each was
looked at ${TIMES} times: \\* is where it was not always the same, for it is decided by a race, or at random.

${table(columns)}

## The situations

${situations.map(({ name, sentence }) => `- **${name}**: ${sentence}`).join('\n')}
`;
}

const words = process.argv.slice(2);
const rows = chosen(situations, words);
const observed = chosen(tools, words);
buildPrograms();
if (rows === situations && observed === tools) {
  const columns = new Map<Tool, Map<string, string>>();
  for (const tool of observed) columns.set(tool, await usualColumn(tool));
  writeFileSync(`${repository}/docs/transparency.md`, document(columns));
} else for (const tool of observed) await column(tool, rows);
// What a cell that was too late still waits for must not hold the end.
process.exit(0);
