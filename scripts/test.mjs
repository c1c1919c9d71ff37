// Runs the tests on every build of the command and sums them up in one line: `N passed, N failed, N skipped`. Its
// arguments are vitest's; --project LAYER keeps to one layer.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWords } from './words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const mustRun = process.env.TSENTER_TEST_MUST_RUN === '1';
const { values: asked, rest: words } = readWords(process.argv.slice(2), process.env, {
  options: ['project'],
});

const LAYERS = ['integration', 'conformance', 'security', 'terminal', 'engines'];
const NO_RESULT = {
  passed: 0,
  failed: [],
  skipped: [],
  broken: [],
  stray: [{ test: 'all of it', how: 'vitest gave no result' }],
};
const passes = [
  { name: 'Node', command: 'dist/node/tsenter', layers: ['unit', ...LAYERS] },
  { name: 'native', command: 'dist/native/tsenter', layers: [...LAYERS, 'native', 'packages', 'kernels'] },
  {
    name: 'Node with sanitizers',
    command: 'dist/sanitized/node/tsenter',
    layers: ['integration', 'terminal'],
  },
];

const known = [...new Set(passes.flatMap(({ layers }) => layers))];
for (const layer of asked)
  if (!known.includes(layer)) {
    console.error(`There is no layer '${layer}': ${known.join(', ')}.`);
    process.exit(2);
  }

const sum = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const notTried = [];
for (const pass of passes) {
  let layers = pass.layers.filter((layer) => asked.length === 0 || asked.includes(layer));
  if (process.getuid() !== 0 && layers.some((layer) => layer !== 'unit')) {
    notTried.push(`${pass.name}: ${layers.filter((layer) => layer !== 'unit').join(', ')}: they need root`);
    layers = layers.filter((layer) => layer === 'unit');
  }
  if (layers.length === 0) continue;
  if (existsSync(join(root, pass.command))) add(run(pass, layers));
  else notTried.push(`${pass.name}: ${pass.command} was not built`);
}

// Once more at the end: CI keeps the last of a long output.
for (const { pass, test, how } of failures)
  console.log(`failed (${pass}): ${test}\n${how.replace(/^/gm, '  ')}`);
for (const what of notTried) console.log(`not tried: ${what}`);
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
const incomplete = mustRun && sum.skipped + notTried.length > 0;
process.exitCode = sum.failed === 0 && sum.passed > 0 && !incomplete ? 0 : 1;

function run({ name, command }, layers) {
  console.log(`\n== ${name}: ${layers.join(', ')}`);
  const { status, signal, output } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--passWithNoTests',
      '--reporter=default',
      `--reporter=${join(root, 'scripts/test-reporter.mjs')}`,
      ...layers.map((layer) => `--project=${layer}`),
      ...words,
    ],
    {
      cwd: root,
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      encoding: 'utf8',
      env: { ...process.env, TSENTER_UNDER_TEST: process.env.TSENTER_UNDER_TEST ?? join(root, command) },
    },
  );
  // Without a result, vitest could not start, and has said why.
  const result = output[3] ? JSON.parse(output[3]) : NO_RESULT;
  const failed = [...result.failed, ...result.broken, ...result.stray];
  failures.push(...failed.map((failure) => ({ pass: name, ...failure })));
  for (const test of mustRun ? result.skipped : []) console.log(`skipped, but must run: ${test}`);
  if (status !== 0) console.log(`${name}: vitest ended with ${signal ?? `status ${status}`}`);
  return { ...result, failed, status };
}

function add({ passed, failed, skipped, status }) {
  sum.passed += passed;
  sum.failed += failed.length === 0 && status !== 0 ? 1 : failed.length;
  sum.skipped += skipped.length;
}
