// Runs the tests and sums them up in one line: `N passed, N failed, N skipped`. Its arguments are vitest's.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mustRun = process.env.TSENTER_TEST_MUST_RUN === '1';
const isRoot = process.getuid() === 0;
const privileged = ['integration', 'conformance', 'security', 'engines'];
const words = process.argv.slice(2);
const unitOnly = !isRoot && !words.some((word) => word.startsWith('--project'));

const scratch = mkdtempSync(join(tmpdir(), 'tsenter-test-'));
const file = join(scratch, 'result.json');
const { status, signal } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...(unitOnly ? ['--project=unit'] : []),
    ...words,
  ],
  { cwd: root, stdio: 'inherit' },
);
const result = readResult();
rmSync(scratch, { recursive: true, force: true });

const tests = result.testResults.flatMap((one) => one.assertionResults);
const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
// A file that cannot even be loaded has no tests: it counts as one that failed.
const broken = result.testResults.filter((one) => one.status === 'failed' && !hasFailure(one));
const passed = count('passed');
const failed = count('failed') + broken.length;
const skipped = tests.length - passed - count('failed');
const notTried = unitOnly ? privileged : [];

for (const { name, message } of broken) console.log(`failed as a whole: ${name}: ${message}`);
for (const test of mustRun ? tests.filter(isSkipped) : [])
  console.log(`skipped, but must run: ${test.fullName}`);
if (notTried.length > 0) {
  console.log(
    `Not tried: the layers ${notTried.join(', ')}. They make and enter namespaces, which needs root.`,
  );
}
if (status !== 0 && failed === 0) console.log(`vitest ended with ${signal ?? `status ${status}`}.`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);

const incomplete = mustRun && (skipped > 0 || notTried.length > 0);
process.exitCode = status === 0 && failed === 0 && passed > 0 && !incomplete ? 0 : 1;

function readResult() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] }; // vitest has said why
  }
}

function hasFailure({ assertionResults }) {
  return assertionResults.some((test) => test.status === 'failed');
}

function isSkipped({ status }) {
  return status !== 'passed' && status !== 'failed';
}
