/**
 * Runs each attack against each tool, and writes docs/attacks.md: every cell is what was seen in this run.
 *
 *     npm run attacks                        all of it
 *     npm run attacks -- nsenter overwrite   only tools and attacks that begin with one of the words; printed
 */
import { writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { buildPrograms, repository } from '../../support/programs.ts';
import type { Attack } from './attack.ts';
import { fewDescriptors } from './descriptors.ts';
import { directoryOfDescriptor, directoryOfProcess } from './directory.ts';
import { hugeEnvironment } from './environment.ts';
import { killGroup } from './group.ts';
import { useCapabilities, useDescriptors } from './handed-on.ts';
import { readKeys } from './keyring.ts';
import { NotApplicable } from './not-applicable.ts';
import { overwrite } from './overwrite.ts';
import { switchRoots } from './roots.ts';
import { makeSiblings } from './siblings.ts';
import { type AttackTarget, attackTarget, type Kind, missingFor } from './targets.ts';
import { attackTerminal } from './terminal.ts';
import { showText } from './text.ts';
import { asTargetTool, lxcTool, nsenterTool, runcTool, type Tool, tsenterTool } from './tools.ts';
import { holdChild } from './unresponsive.ts';

interface Row {
  readonly attack: Attack;
  /** What is entered; an engine enters a container of its own, if any. */
  readonly kind: Kind;
  readonly engines: boolean;
}

const row = (kind: Kind, attack: Attack): Row => ({ kind, attack, engines: false });
const anywhere = (kind: Kind, attack: Attack): Row => ({ kind, attack, engines: true });
const user = { uid: 1000 };
const limits = Array.from({ length: 38 }, (_, index) => index + 3);

const rows: readonly Row[] = [
  anywhere('runc', overwrite(user)),
  anywhere('runc', overwrite({})),
  row('priv', overwrite({})),
  row('uns', overwrite(user)),
  row('ido', overwrite({})),
  row('rootless', overwrite({})),
  row('shared', directoryOfProcess({ ...user })),
  anywhere('shared', directoryOfDescriptor({})),
  anywhere('runc', holdChild({ by: 'SIGTERM' })),
  anywhere('runc', holdChild({ by: '^C', pty: true })),
  anywhere('runc', readKeys(user)),
  row('uns', readKeys({})),
  anywhere('runc', attackTerminal()),
  anywhere('runc', killGroup({})),
  anywhere('runc', killGroup({ pty: true })),
  row('priv', hugeEnvironment('nul')),
  row('priv', hugeEnvironment('names')),
  anywhere('runc', showText()),
  row('priv', switchRoots({ words: ['-r', '-m'] }, 300)),
  anywhere('runc', makeSiblings({})),
  anywhere('runc', useDescriptors({})),
  anywhere('runc', useCapabilities({})),
  anywhere('runc', readKeys({})),
  anywhere('runc', fewDescriptors({ pty: true }, limits)),
];

const titles: Readonly<Record<Kind, string>> = {
  runc: 'a container',
  lxc: 'a container',
  priv: 'privileged',
  shared: "with the host's processes",
  uns: 'a user namespace of other ids',
  ido: 'a user namespace of the same ids',
  rootless: 'of an ordinary user, who enters',
};

/** A container of each kind, for as long as a tool is attacked. */
class Targets implements AsyncDisposable {
  readonly #targets = new Map<Kind, AttackTarget>();

  async get(kind: Kind): Promise<AttackTarget> {
    const target = this.#targets.get(kind) ?? (await attackTarget(kind));
    this.#targets.set(kind, target);
    return target;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const target of this.#targets.values()) await target[Symbol.asyncDispose]();
  }
}

async function cell(tool: Tool, { attack, kind, engines }: Row, targets: Targets): Promise<string> {
  const [own = kind] = tool.kinds;
  const entered = tool.kinds.includes(kind) ? kind : own;
  if (tool.kinds.length === 1 && !engines) return '- (it enters its own containers only)';
  const missing = missingFor(entered);
  if (missing !== undefined) return `not tried: ${missing}`;
  try {
    const { succeeded, seen } = await attack.run(tool, await targets.get(entered));
    return `${succeeded ? '**succeeds**' : 'fails'}: ${seen}`;
  } catch (error) {
    const [cause = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    return error instanceof NotApplicable ? `- (${cause})` : `not tried: ${cause}`;
  }
}

async function column(tool: Tool, chosen: readonly Row[]): Promise<readonly string[]> {
  const missing = tool.missing();
  if (missing !== undefined) return chosen.map(() => `not tried: ${missing}`);
  const cells: string[] = [];
  await using targets = new Targets();
  for (const one of chosen) {
    const seen = await cell(tool, one, targets);
    console.log(`${tool.name} | ${one.kind} | ${one.attack.name} | ${seen}`);
    cells.push(seen);
  }
  return cells;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((text) => text.replace(/\|/g, '\\|')).join(' | ')} |`;
}

function document(columns: ReadonlyMap<Tool, readonly string[]>): string {
  const names = [...columns.keys()].map(({ name }) => `\`${name}\``);
  const sentences = new Map(rows.map(({ attack }) => [attack.sentence, attack.name.replace(/[,:].*/, '')]));
  return `# Attacks on who enters

What whoever controls the target can do to the tool that enters it, or to its caller, as \`npm run attacks\` has seen it (Linux ${release()};
${[...new Set(tools.map(({ version }) => version))].join('; ')}). The file is written by that command; no cell is typed in. The
same attacks are tests (\`test/security\`).

${line(['target', 'attack', ...names])}
${line(['---', '---', ...names.map(() => '---')])}
${rows.map(({ attack, kind }, index) => line([titles[kind], attack.name, ...[...columns.values()].map((cells) => cells[index] ?? '')])).join('\n')}

An engine enters a container of its own. Without a user namespace, the program has every capability of its caller with nsenter and
tsenter, and those of the container with an engine and \`--as-target\`: some attacks fail on an engine for that reason, and with \`-a\` in a container because
a process inside may not look at one that has more capabilities.

## The attacks

${[...sentences].map(([sentence, name]) => `- **${name}**: ${sentence}`).join('\n')}
`;
}

function chosenOf<T>(all: readonly T[], name: (one: T) => string, words: readonly string[]): readonly T[] {
  const some = all.filter((one) => words.some((word) => name(one).startsWith(word)));
  return some.length > 0 ? some : all;
}

const tools = [nsenterTool, lxcTool, runcTool, tsenterTool, asTargetTool];
const words = process.argv.slice(2);
const chosenRows = chosenOf(rows, ({ attack }) => attack.name, words);
const chosenTools = chosenOf(tools, ({ name }) => name, words);
buildPrograms();
const columns = new Map<Tool, readonly string[]>();
for (const tool of chosenTools) columns.set(tool, await column(tool, chosenRows));
if (chosenRows === rows && chosenTools === tools)
  writeFileSync(`${repository}/docs/attacks.md`, document(columns));
