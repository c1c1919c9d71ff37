/** docs/benchmark.md from docs/benchmark.json. */

export function report(data) {
  const { machine, rounds } = data;
  return `# Benchmark

Rendered by \`${data.command}\` from [benchmark.json](benchmark.json); do not edit.

![Ratios to nsenter](benchmark.svg)

${list([
  `Date: ${data.date}; revision: ${machine.revision}`,
  `Machine: ${machine.cpu}; Linux ${machine.kernel}; ${machine.system}`,
  `Each row is one run: in every round all of its commands, in random order, from the spawn to the end, with PATH as
  the whole environment. ${rounds.fast} rounds; ${rounds.slow} of what takes more than 10 ms, spread evenly over them.`,
  `${NOT_MEASURED}: there is none, or this program cannot do that.`,
  `Ratios are those of medians, to nsenter's in the same run, with a bootstrap 95 % interval.`,
  `The floor is a static C program (\`test/bench/floor.c\`) that makes one setns of a pidfd, a vfork where there is a
  PID namespace, and the execve. It checks nothing.`,
])}

## Ratios

${table(
  ['', 'program', ...summaryNames, 'tsenter, Node to `node empty.cjs`'],
  data.rows.map((row) => [
    row.title,
    row.program ?? '',
    ...summaryNames.map((name) => ratioOf(row, name)),
    interval(named(row, 'tsenter, Node')?.toEmptyNode),
  ]),
)}

## Entering a real container

The program is a static \`true\`. What the engines have does more than enter namespaces: among others it joins the
container's cgroup and drops capabilities, and docker's asks two daemons for it.

${engineTable(data.engines)}

${byName(data.byName)}${growth(data.growth)}## What the waiting parent keeps

In KB, while a program runs that was entered with \`-u -i -n -m -p\`; from its \`smaps_rollup\` and \`VmHWM\`. On Node, what
waits is the helper: Node itself is gone by then, its peak is in the last table.

${table(
  ['', 'RSS', 'PSS', 'Private_Dirty', 'peak'],
  data.memory.map(({ name, rss, pss, privateDirty, peak }) => [name, rss, pss, privateDirty, peak]),
)}

## Instructions

${instructions(data.instructions)}

## What was compared

${table(
  ['', 'file', 'version', 'linkage', 'KB'],
  data.programs.map(({ name, path, version, linkage, size }) => [
    name,
    `\`${path}\``,
    version,
    linkage,
    Math.ceil(size / 1024),
  ]),
)}

## Everything that was timed

Times in µs, peak memory in KB. Faults are minor page faults; they and the peak are the kernel's figures for the process
and those it waited for. Peaks below 1 MB are rough: the kernel counts pages in batches.

${[...data.rows, ...(data.byName ? [{ title: 'a name instead of a number', candidates: data.byName }] : []), ...data.engines].map(details).join('\n\n')}
${data.notTried.length > 0 ? `\n## Not tried\n\n${list(data.notTried)}\n` : ''}`;
}

/** What has no such option, no such part or no version of its own. */
const NOT_MEASURED = '–';

const summaryNames = ['tsenter, native', 'floor', 'the program alone', 'tsenter, Node'];

const named = (row, wanted) => row.candidates.find(({ name }) => name === wanted);

function ratioOf(row, name) {
  const candidate = named(row, name);
  return candidate?.failed ? 'failed' : interval(candidate?.ratio);
}

function engineTable(engines) {
  if (engines.length === 0) return 'There was no engine.';
  return table(
    ['', 'itself', 'tsenter, native `-a`', 'tsenter, Node `-a`', 'its median', "tsenter's", "nsenter's"],
    engines.map((row) => [
      `\`${row.title}\``,
      ratioOf(row, row.title),
      ratioOf(row, 'tsenter, native'),
      ratioOf(row, 'tsenter, Node'),
      milliseconds(named(row, row.title)),
      milliseconds(named(row, 'tsenter, native')),
      milliseconds(named(row, 'nsenter')),
    ]),
  );
}

/** Of a report that was measured before there was this there is nothing to show. */
function byName(candidates) {
  if (!candidates) return '';
  const one = (name) => candidates.find((each) => each.name === name);
  const hosts = candidates.filter(({ name }) =>
    candidates.some(({ name: other }) => other.startsWith(`${name}: `)),
  );
  const names = (host) =>
    candidates.filter(({ name }) => name.startsWith(`${host}: `)).map(({ name }) => name);
  const cell = (name, host) => {
    const [{ median, failed, toOther }, { median: byNumber }] = [one(name), one(host)];
    return failed
      ? 'failed'
      : `${milliseconds({ median })}, ${milliseconds({ median: median - byNumber })} more: ${interval(toOther)}`;
  };
  return `## A name instead of a number

The same container, of runc's, and none of another engine, entered whole by its process id and by its name, in one run. Behind the medians
is the ratio to that of the number.

${table(
  ['', '`-t PID -a`', '`-t runc:NAME -a`', '`-t NAME -a`'],
  hosts.map(({ name }) => [name, milliseconds(one(name)), ...names(name).map((each) => cell(each, name))]),
)}

`;
}

/** As above. */
function growth(rows = []) {
  if (rows.length === 0) return '';
  const names = ['nsenter', 'tsenter, native', 'tsenter, Node'];
  const cell = (row, index, name) => {
    const [now, before] = [row.sizes[index], row.sizes[index - 1]].map((size) => size && named(size, name));
    if (!now || now.failed) return now ? 'failed' : '';
    const times = before?.median ? `, ${(now.median / before.median).toPrecision(2)} times` : '';
    return milliseconds(now) + times + (now.peak ? `, ${(now.peak / 1024).toPrecision(2)} MB` : '');
  };
  const lines = rows.flatMap((row) =>
    row.sizes.map(({ size }, index) => [
      index === 0 ? row.title : '',
      size.toLocaleString('en'),
      ...names.map((name) => cell(row, index, name)),
    ]),
  );
  return `## How cost grows

With what is as large as others make it. Each input is ten times the one before; beside the median of its runs is how many times
that of the one before it is, start and end of the process included, and where that is asked what it had of memory at most.

${table(['', 'how many', ...names], lines)}

`;
}

function instructions(counted) {
  if (!counted) return 'Not available: neither `perf` nor `valgrind` counts here.';
  const names = [...new Set(counted.rows.flatMap(({ counts }) => counts.map(({ name }) => name)))];
  const cell = (counts, wanted) => {
    const count = counts.find(({ name }) => name === wanted)?.count;
    return count === undefined ? '' : count.toLocaleString('en');
  };
  return `In user mode, by ${counted.method}.

${table(
  ['', ...names],
  counted.rows.map(({ title, counts }) => [title, ...names.map((name) => cell(counts, name))]),
)}`;
}

function details({ title, program, candidates }) {
  const rows = candidates.map((each) => [
    each.name,
    each.failed ? `failed: ${each.failed}` : interval(each.ratio),
    ...(each.failed
      ? Array(5).fill('')
      : [whole(each.median), whole(each.minimum), each.faults, each.peak || '', each.runs]),
    `\`${each.command}\``,
  ]);
  return `### ${title}${program ? `, ${program}` : ''}

${table(['', 'ratio', 'median', 'minimum', 'faults', 'peak', 'runs', 'command'], rows)}`;
}

function interval(ratio) {
  if (!ratio) return '';
  const digits = ratio.ratio >= 10 ? 1 : 2;
  const [middle, low, high] = [ratio.ratio, ratio.low, ratio.high].map((value) => value.toFixed(digits));
  return `${middle} [${low}, ${high}]`;
}

function milliseconds(candidate) {
  return candidate?.median === undefined ? '' : `${(candidate.median / 1000).toPrecision(3)} ms`;
}

const whole = (value) => Math.round(value);

/** In the first column nothing means the same as above. */
function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const filled = ([first, ...others]) => [
    first,
    ...others.map((cell) => (cell === '' ? NOT_MEASURED : cell)),
  ];
  return [line(head), line(head.map(() => '---')), ...rows.map((row) => line(filled(row)))].join('\n');
}

function list(items) {
  return items.map((item) => `- ${item}`).join('\n');
}
