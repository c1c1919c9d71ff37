import type { Host } from '../../plan/host.ts';
import { escapeControls } from '../../sys/escape.ts';
import { NAMESPACES } from '../../sys/namespaces.ts';
import { characterLength, isControl } from '../../sys/utf8.ts';
import type { Listed, Listing } from '../../target/listing/listing.ts';
import { userNames } from './users.ts';

/** docs/list.schema.json describes it. Fields may be added; one that changes or goes makes it the next version. */
const VERSION = 1;

/** One document. */
export function listAsJson(host: Host, { listed, unseen, nameless }: Listing): string {
  const nameOf = userNames(host);
  const targets = listed.map((one) => `\n    ${objectOf(fieldsOf(one, nameOf))}`).join(',');
  const fields = [
    `"version": ${VERSION}`,
    `"targets": [${targets}${targets && '\n  '}]`,
    `"unseen": ${textsOf(unseen)}`,
    `"nameless": ${textsOf(nameless)}`,
  ];
  return `{\n  ${fields.join(',\n  ')}\n}\n`;
}

/** A document a line. */
export function listAsLines(host: Host, { listed }: Listing): string {
  const nameOf = userNames(host);
  return listed
    .map((one) => `${objectOf([['version', String(VERSION)], ...fieldsOf(one, nameOf)])}\n`)
    .join('');
}

type Fields = (readonly [key: string, json: string])[];

function fieldsOf(one: Listed, nameOf: (uid: number) => string | undefined): Fields {
  const { process, namespaces, differs, uptime, command } = one;
  return [
    ['target', textOrNull(one.target)],
    ['engine', textOf(one.engine)],
    ['names', textsOf(one.names)],
    ['id', textOf(one.id)],
    ['pid', numberOrNull(process?.pid)],
    ['state', textOf(one.state)],
    ['image', textOrNull(one.image)],
    ['command', command ? textsOf(command) : 'null'],
    ['comm', textOrNull(process?.comm)],
    ['namespaces', namespaces ? objectOf(inodeFields(namespaces)) : 'null'],
    ['differs', differs ? textsOf(differs) : 'null'],
    ['uid', numberOrNull(process?.uid)],
    ['user', textOrNull(process?.uid === undefined ? undefined : nameOf(process.uid))],
    ['uptime', numberOrNull(uptime && Math.floor(uptime))],
  ];
}

function inodeFields(inodes: NonNullable<Listed['namespaces']>): Fields {
  return NAMESPACES.flatMap(({ name }) => {
    const inode = inodes[name];
    return inode === undefined ? [] : [[name, inode] as const];
  });
}

function objectOf(fields: Fields): string {
  return `{${fields.map(([key, json]) => `"${key}": ${json}`).join(', ')}}`;
}

function textsOf(texts: readonly string[]): string {
  return `[${texts.map(textOf).join(', ')}]`;
}

function textOrNull(text: string | undefined): string {
  return text === undefined ? 'null' : textOf(text);
}

function numberOrNull(number: number | undefined): string {
  return number === undefined || Number.isNaN(number) ? 'null' : String(number);
}

/** What is no UTF-8 becomes what escapeControls makes of it; control characters are JSON's escapes, of which a terminal takes none. */
function textOf(text: string): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let json = '';
  for (let at = 0; at < text.length; ) {
    const length = Math.max(1, characterLength(text, at));
    const character = text.slice(at, at + length);
    json += characterOf(character);
    at += length;
  }
  return `"${json}"`;
}

/** @param character its bytes */
function characterOf(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (characterLength(character, 0) === 0) return escapeControls(character).replace('\\', '\\\\');
  if (!isControl(character, 0)) return character;
  // Of the two bytes of a C1 character the second is its number.
  const code = character.charCodeAt(character.length - 1);
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
