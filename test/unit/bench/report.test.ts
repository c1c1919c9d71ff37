/** docs/benchmark.md and .svg are what docs/benchmark.json says, and say what was compared with what. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { repository } from '../../support/programs.ts';

const read = (name: string) => readFileSync(`${repository}/docs/benchmark.${name}`, 'utf8');

interface Ratio {
  readonly ratio: number;
}

/** In a process of its own, as npm run bench does it. */
function rendered(): { text: string; picture: string } {
  const source = `import { chart } from '${repository}/test/bench/chart.mjs';
    import { report } from '${repository}/test/bench/report.mjs';
    import { readFileSync } from 'node:fs';
    const data = JSON.parse(readFileSync('${repository}/docs/benchmark.json', 'utf8'));
    console.log(JSON.stringify({ text: report(data), picture: chart(data) }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('are rendered from the figures', () => {
  const { text, picture } = rendered();
  expect(text).toBe(read('md'));
  expect(picture).toBe(read('svg'));
});

it('no cell is empty but the first of a row, which says the same as above', () => {
  const cells = read('md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| *(--- \| *)*---/.test(line))
    .flatMap((line) => line.split(' | ').slice(1));
  expect(cells.length).toBeGreaterThan(500);
  expect(cells.filter((cell) => cell.replace('|', '').trim() === '')).toEqual([]);
});

it('the chart says which nsenter, what the floor is, and where its lower axis counts', () => {
  const texts = [...read('svg').matchAll(/<text[^>]*>([^<]*)</g)].map(([, text = '']) => text);
  const { programs } = JSON.parse(read('json'));
  const [{ version }] = programs.filter(({ name }: { name: string }) => name === 'nsenter');
  const all = texts.join('\n');
  expect(all.match(new RegExp(`nsenter ${version}`, 'g'))).toHaveLength(2);
  expect(all).toMatch(/The floor enters as well .*, and checks nothing/);
  expect(texts).toEqual(expect.arrayContaining(['0.1', '1', '10', '100']));
});

it('the two hosts of tsenter have a colour each', () => {
  const fills = [...read('svg').matchAll(/<path d="[^"]*Z?" fill="(#[0-9a-f]{6})"/g)].map(([, fill]) => fill);
  expect(new Set(fills).size).toBe(4);
});

it('the README says of Node what the figures say', () => {
  const readme = readFileSync(`${repository}/README.md`, 'utf8').replace(/\s+/g, ' ');
  const [, ...told] =
    /on Node it takes (\d+) to (\d+) times as long as nsenter, and (\d\.\d) times as long as Node does /.exec(
      readme,
    ) ?? [];
  const rows: { candidates: { name: string; ratio: Ratio; toEmptyNode: Ratio }[] }[] = JSON.parse(
    read('json'),
  ).rows;
  const onNode = rows.flatMap(({ candidates }) => candidates.filter(({ name }) => name === 'tsenter, Node'));
  expect(onNode.length).toBeGreaterThan(5);
  const ratios = onNode.map(({ ratio }) => ratio.ratio);
  const toEmpty = new Set(onNode.map(({ toEmptyNode }) => toEmptyNode.ratio.toFixed(1)));
  expect(told).toEqual([Math.min(...ratios).toFixed(), Math.max(...ratios).toFixed(), ...toEmpty]);
});
