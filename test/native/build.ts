/** The native executable, and builds of it that are made for one test. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { tool } from '../support/enter.ts';
import { repository } from '../support/programs.ts';

export const executable = `${repository}/dist/native/tsenter`;

/** Why there is none, or nothing. */
export function missingExecutable(): string | undefined {
  return existsSync(executable) ? undefined : 'the native executable was not built: it needs musl-tools';
}

/** Where the source of the engine is. */
export function engineDirectory(root: string = repository): string {
  const script = `import { engineSource } from ${JSON.stringify(`${root}/scripts/engine.mjs`)};
    process.stdout.write(engineSource(${JSON.stringify(root)}));`;
  return tool(process.execPath, '--input-type=module', '-e', script);
}

interface Tree extends Disposable {
  readonly root: string;
}

/** A copy of what is built from, in a directory of its own. The packages are the repository's. */
function copyTree(name = 'tree'): Tree {
  const directory = mkdtempSync(`${realpathSync(tmpdir())}/tsenter-build-`);
  const root = `${directory}/${name}`;
  for (const each of ['src', 'helper-c', 'scripts', 'package.json', 'tsconfig.json'])
    cpSync(`${repository}/${each}`, `${root}/${each}`, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !lstatSync(path).isSymbolicLink(),
    });
  symlinkSync(`${repository}/node_modules`, `${root}/node_modules`);
  return { root, [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) };
}

export interface Built extends Tree {
  /** dist/native of the copy. */
  readonly out: string;
  readonly executable: string;
}

export interface BuildOptions {
  /** Variables of helper-c/native/Makefile. */
  readonly make?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Of the directory. */
  readonly name?: string;
  /** Called before the build, with the root of the copy. */
  readonly prepare?: (root: string) => void;
}

/** scripts/build-native.mjs in a copy of the tree; make takes the variables from MAKEFLAGS. */
export async function build({ make = {}, env = {}, name, prepare }: BuildOptions = {}): Promise<Built> {
  const tree = copyTree(name);
  try {
    prepare?.(tree.root);
    const variables = Object.entries(make).map(
      ([variable, value]) => `${variable}=${value.replace(/ /g, '\\ ')}`,
    );
    const words = [`${tree.root}/scripts/build-native.mjs`];
    // The copy is no checkout.
    const flags = { MAKEFLAGS: ['-j2', ...variables].join(' '), TSENTER_REVISION: revision() };
    await execute(process.execPath, words, { ...plainEnvironment(), ...flags, ...env });
  } catch (error) {
    tree[Symbol.dispose]();
    throw error;
  }
  const out = `${tree.root}/dist/native`;
  return { ...tree, out, executable: `${out}/tsenter` };
}

/** What the repository's executable was built from, as scripts/revision.mjs takes it. */
function revision(): string {
  return /^commit: (.*)$/m.exec(tool(executable, '--version'))?.[1] ?? '';
}

/** What vitest puts into the environment must not matter, and does not get there. */
function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'QUICKJS_DIR', 'npm_config_registry', 'npm_config_cache'];
  return Object.fromEntries(
    kept.flatMap((name) => [[name, process.env[name] ?? '']]).filter(([, value]) => value),
  );
}

/** A tool that takes its time: the other tests of this process go on. */
export function execute(
  command: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = plainEnvironment(),
): Promise<void> {
  const child = spawn(command, words, {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 280_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (part: Buffer) => {
      output += part.toString();
    });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (status === 0) resolve();
      else reject(new Error(`${command} ${words.join(' ')}: ${signal ?? `status ${status}`}\n${output}`));
    });
  });
}
