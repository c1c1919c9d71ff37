/**
 * Instructions in user mode: what perf counts, or where the machine lends it no counters, what valgrind simulates, and of an entry what is
 * executed one by one: what valgrind counts before an execve is lost, and it may lack pidfd_open(2).
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { environment, installed, places } from './places.mjs';
import { candidates, enterRows } from './rows.mjs';

export function countInstructions(target) {
  const method = [withPerf, withValgrind].find(({ count }) => count([places.staticTrue]) !== undefined);
  if (!method) return undefined;
  const rows = [{ title: '`--version`', list: candidates(['--version'], ['version'], []) }];
  for (const { title, options, floor } of enterRows(target)) {
    const list = candidates(options, [target.pid, floor], [places.staticTrue]);
    // One by one those of Node would take minutes.
    const few = list.filter(({ name }) => !/Node|empty/.test(name));
    rows.push(method === withPerf ? { title, list } : { title, list: few, method: withSteps });
  }
  return {
    method: method === withPerf ? method.title : `${method.title}; ${withSteps.title}`,
    rows: rows.map(({ title, list, method: own = method }) => ({
      title,
      counts: list.map(({ name, words }) => ({ name, count: own.count(words.map(String)) })),
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
  title: '`valgrind --tool=callgrind`, because `perf` has no counters on this machine',
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

const withSteps = {
  title: 'of an entry one by one by `ptrace`, those of its first process up to the program',
  count([file, ...words]) {
    const { status, stdout } = spawnSync(places.steps, [file, ...words], {
      cwd: '/',
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return status === 0 ? Number(stdout) : undefined;
  },
};

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
