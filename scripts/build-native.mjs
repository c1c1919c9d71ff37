// Builds dist/native/tsenter: the bundle as bytecode, an engine and the steps in one static executable.
// It needs musl (Debian: musl-tools). --target=aarch64 builds for that machine, with Debian's gcc-aarch64-linux-gnu and
// musl-dev:arm64, in dist/native-aarch64.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
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

await bundle('main', 'status');
await bundle('screens', 'screens');
const make = ['-s', '-C', `${root}/helper-c/native`, `OUT=${out}`, `ENGINE=${engineSource(root)}`];
if (machine) make.push(`MACHINE=${machine}`);
execFileSync('make', make, { stdio: 'inherit' });

/** One chunk: a script whose completion value is what the entry exports under that name. */
async function bundle(chunk, value) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [`src/sys/native/${chunk}.ts`],
    bundle: true,
    write: false,
    platform: 'neutral',
    target: 'es2020',
    supported: { 'class-field': true, 'class-private-field': true, 'class-private-method': true },
    mainFields: ['browser', 'module', 'main'],
    conditions: ['browser'],
    format: 'iife',
    globalName: 'chunk',
    footer: { js: `chunk.${value};` },
    minify: true,
    define: { TSENTER_VERSION: JSON.stringify(version), navigator: 'undefined' },
  });
  writeFileSync(`${out}/${chunk}.js`, outputFiles[0].contents);
}

function unameMachine() {
  return execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
}
