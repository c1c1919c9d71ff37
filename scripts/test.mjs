// Runs the tests and sums them up in one line: `N passed, N failed, N skipped`. Its arguments are vitest's.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mustRun = process.env.TSENTER_TEST_MUST_RUN === '1';
const words = process.argv.slice(2);
const unitOnly = process.getuid() !== 0 && !words.some((word) => word.startsWith('--project'));
const notTried = unitOnly ? ['integration', 'conformance', 'security', 'engines'] : [];

const { status, signal, output } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    `--reporter=${join(root, 'scripts/test-reporter.mjs')}`,
    ...(unitOnly ? ['--project=unit'] : []),
    ...words,
  ],
  { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'pipe'], encoding: 'utf8' },
);
// Without a result, vitest could not start, and has said why.
const { passed, failed, skipped, broken, stray } = JSON.parse(
  output[3] || '{"passed":0,"failed":0,"skipped":[],"broken":[],"stray":0}',
);
const failures = failed + broken.length + stray;

for (const file of broken) console.log(`failed outside of a test: ${file}`);
for (const name of mustRun ? skipped.slice(0, 20) : []) console.log(`skipped, but must run: ${name}`);
if (mustRun && skipped.length > 20) console.log(`skipped, but must run: ${skipped.length - 20} more`);
if (notTried.length > 0) {
  console.log(
    `Not tried: the layers ${notTried.join(', ')}. They make and enter namespaces: that needs root.`,
  );
}
if (status !== 0 && failures === 0) console.log(`vitest ended with ${signal ?? `status ${status}`}.`);
console.log(`${passed} passed, ${failures} failed, ${skipped.length} skipped`);

const incomplete = mustRun && skipped.length + notTried.length > 0;
process.exitCode = status === 0 && failures === 0 && passed > 0 && !incomplete ? 0 : 1;
