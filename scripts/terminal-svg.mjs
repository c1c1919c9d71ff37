// A terminal's output as an animated SVG: lines that are shown one after the other, and a screen that scrolls. The same text gives the
// same picture.

const COLUMNS = 116;
const ROWS = 26;
const CELL = { width: 7.8, height: 17 };
const MARGIN = 14;
const PAGE = { width: Math.ceil(COLUMNS * CELL.width) + 2 * MARGIN, height: ROWS * CELL.height + 2 * MARGIN };

/** SGR of what is recorded (ECMA-48): 0 ends the others. */
const STYLES = { 1: 'bold', 2: 'dim', 31: 'red' };

/** How long what is new is looked at, in milliseconds. */
const TIMES = { remark: 1400, command: 900, output: 500, line: 90, end: 4000 };
/** Lines of output that come at once: of more the screen scrolls. */
const AT_ONCE = 9;

/** @param text what the terminal got: lines, and SGR of STYLES */
export function terminalSvg(text, title) {
  const rows = text
    .replaceAll('\r', '')
    .replace(/^\n+|\n+$/g, '')
    .split('\n');
  const lines = styled(rows).flatMap((runs) => wrapped(runs));
  const frames = framesOf(lines);
  const defined = [...new Set(lines.map(drawn))].filter((line) => line !== '');
  const number = new Map(defined.map((line, index) => [line, index]));
  const shown = frames.map(({ end }, index) => {
    const screen = lines.slice(Math.max(0, end - ROWS), end);
    const uses = screen.flatMap((line, row) =>
      number.has(drawn(line)) ? [`<use href="#l${number.get(drawn(line))}" y="${row * CELL.height}"/>`] : [],
    );
    return `<g transform="translate(${index * PAGE.width} 0)">${uses.join('')}</g>`;
  });
  // Where nothing moves the last frame is shown.
  const last = -(frames.length - 1) * PAGE.width;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${PAGE.width}" height="${PAGE.height}" viewBox="0 0 ${PAGE.width} ${PAGE.height}" role="img">
<title>${escaped(title)}</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', monospace; fill: #d5dbe3 }
.bold { font-weight: bold; fill: #fff } .dim { fill: #8b949e } .red { fill: #ff7b72 }
.film { animation: film ${total(frames) / 1000}s steps(1, end) infinite }
@media (prefers-reduced-motion: reduce) { .film { animation: none } }
@keyframes film { ${keyframes(frames)} }
</style>
<defs>
${defined.map((line, index) => `<g id="l${index}">${line}</g>`).join('\n')}
</defs>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<svg x="${MARGIN}" y="${MARGIN}" width="${PAGE.width - 2 * MARGIN}" height="${PAGE.height - 2 * MARGIN}"><g class="film" transform="translate(${last} 0)">
${shown.join('\n')}
</g></svg>
</svg>
`;
}

/** Each line as pieces of one style each, which goes on over its end. */
function styled(rows) {
  let style = '';
  return rows.map((row) => {
    const runs = [];
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    for (const [, code, text] of row.matchAll(/\x1b\[(\d*)m|([^\x1b]+)/g)) {
      if (text === undefined) style = STYLES[code] ?? '';
      else runs.push({ style, text });
    }
    return runs;
  });
}

/** As a terminal breaks what is longer than it is wide. */
function wrapped(runs) {
  const rows = [[]];
  let column = 0;
  for (const { style, text } of runs)
    for (let rest = text; rest !== ''; ) {
      if (column === COLUMNS) {
        rows.push([]);
        column = 0;
      }
      const piece = rest.slice(0, COLUMNS - column);
      rows.at(-1).push({ style, text: piece });
      column += piece.length;
      rest = rest.slice(piece.length);
    }
  return rows;
}

/** What is shown together: the lines up to `end`, for `time`. */
function framesOf(lines) {
  const frames = [];
  for (let at = 0; at < lines.length; ) {
    const kind = kindOf(lines[at]);
    let end = at + 1;
    while (end < lines.length && kindOf(lines[end]) === kind && (kind !== 'output' || end < at + AT_ONCE))
      end++;
    const more = kindOf(lines[end] ?? []) === 'output' && kind === 'output';
    frames.push({ end, time: (more ? 0 : TIMES[kind]) + (end - at) * TIMES.line });
    at = end;
  }
  frames.at(-1).time += TIMES.end;
  return frames;
}

function kindOf([first]) {
  return first?.style === 'bold' ? 'command' : first?.style === 'dim' || !first ? 'remark' : 'output';
}

/** Whatever the font, a word stands in the column where a terminal has it. */
function drawn(line) {
  let column = 0;
  return line
    .flatMap(({ style, text }) => {
      const begin = column;
      column += text.length;
      const named = style && ` class="${style}"`;
      return [...text.matchAll(/\S+(?: \S+)*/g)].map(({ 0: words, index }) => {
        const x = ((begin + index) * CELL.width).toFixed(1);
        const length = (words.length * CELL.width).toFixed(1);
        return `<text${named} x="${x}" y="${CELL.height - 4}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${escaped(words)}</text>`;
      });
    })
    .join('');
}

function total(frames) {
  return frames.reduce((sum, { time }) => sum + time, 0);
}

function keyframes(frames) {
  const all = total(frames);
  let passed = 0;
  return frames
    .map(({ time }, index) => {
      const from = ((passed / all) * 100).toFixed(3);
      passed += time;
      return `${from}% { transform: translateX(${-index * PAGE.width}px) }`;
    })
    .join(' ');
}

function escaped(text) {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
