import { OPTION_ROWS, type OptionRow } from '../../options/table.ts';
import { OPTION_TEXT } from '../../options/text.ts';
import type { Host } from '../../plan/host.ts';
import { nameOf } from './name.ts';
import { styleFor } from './style.ts';
import { wrap } from './wrap.ts';

const WIDTH = 80;

/** `--help`: nsenter's layout, at most 80 columns. */
export function renderHelp(host: Host): string {
  const style = styleFor(host, 1);
  const information = OPTION_ROWS.filter((row) => row.long === 'help' || row.long === 'version');
  const others = OPTION_ROWS.filter((row) => !information.includes(row));
  const column = Math.max(...OPTION_ROWS.map((row) => synopsis(row).length)) + 2;
  const lines = (rows: readonly OptionRow[]) => rows.flatMap((row) => optionLines(row, column));
  return [
    '',
    style.heading('Usage:'),
    ` ${nameOf(host)} [options] [<program> [<argument>...]]`,
    '',
    'Execute a program in the namespaces of another process.',
    '',
    style.heading('Options:'),
    ...lines(others),
    '',
    ...lines(information),
    '',
    'For more details see tsenter(1).',
    '',
  ].join('\n');
}

/** ` -m, --mount[=<file>|:<nsid>]` */
function synopsis(row: OptionRow): string {
  const short = row.short ? `-${row.short}, ` : '    ';
  return ` ${short}--${row.long}${valueSynopsis(row)}`;
}

/** Values that are written as they stand there. */
const LITERAL = ['follow', 'json', 'steps'];

/** The value as `--help` writes it: names in angle brackets, optional ones in square brackets. */
export function valueSynopsis(row: OptionRow): string {
  if (!row.value) return '';
  const name = (OPTION_TEXT[row.long].value ?? '').replace(/[A-Za-z]+/g, (word) =>
    LITERAL.includes(word) ? word : `<${word}>`,
  );
  return row.value === 'optional' ? `[=${name}]` : ` ${name}`;
}

function optionLines(row: OptionRow, column: number): string[] {
  const [first = '', ...rest] = wrap(OPTION_TEXT[row.long].summary, WIDTH - column);
  return [synopsis(row).padEnd(column) + first, ...rest.map((line) => ' '.repeat(column) + line)];
}
