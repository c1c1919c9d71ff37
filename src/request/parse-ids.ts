import { UsageError } from '../sys/errors.ts';
import { MOST_OF_ID } from '../sys/ids.ts';
import { hasControls } from '../sys/utf8.ts';
import type { Controls, Groups } from './controls.ts';
import { decimalDigits } from './decimal.ts';
import { parseNumber } from './parse-value.ts';
import type { Request } from './request.ts';

/**
 * `NAME`, `NAME:`, `NAME:GROUP`, each with a number for a name as chown(1) has it. A number alone says nothing of files: it is that. With
 * nothing behind its colon it is looked up.
 *
 * @param isGroupGiven by an option of its own, which counts
 */
export function takeUser(controls: Controls, request: Request, text: string, isGroupGiven: boolean): void {
  const colon = text.indexOf(':');
  const user = colon < 0 ? text : text.slice(0, colon);
  const group = colon < 0 ? '' : text.slice(colon + 1);
  const isNumber = decimalDigits(user) !== undefined;
  if (user === 'follow') request.uid = user;
  else if (isNumber && group !== '') request.uid = parseNumber('setuid', user, MOST_OF_ID);
  else controls.user = isNumber ? parseNumber('setuid', user, MOST_OF_ID) : nameIn('setuid', text, user);
  if (group !== '' && !isGroupGiven) takeGroup(controls, request, 'setuid', text, group);
}

export function takeGroup(
  controls: Controls,
  request: Request,
  option: 'setuid' | 'setgid',
  text: string,
  group: string,
): void {
  if (group === 'follow') request.gid = group;
  else if (decimalDigits(group) !== undefined) request.gid = parseNumber(option, group, MOST_OF_ID);
  else controls.group = nameIn(option, text, group);
}

/** setpriv(1) has an option for each of these. */
export function parseGroups(text: string): Groups {
  if (text === 'follow' || text === 'keep') return text;
  if (text === 'none') return [];
  const words = text.split(',');
  const alone = words.find((word) => word === 'none' || word === 'keep' || word === 'follow');
  if (alone !== undefined)
    throw new UsageError(
      'parse',
      `groups '${text}' of --groups`,
      `${alone} stands alone`,
      'It says what the groups are; a list of numbers and names says it otherwise.',
    );
  return words.map((word) =>
    decimalDigits(word) === undefined
      ? nameIn('groups', text, word)
      : parseNumber('groups', word, MOST_OF_ID),
  );
}

/** What stands in no file of users is none: blanks, and what there begins a comment or asks others. */
function nameIn(option: 'setuid' | 'setgid' | 'groups', text: string, name: string): string {
  if (/^[^\s:,/#+-][^\s:,/]*$/.test(name) && !hasControls(name)) return name;
  throw new UsageError('parse', `value '${text}' of --${option}`, 'not a number, and no name');
}
