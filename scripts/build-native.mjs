// Builds dist/native/tsenter: the bundle as bytecode, an engine and the steps in one static executable.
// It needs musl (Debian: musl-tools). --target=aarch64 builds for that machine, with Debian's gcc-aarch64-linux-gnu and
// musl-dev:arm64, in dist/native-aarch64.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { engineSource } from './engine.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const machine = process.argv.find((word) => word.startsWith('--target='))?.slice('--target='.length);
const musl = `/usr/lib/${machine ?? unameMachine()}-linux-musl`;
if (!existsSync(`${musl}/rcrt1.o`)) {
  console.log(`native executable: not built, there is no musl in ${musl} (Debian: musl-tools)`);
  process.exit(machine ? 1 : 0);
}
const out = `${root}/dist/native${machine ? `-${machine}` : ''}`;
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
mkdirSync(out, { recursive: true });

/** What most starts do not need: modules of the core that the main chunk loads when one of their functions is called. */
const LAZY = [
  'cli/enter',
  'cgroup',
  'environment',
  'missing-target',
  'namespace-source',
  'selinux',
  'signals',
  'target-failure',
];
/** These use neither regular expressions nor collections, which the engine has to be taught first. */
const PLAIN = ['enter'];
const SCREENS = ['help', 'explanation', 'failure'];

const entries = {
  main: 'src/sys/native/main.ts',
  ...Object.fromEntries(LAZY.map((path) => [basename(path), `src/${path}.ts`])),
  ...Object.fromEntries(SCREENS.map((name) => [name, `src/sys/native/chunks/${name}.ts`])),
};
for (const [name, entry] of Object.entries(entries)) await bundle(name, entry);
const make = ['-s', '-C', `${root}/helper-c/native`, `OUT=${out}`, `ENGINE=${engineSource(root)}`];
make.push(`CHUNKS=${Object.keys(entries).join(' ')}`);
if (machine) make.push(`MACHINE=${machine}`);
execFileSync('make', make, { stdio: 'inherit' });

/** One chunk: a script whose completion value is an object of what its entry exports. */
async function bundle(name, entry) {
  const exported = exportsOf(`${root}/${entry}`).join(', ');
  const { outputFiles } = await build({
    absWorkingDir: root,
    // Plain properties: a module's exports as esbuild makes them are getters, which cost more than they are worth here.
    stdin: {
      contents: `import { ${exported} } from './${entry}'; native.loaded = { ${exported} };`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    platform: 'neutral',
    target: 'es2020',
    supported: { 'class-field': true, 'class-private-field': true, 'class-private-method': true },
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser'],
    format: 'iife',
    footer: { js: 'native.loaded;' },
    minify: true,
    define: { TSENTER_VERSION: JSON.stringify(version), navigator: 'undefined' },
    plugins: name === 'main' ? [loadLazily(entry)] : [loadLazily(entry), shareErrors()],
  });
  const file = `${out}/${name}.js`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== outputFiles[0].text)
    writeFileSync(file, outputFiles[0].text);
}

/** A lazy module is, in every chunk but its own, a stub of functions that load it. */
function loadLazily(entry) {
  const others = LAZY.filter((path) => `src/${path}.ts` !== entry);
  return replacing('lazy', others, (name, exported) => {
    const calls = exported.map(
      (each) =>
        `export const ${each} = (...values) => (loaded ??= native.chunk('${name}', ${!PLAIN.includes(name)})).${each}(...values);`,
    );
    return `let loaded;\n${calls.join('\n')}`;
  });
}

/** In the other chunks the errors are those of the main chunk. */
function shareErrors() {
  return replacing(
    'shared',
    ['errors'],
    (_, exported) => `export const { ${exported.join(', ')} } = native.errors;`,
  );
}

function replacing(name, paths, contentsOf) {
  return {
    name,
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/src/(${paths.join('|')})\\.ts$`) }, ({ path }) => {
        const exported = [...readFileSync(path, 'utf8').matchAll(/^export (?:function|const|class) (\w+)/gm)];
        return {
          contents: contentsOf(
            basename(path, '.ts'),
            exported.map(([, each]) => each),
          ),
          loader: 'js',
        };
      });
    },
  };
}

/** The names of the values that a module exports. */
function exportsOf(path) {
  const text = readFileSync(path, 'utf8');
  const declared = [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  const listed = [...text.matchAll(/^export \{ ([^}]+) \} from/gm)].flatMap(([, names]) => names.split(', '));
  return [...declared, ...listed];
}

function unameMachine() {
  return execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
}
