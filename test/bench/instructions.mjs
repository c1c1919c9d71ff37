/** Instructions in user mode: what perf counts, or where the machine lends it no counters, what valgrind simulates. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { environment, installed, places } from './places.mjs';
import { candidates, enterRows } from './rows.mjs';

export function countInstructions(target) {
  const method = [withPerf, withValgrind].find(({ count }) => count([places.staticTrue]) !== undefined);
  if (!method) return undefined;
  const enters = method === withPerf || valgrindKnowsPidfds();
  const rows = [{ title: '`--version`', list: candidates(['--version'], ['version'], []) }];
  for (const { title, options, floor } of enterRows(target)) {
    // What is counted before an execve is lost to valgrind: only who forks, and so stays, can be counted.
    if (!enters || (method === withValgrind && !title.includes('fork'))) continue;
    const list = candidates(options, [target.pid, floor], [places.staticTrue]);
    rows.push({ title, list: list.filter(({ name }) => method === withPerf || !/Node|empty/.test(name)) });
  }
  return {
    method: method.title,
    rows: rows.map(({ title, list }) => ({
      title,
      counts: list.map(({ name, words }) => ({ name, count: method.count(words.map(String)) })),
    })),
  };
}

const withPerf = {
  title: '`perf stat -e instructions:u`, the program included',
  count: (words) =>
    inScratch((scratch) => {
      run(['perf', 'stat', '-x,', '-e', 'instructions:u', '-o', `${scratch}/perf`, '--', ...words]);
      const value = Number(/^(\d+),/m.exec(readFileSync(`${scratch}/perf`, 'utf8'))?.[1]);
      return value > 0 ? value : undefined;
    }),
};

const withValgrind = {
  title:
    '`valgrind --tool=callgrind`, because `perf` has no counters on this machine; the entering process without the program',
  count: (words) =>
    inScratch((scratch) => {
      const out = `--callgrind-out-file=${scratch}/%p`;
      // The launcher of the Node host executes Node. Who fails, because valgrind lacks a system call, did something else.
      const status = run([
        'valgrind',
        '--tool=callgrind',
        '--trace-children=yes',
        '--trace-children-skip=*/true',
        out,
        ...words,
      ]);
      if (status !== 0) return undefined;
      const counts = readdirSync(scratch).map((name) =>
        Number(/^totals: (\d+)/m.exec(readFileSync(`${scratch}/${name}`, 'utf8'))?.[1] ?? 0),
      );
      return counts.length > 0 ? Math.max(...counts) : undefined;
    }),
};

/** Where valgrind lacks pidfd_open(2), what is counted is how tsenter does without. */
function valgrindKnowsPidfds() {
  const { stdout } = spawnSync(installed('valgrind'), ['-q', places.native, '--version'], {
    encoding: 'utf8',
  });
  return /pidfd yes/.test(stdout);
}

function run([file, ...words]) {
  const path = installed(file);
  if (!path) return undefined;
  return spawnSync(path, words, { cwd: '/', env: environment, stdio: 'ignore', timeout: 120_000 }).status;
}

/** Undefined where there is nothing to read. The directory is seen inside the target as well. */
function inScratch(work) {
  const scratch = mkdtempSync(`${tmpdir()}/tsb-`);
  try {
    return work(scratch);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
