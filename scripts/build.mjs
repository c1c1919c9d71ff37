// Builds everything that is run: the helper, the command line's bundle, the library and its types. With --sanitized
// also, in dist/sanitized, a command whose C is built with AddressSanitizer and UndefinedBehaviorSanitizer.
import { cpSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packagesIn } from './bundled.mjs';
import { needTools, runTool } from './tools.mjs';
import { readWords, refuseRest } from './words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const run = (command, ...words) => runTool(command, words, { cwd: root });
const { given, rest } = readWords(process.argv.slice(2), process.env, { flags: ['sanitized'] });
refuseRest(rest, ['--sanitized']);

// Before anything is made: half a build is worse than none.
needTools('make', 'cc');

run(process.execPath, 'scripts/build-command.mjs');
// Its parts are called by what is in them, and types of sources that are no more would be packed.
rmSync(`${root}/dist/lib`, { recursive: true, force: true });
const { metafile } = await build({
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  external: ['koffi'],
  entryPoints: ['src/library/index.ts'],
  outdir: 'dist/lib',
  format: 'esm',
  metafile: true,
  // What lists and explains is loaded when it is called.
  splitting: true,
});
writeFileSync(`${root}/dist/lib/bundled.json`, JSON.stringify(packagesIn(metafile)));
run('node_modules/.bin/tsc', '-p', 'tsconfig.lib.json');
run('make', '-s', '-C', 'helper-c');
run(process.execPath, 'scripts/build-native.mjs');

if (given.has('sanitized')) {
  const sanitized = `${root}/dist/sanitized`;
  rmSync(sanitized, { recursive: true, force: true });
  cpSync(`${root}/dist/node`, `${sanitized}/node`, { recursive: true });
  symlinkSync('../../node_modules', `${sanitized}/node_modules`);
  run('make', '-s', '-C', 'helper-c', 'san', `DIST=${sanitized}`);
}
