// Times tsenter against nsenter, against the least that entering can cost, and against what container engines have, and
// writes docs/benchmark.json, .md and .svg. It needs root, and a machine that does nothing else.
//
//   --quick    few rounds, to see that it works; the files go to dist/bench
//   --render   measures nothing: renders docs/benchmark.json again
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { measureNames } from '../test/bench/by-name.mjs';
import { chart } from '../test/bench/chart.mjs';
import { measureEngines } from '../test/bench/engines.mjs';
import { measureGrowth } from '../test/bench/growth.mjs';
import { countInstructions } from '../test/bench/instructions.mjs';
import { describeMachine, describePrograms } from '../test/bench/machine.mjs';
import { measureMemory } from '../test/bench/memory.mjs';
import { buildPrograms, installed, places, root } from '../test/bench/places.mjs';
import { report } from '../test/bench/report.mjs';
import { measureRows } from '../test/bench/rows.mjs';
import { startTarget } from '../test/bench/target.mjs';
import { formatted } from './formatted.mjs';
import { readWords, refuseRest } from './words.mjs';

const FLAGS = ['quick', 'render'];
const { given, rest } = readWords(process.argv.slice(2), process.env, { flags: FLAGS });
refuseRest(rest, ['--quick', '--render']);
const quick = given.has('quick');
const base = `${root}/${quick ? 'dist/bench' : 'docs'}/benchmark`;
const say = (what) => console.error(`bench: ${what}`);

/** By size. */
const GROWTH = [
  { fast: 30, slow: 8 },
  { fast: 30, slow: 8 },
  { fast: 15, slow: 5 },
];
const QUICK_GROWTH = GROWTH.map(() => ({ fast: 5, slow: 2 }));

const rendered = given.has('render');
const data = rendered ? JSON.parse(readFileSync(`${base}.json`, 'utf8')) : await measureAll();
if (!rendered) writeData(data);
const text = report(data);
writeFileSync(`${base}.md`, text);
writeFileSync(`${base}.svg`, chart(data));
// Without the long list of everything at its end.
console.log(text.slice(0, text.indexOf('## Everything')).trimEnd());
for (const what of data.notTried) console.log(`not tried: ${what}`);
say(`written: ${base}.json, .md, .svg`);

async function measureAll() {
  const rounds = quick ? { fast: 60, slow: 10 } : { fast: 1000, slow: 100 };
  buildPrograms();
  const notTried = [];
  if (!installed('nsenter')) throw new Error('nsenter is not installed: there is nothing to compare with');
  if (!existsSync(places.native)) notTried.push('tsenter, native: it was not built (musl-tools?)');
  const target = await startTarget();
  try {
    const rows = await measureRows(target, rounds, notTried, say);
    const byName = await measureNames(target, rounds, notTried, say);
    const growth = await measureGrowth(quick ? QUICK_GROWTH : GROWTH, notTried, say);
    say('memory');
    const memory = await measureMemory(target, notTried);
    say('instructions');
    const instructions = countInstructions(target);
    if (!instructions) notTried.push('instructions: neither perf nor valgrind counts here');
    const engines = await measureEngines(rounds, notTried, say);
    return {
      date: new Date().toISOString().slice(0, 10),
      command: `npm run bench${quick ? ' -- --quick' : ''}`,
      rounds,
      machine: describeMachine(),
      programs: describePrograms(),
      rows,
      byName,
      growth,
      engines,
      memory,
      instructions,
      notTried,
    };
  } finally {
    await target.stop();
  }
}

function writeData(values) {
  writeFileSync(`${base}.json`, formatted(root, values, 'docs/benchmark.json'));
}
