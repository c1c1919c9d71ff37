import type { Host } from '../plan/host.ts';
import { UsageError } from '../sys/errors.ts';
import { FORMATS, type Format, WITH_LIST } from '../target/listing/formats.ts';
import { listNames, listPids } from '../target/listing/listing.ts';
import { listNamespaces } from '../target/listing/namespaces.ts';
import { lookAtAll } from './list-all.ts';
import { renderList, renderNamespaces } from './screens/list.ts';
import { renderNote } from './screens/note.ts';
import type { Token } from './words/getopt.ts';

const MOST_NOTES = 5;

/**
 * `--list`: what can be entered.
 *
 * @param given the options that were typed
 * @param first the index of the first operand among the words; the operands are schemes and patterns
 * @returns the exit status: 1 where nothing has a name that was asked for
 * @throws UsageError for options that have nothing to do with it, a format or a scheme that there is not
 */
export function showList(host: Host, given: readonly Token[], first: number): number {
  const { format, hostRoot } = understood(given);
  const operands = [...Array(host.words.count - first).keys()].map((index) => host.words.at(first + index));
  const nameless = show(host, format, hostRoot, operands);
  const what = format === 'names' || format === 'pids' ? 'runs' : 'can be entered';
  for (const operand of nameless)
    host.write(2, renderNote(host, `list '${operand}': nothing that ${what} is called so`));
  return nameless.length > 0 ? 1 : 0;
}

/** Gives the operands that are names, and nothing has them. */
function show(
  host: Host,
  format: Format,
  hostRoot: string | undefined,
  operands: readonly string[],
): readonly string[] {
  if (format === 'names') {
    const { words, nameless } = listNames(host, hostRoot, operands);
    writeLines(host, words);
    return nameless;
  }
  if (format === 'pids') {
    const { pids, nameless } = listPids(host, hostRoot, operands);
    writeLines(host, pids);
    return nameless;
  }
  if (format === 'namespaces') {
    const { namespaces, unseen, nameless } = listNamespaces(host, hostRoot, operands);
    host.write(1, renderNamespaces(host, namespaces));
    tellUnseen(host, unseen);
    return nameless;
  }
  const listing = lookAtAll(host, hostRoot, operands);
  host.write(1, renderList(host, listing, format));
  // The document has it itself.
  if (format !== 'json') tellUnseen(host, listing.unseen);
  return listing.nameless;
}

function understood(given: readonly Token[]): {
  format: Format;
  hostRoot: string | undefined;
} {
  let format: Format = 'table';
  let hostRoot: string | undefined;
  for (const { row, value } of given) {
    if (!WITH_LIST.includes(row.long))
      throw new UsageError('parse', `options --list and --${row.long}`, 'mutually exclusive');
    if (row.long === 'list') format = value === true ? 'table' : formatNamed(value);
    else if (row.long === 'host-root' && value !== true) hostRoot = value;
  }
  return { format, hostRoot };
}

function formatNamed(text: string): Format {
  const format = FORMATS.find((each) => each === text);
  if (format === undefined)
    throw new UsageError(
      'parse',
      `--list=${text}`,
      'unknown format',
      `There are ${FORMATS.slice(0, -1).join(', ')} and ${FORMATS[FORMATS.length - 1]}; what to list is an operand, as in --list 'docker:web*'.`,
    );
  return format;
}

function writeLines(host: Host, lines: readonly (string | number)[]): void {
  host.write(1, lines.map((line) => `${line}\n`).join(''));
}

/** Of what others made there may be thousands. */
function tellUnseen(host: Host, unseen: readonly string[]): void {
  for (const note of unseen.slice(0, MOST_NOTES)) host.write(2, renderNote(host, `list ${note}`));
  const more = unseen.length - MOST_NOTES;
  if (more > 0) host.write(2, renderNote(host, `list what else there is: ${more} more could not be read`));
}
