// Runs main.ts of the folder that is named, which Node 20 cannot do itself: it observes, and writes what it saw. TSENTER_UNDER_TEST names
// the tsenter that is looked at; by default the native one.
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = process.argv[2] ?? '';
const outfile = join(root, `dist/test/${basename(folder)}.mjs`);
process.env.TSENTER_UNDER_TEST ??= join(root, 'dist/native/tsenter');
await build({
  entryPoints: [join(root, folder, 'main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
});
await import(pathToFileURL(outfile).href);
