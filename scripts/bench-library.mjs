// Times the library against child_process: how long a call blocks the loop, and how long an entry takes beside spawning nsenter. Then many entries
// from this one process, and what is left of them. It needs root, nsenter, and better a machine that does nothing else.
//
//   node scripts/bench-library.mjs [ROUNDS [ENTRIES]]    default 300 and 10000
import { spawn as spawnProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { startTarget } from '../test/bench/target.mjs';

const { run, spawn, Target } = await import('../dist/lib/index.js');
const [rounds = 300, entries = 10_000] = process.argv.slice(2).map(Number);
const AT_ONCE = 8;
const PROGRAM = '/bin/true';

const { pid } = await startTarget();
const held = new Target(pid);
const stdio = 'ignore';

/** Each as [what is compared with, what it is]; all of a round one after the other, so that a busy moment meets all. */
const WAYS = {
  'child_process.spawn of the program': () => spawnProcess(PROGRAM, [], { stdio }),
  'child_process.spawn of nsenter -n': () =>
    spawnProcess('nsenter', ['-t', String(pid), '-n', PROGRAM], { stdio }),
  'spawn, net': () => spawn(PROGRAM, { target: pid, namespaces: ['net'], stdio }),
  'spawn, net, of a Target': () => spawn(PROGRAM, { target: held, namespaces: ['net'], stdio }),
  'child_process.spawn of nsenter -a': () =>
    spawnProcess('nsenter', ['-t', String(pid), '-a', PROGRAM], { stdio }),
  'spawn, all': () => spawn(PROGRAM, { target: pid, all: true, stdio }),
};
const [PLAIN, NSENTER_NET, NET, , NSENTER_ALL, ALL] = Object.keys(WAYS);

const times = Object.fromEntries(Object.keys(WAYS).map((way) => [way, { blocked: [], whole: [] }]));
for (let round = -20; round < rounds; round++)
  for (const [way, start] of Object.entries(WAYS)) {
    const [blocked, whole] = await timed(start);
    if (round < 0) continue;
    times[way].blocked.push(blocked);
    times[way].whole.push(whole);
  }

console.log('| ms: least of 20, median | blocked | | whole | |\n| --- | ---: | ---: | ---: | ---: |');
for (const [way, { blocked, whole }] of Object.entries(times))
  console.log(
    `| ${way} | ${[...least(blocked), ...least(whole)].map((time) => time.toFixed(2)).join(' | ')} |`,
  );
console.log();
ratio('blocked, beside child_process', NET, PLAIN, 'blocked');
ratio('blocked, all, beside child_process', ALL, PLAIN, 'blocked');
ratio('whole, beside nsenter -n', NET, NSENTER_NET, 'whole');
ratio('whole, beside nsenter -a', ALL, NSENTER_ALL, 'whole');

const before = state();
const start = performance.now();
let next = 0;
await Promise.all(Array.from({ length: AT_ONCE }, work));
const each = (performance.now() - start) / entries;
await new Promise((resolve) => setTimeout(resolve, 100));
console.log(`\n${entries} entries, ${AT_ONCE} at once: ${each.toFixed(2)} ms each`);
const after = state();
console.log(`before: ${JSON.stringify(before)}\nafter:  ${JSON.stringify(after)}`);
process.exit(['descriptors', 'children', 'listeners'].some((what) => after[what] > before[what]) ? 1 : 0);

async function work() {
  while (next++ < entries) await run(PROGRAM, { target: held, namespaces: ['net'] });
}

async function timed(begin) {
  const start = performance.now();
  const child = begin();
  const blocked = performance.now() - start;
  await new Promise((resolve) => child.once('close', resolve));
  return [blocked, performance.now() - start];
}

/** The 5th percentile, which others that are busy do not reach, and the median. */
function least(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 20)], sorted[Math.floor(sorted.length / 2)]];
}

function ratio(what, way, other, which) {
  const [own, theirs] = [least(times[way][which]), least(times[other][which])];
  console.log(`${what}: ${own.map((time, index) => (time / theirs[index]).toFixed(2)).join(', ')}`);
}

function state() {
  return {
    descriptors: readdirSync('/proc/self/fd').length,
    children: readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1').split(' ').filter(Boolean)
      .length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    megabytes: Math.round(process.memoryUsage().rss / 1e6),
  };
}
