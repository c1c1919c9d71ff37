/** npm's packages as a user of each Node installs them, from a registry of the test's own that has them beside those of npm's. */
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import {
  cpu,
  directory,
  fetched,
  missing,
  type Place,
  place,
  type RunOptions,
  type,
  version,
  withoutRegistry,
} from './packages.ts';
import { type Registry, startRegistry } from './registry.ts';

const reason = missing() ?? withoutRegistry();
if (reason !== undefined) it.skipIf(!mustRun(reason))(reason, () => undefined);

const platformPackage = `tsenter-linux-${cpu}`;
const executable = readFileSync(`${repository}/dist/native/tsenter`);
const isExecutableItself = (path: string) => readFileSync(path).equals(executable);
/** npm without what asks the network for other things than packages. */
const quiet = ['--no-audit', '--no-fund', '--no-update-notifier'];

let registry: Registry;
let target: Target;

beforeAll(async () => {
  if (reason !== undefined) return;
  buildPrograms();
  registry = await startRegistry(directory);
  target = await startTarget({ namespaces: ['uts'], hostname: 'inside' });
});

afterAll(async () => {
  await target?.stop();
  await registry?.[Symbol.asyncDispose]();
});

/** What `npm` is a link to. */
function npmScript(): string {
  const found = (process.env.PATH ?? '').split(':').find((each) => existsSync(`${each}/npm`));
  return realpathSync(`${found}/npm`);
}

/** That npm, run by that Node, with the registry. */
function npm(node: string, words: readonly string[], options: RunOptions = {}) {
  const env = { npm_config_registry: registry.url, ...options.env };
  return type([node, npmScript(), ...words, ...quiet], { ...options, env });
}

function project(): Place {
  const made = place();
  writeFileSync(`${made.path}/package.json`, '{ "name": "of-the-test", "private": true, "type": "module" }');
  writeFileSync(
    `${made.path}/enter.js`,
    `import { spawn } from 'tsenter';
    const child = spawn('hostname', [], { target: ${target.pid}, namespaces: ['uts'], stdio: 'inherit' });
    await child.entered;`,
  );
  return made;
}

const enter = () => ['-t', String(target.pid), '-u', 'hostname'];

/** The packages in a folder, scopes included. */
function packagesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(`${folder}/${name}`).map((each) => `${name}/${each}`) : [name],
    )
    .sort();
}

describe.skipIf(reason !== undefined).each(['20', '22', '24', 'latest'])('Node %s', (major) => {
  const found = fetched('fetch-node.sh', major);
  if ('reason' in found) {
    it.skipIf(!mustRun(found.reason))(found.reason, () => undefined);
    return;
  }
  const node = found.path;

  it('npm install --global tsenter: the executable itself, its manual, and nothing that was bundled', async () => {
    using prefix = place();
    // npm 12 asks for it.
    await npm(node, ['install', '--global', `--prefix=${prefix.path}`, '--allow-scripts=tsenter', 'tsenter']);
    expect((await type([`${prefix.path}/bin/tsenter`, ...enter()])).stdout).toBe('inside\n');
    expect(isExecutableItself(`${prefix.path}/bin/tsenter`)).toBe(true);
    expect(readFileSync(`${prefix.path}/share/man/man1/tsenter.1`, 'utf8')).toContain('.Dt TSENTER 1');
    const installed = `${prefix.path}/lib/node_modules/tsenter`;
    expect(packagesIn(`${installed}/node_modules`)).toEqual([
      `@koromix/koffi-linux-${cpu}`,
      'koffi',
      platformPackage,
    ]);
    expect(readdirSync(`${installed}/completions`).sort()).toEqual(['bash', 'fish', 'zsh']);
  });

  it('npm install tsenter: the library enters', async () => {
    using made = project();
    await npm(node, ['install', 'tsenter'], { cwd: made.path });
    expect((await type([node, 'enter.js'], { cwd: made.path })).stdout).toBe('inside\n');
    expect((await type([`${made.path}/node_modules/.bin/tsenter`, ...enter()])).stdout).toBe('inside\n');
  });
});

describe.skipIf(reason !== undefined)('npm', () => {
  it(`install --global ${platformPackage}: the executable alone, by no script`, async () => {
    using prefix = place();
    await npm(process.execPath, [
      'install',
      '--global',
      '--ignore-scripts',
      `--prefix=${prefix.path}`,
      platformPackage,
    ]);
    expect(isExecutableItself(`${prefix.path}/bin/tsenter`)).toBe(true);
    expect(existsSync(`${prefix.path}/share/man/man1/tsenter.1`)).toBe(true);
    expect(packagesIn(`${prefix.path}/lib/node_modules`)).toEqual([platformPackage]);
  });

  it('install of the files, as from a checkout', async () => {
    using made = project();
    const archives = [`tsenter-${version}.tgz`, `${platformPackage}-${version}.tgz`];
    await npm(process.execPath, ['install', ...archives.map((name) => `${directory}/${name}`)], {
      cwd: made.path,
    });
    expect((await type([process.execPath, 'enter.js'], { cwd: made.path })).stdout).toBe('inside\n');
    expect((await type([`${made.path}/node_modules/.bin/tsenter`, ...enter()])).stdout).toBe('inside\n');
  });
});

describe.skipIf(reason !== undefined)('where scripts are not run', () => {
  let prefix: Place;
  let own: Place;
  beforeAll(async () => {
    prefix = place();
    own = project();
    await npm(process.execPath, [
      'install',
      '--ignore-scripts',
      '--global',
      `--prefix=${prefix.path}`,
      'tsenter',
    ]);
    await npm(process.execPath, ['install', '--ignore-scripts', 'tsenter'], { cwd: own.path });
    symlinkSync(`${prefix.path}/bin/tsenter`, `${prefix.path}/linked`);
  });
  afterAll(() => {
    prefix[Symbol.dispose]();
    own[Symbol.dispose]();
  });

  const installed = () => `${prefix.path}/lib/node_modules/tsenter`;
  const names = (): Record<string, string> => ({
    global: `${prefix.path}/bin/tsenter`,
    project: `${own.path}/node_modules/.bin/tsenter`,
    'the file': `${installed()}/bin/tsenter`,
  });

  it.each(['global', 'project', 'the file'])('%s: a script that makes no process', async (name) => {
    const command = names()[name] ?? '';
    expect(readFileSync(command, 'latin1')).toMatch(/^#!\/bin\/sh\n/);
    const { stdout } = await type([program('filtered'), '1', 'fork', '--', command, '--version']);
    expect(stdout).toMatch(/^tsenter \d/);
    expect((await type([command, ...enter()])).stdout).toBe('inside\n');
  });

  it('by a link of somebody’s own', async () => {
    expect((await type([`${prefix.path}/linked`, ...enter()])).stdout).toBe('inside\n');
  });

  it('words, statuses and variables are kept', async () => {
    const env = { self: 'a', package: 'b', place: 'c', cpu: 'd', bin: 'e', PWD: '/', LINES_: 'x\ny' };
    const shown =
      'printf "%s|" "$@"; env | grep -c "^tsenter_"; printf "%s" "$self$package$place$cpu$bin$LINES_"; exit 7';
    const words = ['-t', String(target.pid), '-u', 'sh', '-c', shown, 'sh', 'a b', '', '*'];
    const { status, stdout } = await type([names().global ?? '', ...words], { env, mayFail: true });
    expect({ status, stdout }).toEqual({ status: 7, stdout: 'a b||*|0\nabcdex\ny' });
  });

  it('a foreign executable is passed over, and what is missing is said', async () => {
    using moved = place();
    const foreign = cpu === 'x64' ? 'arm64' : 'x64';
    cpSync(installed(), `${moved.path}/node_modules/tsenter`, { recursive: true });
    await type(['tar', '-xf', `${directory}/tsenter-linux-${foreign}-${version}.tgz`, '-C', moved.path]);
    const inside = `${moved.path}/node_modules/tsenter/node_modules`;
    cpSync(`${moved.path}/package`, `${inside}/tsenter-linux-${foreign}`, { recursive: true });
    const command = `${moved.path}/node_modules/tsenter/bin/tsenter`;
    expect((await type([command, ...enter()])).stdout).toBe('inside\n');
    rmSync(`${inside}/${platformPackage}`, { recursive: true });
    const { status, stderr } = await type([command, ...enter()], { mayFail: true });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr:
        `tsenter: find package ${platformPackage}: not installed with tsenter\n` +
        'It is an optional dependency of it, for linux on x64 and arm64: npm install --include=optional\n',
    });
  });

  it('npm passes over packages of other architectures', async () => {
    const foreign = cpu === 'x64' ? 'arm64' : 'x64';
    using made = place();
    mkdirSync(`${made.path}/lib`);
    const words = ['install', '--global', `--prefix=${made.path}`, `tsenter-linux-${foreign}`];
    const { status, stderr } = await npm(process.execPath, words, { mayFail: true });
    expect(status).not.toBe(0);
    expect(stderr).toContain('EBADPLATFORM');
  });

  it('pnpm', async () => {
    using made = project();
    const env = { npm_config_registry: registry.url, CI: '1' };
    await type(['npx', '--yes', 'pnpm@10.34.9', 'add', 'tsenter'], { cwd: made.path, env });
    expect(lstatSync(`${made.path}/node_modules/tsenter`).isSymbolicLink()).toBe(true);
    expect((await type([process.execPath, 'enter.js'], { cwd: made.path })).stdout).toBe('inside\n');
    expect((await type([`${made.path}/node_modules/.bin/tsenter`, ...enter()])).stdout).toBe('inside\n');
  });
});
