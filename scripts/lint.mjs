// Runs every check that needs no process to be entered. What a machine lacks is said; in CI it is a failure.
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = `${root}/node_modules/.bin`;
const checks = [
  ['format and lint', `${bin}/biome`, 'check', '--error-on-warnings', '.'],
  // The tests import the library's.
  ['types of the library', `${bin}/tsc`, '-p', 'tsconfig.lib.json'],
  ['types', `${bin}/tsc`, '--noEmit'],
  ['dead code', `${bin}/knip`],
  ['floors and rings', process.execPath, 'scripts/rooms.mjs'],
  ['rendered files', process.execPath, 'scripts/render.mjs', '--check'],
  ['notices', process.execPath, 'scripts/notices.mjs', '--check'],
  ['C analysis', 'gcc', '--version', ['make', '-s', '-C', 'helper-c', 'analyze']],
  ['man page', 'mandoc', '-T', 'lint', '-W', 'style', 'man/tsenter.1'],
];

let failed = false;
for (const [what, command, ...words] of checks) {
  const then = Array.isArray(words.at(-1)) ? words.pop() : undefined;
  let result = run(command, words);
  if (result.error?.code === 'ENOENT') {
    console.log(`lint: ${what}: not tried, ${command} is not installed`);
    failed ||= process.env.TSENTER_TEST_MUST_RUN === '1';
    continue;
  }
  if (result.status === 0 && then) result = run(then[0], then.slice(1));
  const passed = result.status === 0;
  console.log(`lint: ${what}: ${passed ? 'ok' : 'FAILED'}`);
  if (!passed) process.stdout.write(`${result.stdout}${result.stderr}`);
  failed ||= !passed;
}
process.exitCode = failed ? 1 : 0;

function run(command, words) {
  return spawnSync(command, words, { cwd: root, encoding: 'utf8' });
}
