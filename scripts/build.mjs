// Builds everything that is run: the helper, the command line's bundle, the library and its types. With --sanitized
// also, in dist/sanitized, a command whose C is built with AddressSanitizer and UndefinedBehaviorSanitizer.
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, ...words) => execFileSync(command, words, { cwd: root, stdio: 'inherit' });
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // clipanion asks for typanion only where a command has a schema.
  external: ['koffi', 'typanion'],
  define: { TSENTER_VERSION: JSON.stringify(version) },
};

await build({
  ...common,
  entryPoints: { tsenter: 'src/sys/node/main.ts' },
  outdir: 'dist/node',
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  // Not Node's variants of clipanion and chalk: they ask node:tty, which loads the whole network code.
  platform: 'neutral',
  conditions: ['browser'],
  external: [...common.external, 'node:*'],
  mainFields: ['browser', 'module', 'main'],
  minify: true,
  // clipanion asks for the stream objects when it is loaded, and making one sets O_NONBLOCK on what it wraps.
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  define: {
    ...common.define,
    'import.meta.url': 'importMetaUrl',
    navigator: 'undefined',
    'process.stdin': 'undefined',
    'process.stdout': 'undefined',
    'process.stderr': 'undefined',
  },
});
await build({
  ...common,
  entryPoints: ['src/index.ts'],
  outdir: 'dist/lib',
  format: 'esm',
});
run('node_modules/.bin/tsc', '-p', 'tsconfig.lib.json');
run('make', '-s', '-C', 'helper-c');
run(process.execPath, 'scripts/build-native.mjs');

if (process.argv.includes('--sanitized')) {
  const sanitized = `${root}/dist/sanitized`;
  cpSync(`${root}/dist/node/tsenter.cjs`, `${sanitized}/node/tsenter.cjs`);
  run('make', '-s', '-C', 'helper-c', 'san', `DIST=${sanitized}`);
}
