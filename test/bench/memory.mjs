/** What the parent keeps while the program that it has entered with runs. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { environment, places, root } from './places.mjs';
import { candidates } from './rows.mjs';

const TIMES = 5;

/** In KB, each the median of a few runs; `notTried` gets a line for each that cannot be looked at. */
export async function measureMemory({ pid }, notTried) {
  const options = ['-t', String(pid), '-u', '-i', '-n', '-m', '-p'];
  const parents = candidates(options, [pid, 'uinmp'], [places.wait]).filter(({ words }) =>
    words.includes(places.wait),
  );
  writeOut([places.native, places.floor, `${root}/dist/helper/tsenter-helper`]);
  const results = [];
  for (const { name, words } of parents) {
    try {
      const samples = [];
      for (let i = 0; i < TIMES; i++) samples.push(await lookAt(words.map(String)));
      const figures = Object.keys(samples[0]).map((key) => [key, median(samples.map((each) => each[key]))]);
      results.push({ name, ...Object.fromEntries(figures) });
    } catch (error) {
      notTried.push(`${name}: what waits: ${error.message}`);
    }
  }
  return results;
}

/**
 * The pages of a file that was just built are dirty until they are on the disk, and then the kernel counts them as
 * Private_Dirty of whoever maps them.
 */
function writeOut(files) {
  execFileSync('sync', files.filter(existsSync));
}

async function lookAt([file, ...words]) {
  const parent = spawn(file, words, { cwd: '/', env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(parent, 'close');
  try {
    const [line] = await Promise.race([once(parent.stdout, 'data'), closed]);
    if (String(line) !== 'here\n') throw new Error('it has not entered');
    const rollup = readFileSync(`/proc/${parent.pid}/smaps_rollup`, 'utf8');
    const status = readFileSync(`/proc/${parent.pid}/status`, 'utf8');
    return {
      rss: field(rollup, 'Rss'),
      pss: field(rollup, 'Pss'),
      privateDirty: field(rollup, 'Private_Dirty'),
      peak: field(status, 'VmHWM'),
    };
  } finally {
    parent.stdin.end();
    await closed;
  }
}

function field(text, name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
