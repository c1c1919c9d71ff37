import { characterLength } from '../../sys/utf8.ts';

export interface Column {
  title: string;
  cells: string[];
  /** right-aligned */
  isNumber?: true;
}

/** What is done, one after the other, until a table fits: a column gets narrower, down to so many characters, or goes. */
export type Fit = readonly (readonly [title: string, least: number | 'gone'])[];

const GAP = 2;
/** Stands where something was cut, as in ps(1). */
const CUT = '+';

/**
 * Aligned columns, a line each row.
 *
 * @param width of the terminal; undefined: as wide as it is, and nothing is cut
 * @param heading what to make of the first line
 */
export function renderColumns(
  columns: readonly Column[],
  fit: Fit,
  width: number | undefined,
  heading: (line: string) => string,
): string {
  const shown = columns.map((column) => ({
    ...column,
    width: Math.max(column.title.length, ...column.cells.map(widthOf)),
  }));
  if (width !== undefined) fitInto(width, shown, fit);
  const rows = Math.max(0, ...shown.map(({ cells }) => cells.length));
  const lines = [lineOf(shown, ({ title }) => title)];
  for (let row = 0; row < rows; row++) lines.push(lineOf(shown, ({ cells }) => cells[row] ?? ''));
  return lines.map((line, index) => `${index === 0 ? heading(line) : line}\n`).join('');
}

interface Shown extends Column {
  width: number;
}

function fitInto(width: number, shown: Shown[], fit: Fit): void {
  for (const [title, least] of fit) {
    const excess = shown.reduce((sum, column) => sum + column.width + GAP, -GAP) - width;
    const at = shown.findIndex((column) => column.title === title);
    const column = shown[at];
    if (excess <= 0) return;
    if (column === undefined) continue;
    if (least === 'gone') shown.splice(at, 1);
    else column.width = Math.max(Math.min(least, column.width), column.width - excess);
  }
}

function lineOf(shown: readonly Shown[], text: (column: Shown) => string): string {
  return shown
    .map((column) => {
      const cut = cutTo(column.width, text(column));
      const blanks = ' '.repeat(Math.max(0, column.width - widthOf(cut)));
      return column.isNumber ? blanks + cut : cut + blanks;
    })
    .join(' '.repeat(GAP))
    .trimEnd();
}

/** In characters: of UTF-8, whose bytes these are, those that begin one. */
function widthOf(text: string): number {
  let width = 0;
  for (let at = 0; at < text.length; at += Math.max(1, characterLength(text, at))) width++;
  return width;
}

function cutTo(width: number, text: string): string {
  if (text.length <= width || widthOf(text) <= width) return text;
  let end = 0;
  for (let count = 1; count < width; count++) end += Math.max(1, characterLength(text, end));
  return text.slice(0, end) + CUT;
}
