import type { TargetName } from '../../request/request.ts';
import { keysBetween } from '../../sys/keys-between.ts';
import type { Sys } from '../../sys/sys.ts';
import { isId } from '../engines/engine.ts';
import type { StateFiles } from '../engines/state-files.ts';
import { type Found, findAll } from './find-all.ts';

/** Of all that has a name those that may have been meant by one that nothing has, as -t takes them: the likest alone. */
export function namesAlike(sys: Sys, files: StateFiles, { scheme, name }: TargetName): string[] {
  const typed = name.toLowerCase();
  const likest: string[][] = [[], [], [], [], []];
  for (const one of findAll(sys, files, scheme === 'unit' ? ['unit'] : []).found)
    if (one.word !== undefined) likest[difference(one, typed)]?.push(one.word);
  return likest.find((words) => words.length > 0) ?? [];
}

/** 0: none but the engine or the case; from 5 on they are not alike. */
function difference({ id, names, user }: Found, typed: string): number {
  // Who has something of that name is easily left out.
  const own = user === undefined ? [] : names.map((name) => name.slice(name.indexOf('/') + 1));
  const words = [...own, ...names, ...(isId(id) ? [] : [id])].map((name) => name.toLowerCase());
  if (words.includes(typed) || id === typed) return 0;
  if ([id, ...words].some((word) => word.startsWith(typed))) return 1;
  const keys = Math.min(...words.map((word) => keysBetween(typed, word)));
  if (keys <= (typed.length > 4 ? 2 : 1)) return keys + 1;
  const parts = partsOf(typed);
  return words.some((word) => partsOf(word).some((part) => parts.includes(part))) ? 4 : 5;
}

/** As in PROJECT/SERVICE, shop-db-1, or what other commands put before a name: `pod/front`, `root@web`. */
function partsOf(word: string): string[] {
  return word.split(/[/@:._-]/).filter((part) => part.length > 1);
}
