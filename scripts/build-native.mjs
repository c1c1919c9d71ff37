// Builds dist/native/tsenter: the bundle as bytecode, an engine and the steps in one static executable.
// It needs musl (Debian: musl-tools). --target=aarch64 builds for that machine, with Debian's gcc-aarch64-linux-gnu and
// musl-dev:arm64, in dist/native-aarch64.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { machine as machineHere } from 'node:os';
import { basename, dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { packagesIn } from './bundled.mjs';
import { engineSource } from './engine.mjs';
import { commitText } from './revision.mjs';
import { needTools, runTool } from './tools.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
needTools('make', 'cc');
const machine = process.argv.find((word) => word.startsWith('--target='))?.slice('--target='.length);
const musl = `/usr/lib/${machine ?? machineHere()}-linux-musl`;
if (!existsSync(`${musl}/rcrt1.o`)) {
  console.log(`native executable: not built, there is no musl in ${musl} (Debian: musl-tools)`);
  // One that was built while there was is of other sources.
  rmSync(`${root}/dist/native/tsenter`, { force: true });
  process.exit(machine ? 1 : 0);
}
needTools(`${machine ?? machineHere()}-linux-gnu-gcc`);
const out = `${root}/dist/native${machine ? `-${machine}` : ''}`;
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const commit = commitText(root);
mkdirSync(out, { recursive: true });

/** The chunks that are loaded on demand: a file each, which says what it has, and of which module of the core. */
const chunks = `${root}/src/hosts/native/chunks`;
const names = readdirSync(chunks).map((file) => basename(file, '.ts'));
/** These use no more of the language than what every start has (helper-c/native/engine.c). */
const FEW = ['credential-steps', 'encode-rare', 'enter', 'further', 'parse-value', 'waiting-parent'];
/** These use neither regular expressions nor collections, which the engine has to be taught first. */
const BASE = [
  'abbreviation',
  'contraries',
  'control-steps',
  'directory',
  'directory-steps',
  'encode-control',
  'environment',
  'errors',
  'glued',
  'namespace-by-process',
  'namespace-source',
  'notes',
  'pin-otherwise',
  'screens',
  'selinux',
  'shell-steps',
];
/** Of these a start that enters and does not fail loads no other than those in this list. */
const HOT = ['main', 'enter'];
/** Exports that helper-c/native asks for, by their names. */
const ASKED_BY_HOST = ['status', 'systemError'];
const lazy = lazyExports();

const entries = {
  main: 'src/hosts/native/main.ts',
  ...Object.fromEntries(names.map((name) => [name, `src/hosts/native/chunks/${name}.ts`])),
};
const engine = engineSource(root);
const packed = await packedOptions();
const bundled = new Set();
for (const [name, entry] of Object.entries(entries)) await bundle(name, entry);
writeFileSync(`${out}/bundled.json`, JSON.stringify([...bundled].sort()));
const make = ['-s', '-C', out, '-f', `${root}/helper-c/native/Makefile`, `ENGINE=${engine}`];
make.push(`CHUNKS=${Object.keys(entries).join(' ')}`);
if (machine) make.push(`MACHINE=${machine}`);
runTool('make', make);

/** One chunk: a script whose completion value is an object of what its entry exports. */
async function bundle(name, entry) {
  const exported = exportsOf(`${root}/${entry}`);
  const loaded = exported.map((value) => `${propertyOf(name, value)}: ${value}`).join(', ');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    // Plain properties: a module's exports as esbuild makes them are getters, which cost more than they are worth here.
    stdin: {
      contents: `import { ${exported.join(', ')} } from './${entry}'; native.loaded = { ${loaded} };`,
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
    define: {
      TSENTER_VERSION: JSON.stringify(version),
      TSENTER_COMMIT: JSON.stringify(commit),
      PACKED_OPTIONS: JSON.stringify(packed),
      navigator: 'undefined',
    },
    plugins: [loadLazily(name)],
  });
  for (const each of packagesIn(metafile)) bundled.add(each);
  if (name === 'main' || FEW.includes(name)) refuseOtherObjects(name, outputFiles[0].text);
  const file = `${out}/${name}.js`;
  if (!existsSync(file) || readFileSync(file, 'utf8') !== outputFiles[0].text)
    writeFileSync(file, outputFiles[0].text);
}

/** `enum objects` of helper-c/native/natives.h. */
function objectsOf(chunk) {
  return FEW.includes(chunk) ? 0 : BASE.includes(chunk) ? 1 : 2;
}

/** What stands for an export of a chunk. */
function loading(chunk, name) {
  return `native.chunk(${Object.keys(entries).indexOf(chunk)},${objectsOf(chunk)}).${propertyOf(chunk, name)}`;
}

/** A letter, which a script has as a name anyway: each other name of a chunk that is not loaded would be another string to read. */
function propertyOf(chunk, name) {
  if (ASKED_BY_HOST.includes(name)) return name;
  const index = exportsOf(`${root}/${entries[chunk]}`).indexOf(name);
  if (index >= 26) throw new Error(`${entries[chunk]} exports more than there are letters`);
  return String.fromCharCode(97 + index);
}

/** By their names: of which object a method is cannot be seen in a script. */
function refuseOtherObjects(chunk, text) {
  const few = namesDefined(`${root}/helper-c/native/engine.c`);
  const all = namesDefined(`${engine}/quickjs.c`);
  const used = [...text.matchAll(/\.([a-zA-Z]+)\(|(?<![\w$.'"`{,-])([A-Z][a-zA-Z]+)(?![\w$'"`-])/g)];
  const others = used
    .map(([, method, object]) => method ?? object)
    .filter((name) => !few.has(name) && all.has(name));
  if (others.length > 0)
    throw new Error(
      `${chunk}.js uses what helper-c/native/engine.c does not give every start: ${others.join(', ')}`,
    );
}

/** What the engine's tables call the functions and objects in them, and what it makes constructors of. */
function namesDefined(file) {
  const definitions = /\bJS_(?:\w+_DEF2?|NewGlobalCConstructor\w*)\([^"\n]*"(\w+)"/g;
  return new Set([...readFileSync(file, 'utf8').matchAll(definitions)].map(([, name]) => name));
}

/** The option table as the main chunk has it. */
async function packedOptions() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    stdin: {
      contents: `import { OPTION_ROWS } from './src/options/table.ts';
        import { packOptions } from './src/options/packed.ts';
        export const packed = packOptions(OPTION_ROWS);`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
  });
  const source = Buffer.from(outputFiles[0].contents).toString('base64');
  return (await import(`data:text/javascript;base64,${source}`)).packed;
}

/** What the chunks export, by module: the chunk of each name. */
function lazyExports() {
  const modules = new Map();
  for (const chunk of names) {
    const text = readFileSync(`${chunks}/${chunk}.ts`, 'utf8');
    for (const [, list, from] of text.matchAll(/^export \{([^}]+)\} from '([^']+)'/gm)) {
      const path = resolve(chunks, from);
      const exported = modules.get(path) ?? modules.set(path, new Map()).get(path);
      for (const name of namesIn(list)) exported.set(name, chunk);
    }
  }
  return modules;
}

/**
 * In every other chunk an import of what a chunk exports goes away, and a call of it loads the chunk: `f(x)` becomes
 * `native.chunk(number, objects).f(x)`. A stub to call would be a function to read and a closure to make, about 1 µs each, whether
 * it is called or not. What is no function is taken from its chunk at once.
 */
function loadLazily(chunk) {
  return {
    name: 'lazy',
    setup({ onLoad }) {
      onLoad({ filter: /\/src\/.*\.ts$/ }, async ({ path }) => {
        // Without types and comments, so that a name that is there means the value.
        const { code } = await transform(readFileSync(path, 'utf8'), {
          loader: 'ts',
          minifyWhitespace: true,
        });
        return { contents: withoutLazyImports(code, path, chunk), loader: 'js' };
      });
    },
  };
}

function withoutLazyImports(code, path, chunk) {
  const calls = new Map();
  const values = [];
  let text = code.replaceAll(/import\{([^}]*)\}from"(\.[^"]*)";/g, (statement, list, from) => {
    const module = resolve(dirname(path), from);
    const exported = lazy.get(module);
    const isLazy = (name) => exported?.has(name) && exported.get(name) !== chunk;
    const imported = namesIn(list);
    const moved = imported.filter(isLazy);
    if (moved.length === 0) return statement;
    for (const name of moved) {
      const load = loading(exported.get(name), name);
      if (isFunction(module, name)) calls.set(name, load);
      else values.push(`const ${name}=${load};`);
    }
    const stay = imported.filter((name) => !isLazy(name));
    return stay.length > 0 ? `import{${stay.join(',')}}from"${from}";` : '';
  });
  if (values.length > 0 && HOT.includes(chunk))
    throw new Error(`${path}: every start would load what it takes from another chunk: ${values.join(' ')}`);
  for (const [name, load] of calls) {
    // Not behind a dot, which makes it a property; three dots are a spread.
    const use = `(?<!(?<!\\.\\.)\\.|[\\w$])${name}`;
    text = text.replaceAll(new RegExp(`${use}\\(`, 'g'), `${load}(`);
    if (new RegExp(`${use}(?![\\w$])`).test(text))
      throw new Error(`${path}: ${name} is loaded when it is called, so it can only be called`);
  }
  return values.join('') + text;
}

function isFunction(module, name) {
  return new RegExp(`^export function ${name}\\b`, 'm').test(readFileSync(module, 'utf8'));
}

/** The names of the values that a module exports. */
function exportsOf(path) {
  const text = readFileSync(path, 'utf8');
  const declared = [...text.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  const listed = [...text.matchAll(/^export \{([^}]+)\} from/gm)].flatMap(([, list]) => namesIn(list));
  return [...declared, ...listed];
}

function namesIn(list) {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
