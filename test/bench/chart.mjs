/** docs/benchmark.svg from docs/benchmark.json. */
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, LegendComponent, MarkLineComponent, TitleComponent, SVGRenderer]);

// The background is the page's: every colour has the same contrast to a white one and to a nearly black one.
const grey = '#777c85';
const faint = '#777c8555';
const blue = '#3b7fe0';
const green = '#2f9150';
const violet = '#a06bd6';

const WIDTH = 820;
const LINE = 42;
const LEFT = 230;
const RIGHT = 70;
const HEAD = 96;

export function chart(data) {
  const rows = data.rows.map((row) => ({
    label: plain(row.program ? `${row.title}, ${row.program}` : row.title),
    native: ratioOf(row, 'tsenter, native'),
    floor: ratioOf(row, 'floor'),
  }));
  const others = wholeEntries(data);
  const upper = rows.length * LINE;
  const lower = others.length * (LINE - 12);
  const second = HEAD + upper + 44;
  const height = second + HEAD - 40 + lower + 36;

  const image = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  image.setOption({
    animation: false,
    textStyle: { fontFamily: 'system-ui, sans-serif', color: grey },
    title: [
      title(
        `Time, as a ratio to that of nsenter ${versionOf(data, 'nsenter')}: shorter is better`,
        `${data.date}, ${data.machine.cpu}. The floor enters as well (setns, fork, execve), and checks nothing.`,
        4,
      ),
      title(
        'Entering a whole container',
        `A static true as the program; ratio to the time of nsenter ${versionOf(data, 'nsenter')}, logarithmic scale`,
        second,
      ),
    ],
    legend: {
      left: 0,
      top: 50,
      itemGap: 40,
      data: ['tsenter, native', 'floor: static C'],
      textStyle: { color: grey },
    },
    grid: [
      { left: LEFT, right: RIGHT, top: HEAD, height: upper },
      { left: LEFT, right: RIGHT, top: second + HEAD - 40, height: lower },
    ],
    xAxis: [
      { ...valueAxis, gridIndex: 0, min: 0, max: ({ max }) => Math.ceil(Math.max(max, 1.01) * 5) / 5 },
      { ...valueAxis, gridIndex: 1, type: 'log', min: 0.1, axisTick: { show: true }, axisLine },
    ],
    yAxis: [
      { ...nameAxis, gridIndex: 0, data: rows.map(({ label }) => label) },
      { ...nameAxis, gridIndex: 1, data: others.map(({ label }) => label) },
    ],
    series: [
      {
        ...bars(
          'tsenter, native',
          blue,
          rows.map(({ native }) => native),
        ),
        markLine,
      },
      bars(
        'floor: static C',
        green,
        rows.map(({ floor }) => floor),
      ),
      {
        ...bars('entering everything', grey, []),
        xAxisIndex: 1,
        yAxisIndex: 1,
        data: others.map(({ label, ratio }) => ({
          value: ratio,
          itemStyle: { color: colourOf(label) },
        })),
      },
    ],
  });
  // Without styles of what the mouse is over: it is a picture.
  const svg = image.getZr().painter.renderToString({ cssEmphasis: false });
  image.dispose();
  return `${svg}\n`;
}

/** Fastest first. Of tsenter and nsenter the figures are those of the target of our own. */
function wholeEntries({ rows, engines }) {
  const all = rows.find(({ title, program }) => /-a/.test(title) && /static/.test(program));
  const own = ['nsenter', 'tsenter, native', 'tsenter, Node'].map((name) => ({
    label: `${name} -a`,
    ratio: all && ratioOf(all, name),
  }));
  const others = engines.map((row) => ({ label: row.title, ratio: ratioOf(row, row.title) }));
  return [...own, ...others].filter(({ ratio }) => ratio !== undefined).sort((a, b) => a.ratio - b.ratio);
}

function ratioOf(row, wanted) {
  return row.candidates.find(({ name }) => name === wanted)?.ratio?.ratio;
}

const versionOf = ({ programs }, wanted) => programs.find(({ name }) => name === wanted)?.version ?? '';

/** The two hosts of tsenter are two programs: who sees one colour takes them for one. */
function colourOf(label) {
  if (!label.startsWith('tsenter')) return grey;
  return label.includes('Node') ? violet : blue;
}

const plain = (text) => text.replaceAll('`', '');

function title(text, subtext, top) {
  return {
    text,
    subtext,
    left: 0,
    top,
    textStyle: { color: grey, fontSize: 16 },
    subtextStyle: { color: grey, fontSize: 12 },
  };
}

const axisLine = { show: true, lineStyle: { color: grey } };

const valueAxis = {
  type: 'value',
  axisLabel: { color: grey },
  axisLine: { show: false },
  splitLine: { lineStyle: { color: faint } },
};

const nameAxis = {
  type: 'category',
  inverse: true,
  axisTick: { show: false },
  axisLine: { lineStyle: { color: grey } },
  axisLabel: { color: grey, fontSize: 12 },
};

const markLine = {
  symbol: 'none',
  silent: true,
  lineStyle: { color: grey, width: 2, type: 'solid' },
  // At the upper end, the axis's labels are at the other.
  label: { formatter: 'nsenter', color: grey, position: 'start' },
  data: [{ xAxis: 1 }],
};

function bars(name, color, values) {
  return {
    name,
    type: 'bar',
    barCategoryGap: '30%',
    itemStyle: { color },
    label: { show: true, position: 'right', color: grey, formatter: ({ value }) => short(value) },
    data: values.map((value) => value ?? '-'),
  };
}

function short(value) {
  return typeof value === 'number' ? value.toFixed(value >= 10 ? 0 : 2) : '';
}
