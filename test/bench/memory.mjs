/** What the parent keeps while the program that it has entered with runs. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { environment, places, root } from './places.mjs';
import { candidates } from './rows.mjs';

const TIMES = 5;

/**
 * In KB, each the median of a few runs. Pages of a file that was just built count as dirty until they are on the disk,
 * and then as Private_Dirty of whoever maps them.
 */
export async function measureMemory({ pid }) {
  const options = ['-t', String(pid), '-u', '-i', '-n', '-m', '-p'];
  const parents = candidates(options, [pid, 'uinmp'], [places.wait]).filter(
    ({ name }) => !/empty/.test(name),
  );
  execFileSync(
    'sync',
    [places.native, places.floor, `${root}/dist/helper/tsenter-helper`].filter((path) => existsSync(path)),
  );
  const results = [];
  for (const { name, words } of parents) {
    const samples = [];
    for (let i = 0; i < TIMES; i++) samples.push(await lookAt(words.map(String)));
    const figures = Object.keys(samples[0]).map((key) => [key, median(samples.map((each) => each[key]))]);
    results.push({ name, ...Object.fromEntries(figures) });
  }
  return results;
}

async function lookAt([file, ...words]) {
  const parent = spawn(file, words, { cwd: '/', env: environment, stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(parent, 'close');
  const line = await Promise.race([once(parent.stdout, 'data'), closed]);
  if (parent.exitCode !== null || line.length !== 1) throw new Error(`${file} has not entered`);
  const rollup = readFileSync(`/proc/${parent.pid}/smaps_rollup`, 'utf8');
  const status = readFileSync(`/proc/${parent.pid}/status`, 'utf8');
  parent.stdin.end();
  await closed;
  return {
    rss: field(rollup, 'Rss'),
    pss: field(rollup, 'Pss'),
    privateDirty: field(rollup, 'Private_Dirty'),
    peak: field(status, 'VmHWM'),
  };
}

function field(text, name) {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
