import { OPTION_ROWS } from '../../options/table.ts';
import type { Host } from '../../plan/host.ts';
import { escapeControls } from '../../sys/escape.ts';
import type { NamespaceName } from '../../sys/namespaces.ts';
import type { Listed } from '../../target/listing/listing.ts';
import type { ListedNamespace } from '../../target/listing/namespaces.ts';
import { type Column, type Fit, renderColumns } from './columns.ts';
import { styleFor } from './style.ts';
import { userNames } from './users.ts';

/** On a terminal that does not tell. */
const USUAL_WIDTH = 80;
/** As engines abbreviate ids; -t takes the beginning, too. */
const SHORT_ID = 12;
const UNKNOWN = '?';
const NONE = '-';

const FIT_TARGETS: Fit = [
  ['ID', SHORT_ID],
  ['IMAGE', 20],
  ['NAME', 24],
  ['ID', 'gone'],
  ['IMAGE', 12],
  ['USER', 8],
  ['NAME', 16],
  ['USER', 'gone'],
  ['IMAGE', 'gone'],
  ['UPTIME', 'gone'],
  ['NAME', 8],
  ['DIFFERS', 'gone'],
  ['NAME', 1],
];

const FIT_NAMESPACES: Fit = [
  ['CONTAINERS', 16],
  ['COMMAND', 8],
  ['USER', 8],
  ['CONTAINERS', 1],
  ['COMMAND', 'gone'],
  ['USER', 'gone'],
];

export function targetTable(host: Host, listed: readonly Listed[]): string {
  const nameOf = userNames(host);
  const columns: Column[] = [
    { title: 'ENGINE', cells: [] },
    { title: 'NAME', cells: [] },
    { title: 'PID', cells: [], isNumber: true },
    { title: 'STATE', cells: [] },
    { title: 'IMAGE', cells: [] },
    { title: 'DIFFERS', cells: [] },
    { title: 'USER', cells: [] },
    { title: 'UPTIME', cells: [], isNumber: true },
    { title: 'ID', cells: [] },
  ];
  for (const one of listed) addRow(columns, cellsOf(one, nameOf));
  return rendered(host, columns, FIT_TARGETS);
}

function cellsOf(one: Listed, nameOf: (uid: number) => string | undefined): (string | undefined)[] {
  const { process, differs, uptime } = one;
  const uid = process?.uid;
  return [
    one.engine,
    one.names[0] ?? one.id,
    process && String(process.pid),
    one.state,
    one.image ?? one.command?.join(' ') ?? process?.comm,
    differs ? lettersOf(differs) : process && UNKNOWN,
    uid === undefined ? process && UNKNOWN : (nameOf(uid) ?? String(uid)),
    uptime === undefined ? undefined : durationOf(uptime),
    one.id,
  ];
}

export function namespaceTable(host: Host, namespaces: readonly ListedNamespace[]): string {
  const nameOf = userNames(host);
  const columns: Column[] = [
    { title: 'NS', cells: [], isNumber: true },
    { title: 'TYPE', cells: [] },
    { title: 'NPROCS', cells: [], isNumber: true },
    { title: 'PID', cells: [], isNumber: true },
    { title: 'USER', cells: [] },
    { title: 'COMMAND', cells: [] },
    { title: 'CONTAINERS', cells: [] },
  ];
  for (const { inode, type, count, pid, uid, comm, owners } of namespaces) {
    const user = uid === undefined ? UNKNOWN : (nameOf(uid) ?? String(uid));
    addRow(columns, [inode, type, String(count), String(pid), user, comm, owners.join(' ')]);
  }
  return rendered(host, columns, FIT_NAMESPACES);
}

function addRow(columns: readonly Column[], cells: readonly (string | undefined)[]): void {
  for (const [index, column] of columns.entries()) column.cells.push(shown(cells[index] || NONE));
}

/** Most are nothing to look at one by one. */
function shown(text: string): string {
  return /^[ -~]*$/.test(text) ? text : escapeControls(text);
}

/** What is no terminal gets all of it. */
function rendered(host: Host, columns: readonly Column[], fit: Fit): string {
  const width = host.isTerminal(1) ? host.columns(1) || USUAL_WIDTH : undefined;
  const { heading } = styleFor(host, 1);
  return renderColumns(columns, fit, width, heading);
}

/** The letters of the options that enter them. */
function lettersOf(names: readonly NamespaceName[]): string {
  const letters = OPTION_ROWS.filter(({ namespace }) => namespace && names.includes(namespace));
  return letters.map(({ short }) => short).join('');
}

function durationOf(seconds: number): string {
  if (seconds < 60) return `${Math.floor(seconds)}s`;
  if (seconds < 60 * 60) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 24 * 60 * 60) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
