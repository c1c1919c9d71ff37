// Builds the command line on Node, dist/node/*.cjs, and its code cache.
//
//   tsenter.cjs   what the launcher names: it runs command.cjs (src/hosts/node/start.ts)
//   command.cjs   from argv to the program: a function of require and __dirname, as it is compiled as a script
//   help.cjs, completion.cjs, explanation.cjs, failure.cjs
//                 what only people read
//   list.cjs      --list: a function of the classes of errors, which it has in common with the command
//   node          a link to the Node that builds this: the one that root executes (helper-c/node/launch.c)
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { commitText } from './revision.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = `${root}/dist/node`;
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

/** In these bundles, which are CommonJS, place-command.ts takes the place of place.ts. */
const place = {
  name: 'place',
  setup({ onResolve }) {
    onResolve({ filter: /\/place\.ts$/ }, () => ({ path: `${root}/src/hosts/node/place-command.ts` }));
  },
};

/** The classes of errors are those of the command's bundle, which hands them over: what one throws the other has to know. */
const errors = {
  name: 'errors',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/sys\/errors\.ts$/ }, ({ path }) => {
      const declared = readFileSync(path, 'utf8').matchAll(/^export (?:function|const|class) (\w+)/gm);
      const names = [...declared].map(([, name]) => name).join(', ');
      return { contents: `export const { ${names} } = errors;`, loader: 'js' };
    });
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  outdir: out,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  target: 'node20',
  // Not Node's variants of clipanion and chalk: they ask node:tty, which loads the whole network code.
  platform: 'neutral',
  conditions: ['browser'],
  mainFields: ['browser', 'module', 'main'],
  // clipanion's modules, which its package.json does not name: of CommonJS nothing could be left out.
  resolveExtensions: ['.mjs', '.js'],
  // clipanion asks for typanion only where a command has a schema.
  external: ['typanion', 'node:*'],
  minify: true,
  // clipanion asks for the stream objects when it is loaded, and making one sets O_NONBLOCK on what it wraps.
  define: {
    TSENTER_VERSION: JSON.stringify(version),
    TSENTER_COMMIT: JSON.stringify(commitText(root)),
    navigator: 'undefined',
    'process.stdin': 'undefined',
    'process.stdout': 'undefined',
    'process.stderr': 'undefined',
  },
  plugins: [place],
};

mkdirSync(out, { recursive: true });
rmSync(`${out}/node`, { force: true });
symlinkSync(process.execPath, `${out}/node`);
// They are of other bundles.
for (const name of readdirSync(out)) if (name.endsWith('.cache')) rmSync(`${out}/${name}`);
await build({
  ...common,
  entryPoints: { command: 'src/hosts/node/main.ts' },
  banner: { js: '(function(require,__dirname){' },
  footer: { js: '})' },
});
const hash = createHash('sha256')
  .update(readFileSync(`${out}/command.cjs`))
  .digest('hex');
await build({
  ...common,
  entryPoints: {
    tsenter: 'src/hosts/node/start.ts',
    help: 'src/cli/screens/help.ts',
    completion: 'src/cli/completion/completion.ts',
    failure: 'src/cli/screens/failure.ts',
  },
  define: { ...common.define, COMMAND_HASH: JSON.stringify(hash.slice(0, 16)) },
});
await build({
  ...common,
  entryPoints: { explanation: 'src/cli/screens/explain.ts', list: 'src/cli/list.ts' },
  banner: { js: 'module.exports=(errors)=>{const module={};' },
  footer: { js: 'return module.exports};' },
  plugins: [place, errors],
});
execFileSync(process.execPath, [`${root}/scripts/code-cache.mjs`], { stdio: 'inherit' });
