// Runs main.ts, which Node 20 cannot do itself. TSENTER_UNDER_TEST names the tsenter to attack; by default the native one.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const outfile = join(root, 'dist/test/attacks.mjs');
process.env.TSENTER_UNDER_TEST ??= join(root, 'dist/native/tsenter');
await build({
  entryPoints: [join(root, 'test/security/attacks/main.ts')],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
});
await import(pathToFileURL(outfile).href);
