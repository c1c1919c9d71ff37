import { OPTION_ROWS } from '../options/table.ts';
import { isDigits } from '../request/decimal.ts';
import { terminalOfDocker, userMeant } from '../request/meant.ts';
import type { Request } from '../request/request.ts';
import { type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';

/** What else may have been meant by the value of an option, at which nothing is found: another option, a number, a name. */

export function namespaceMeant(
  sys: Sys,
  name: NamespaceName,
  value: string,
  target: Request['target'],
): string | undefined {
  if (value === '' || value.includes('/')) return undefined;
  if (name === 'ipc' && value === 't')
    return `-it is -i with the file 't'. ${terminalOfDocker(target && asTyped(target))}`;
  const flags = flagsMeant(name, value, 'file');
  if (flags !== undefined) return flags;
  if (name === 'uts' || name === 'user') return `${userMeant(name, value)}.`;
  if (name === 'net' && isThere(sys, `/run/netns/${value}`))
    return `ip-netns(8) has one of this name: --net=/run/netns/${value}, or -t netns:${value}.`;
  const ofProcess = `/proc/${value}/ns/${procFile(name)}`;
  return isDigits(value) && isThere(sys, ofProcess)
    ? `A process is -t ${value}; the file of its namespace is --${name}=${ofProcess}.`
    : undefined;
}

function asTyped(target: NonNullable<Request['target']>): string {
  if ('pid' in target) return String(target.pid);
  return target.scheme === undefined ? target.name : `${target.scheme}:${target.name}`;
}

export function directoryMeant(long: 'root' | 'wd', value: string): string | undefined {
  return value === '' ? undefined : flagsMeant(long, value, 'directory');
}

/** `-pm` is -p with the value `m`, as in nsenter; what was meant is mostly `-p -m`. Of `-pmt PID` the next word is what -t was to have. */
function flagsMeant(long: string, value: string, kind: 'file' | 'directory'): string | undefined {
  const letter = OPTION_ROWS.find((row) => row.long === long)?.short;
  const others = [...value].map((other) => OPTION_ROWS.find((row) => row.short === other));
  const isLast = (index: number) => index === others.length - 1;
  if (!others.every((row, index) => row?.short && (row.value !== 'required' || isLast(index))))
    return undefined;
  return `-${letter}${value} is -${letter} with the ${kind} '${value}'; did you mean ${[letter, ...value].map((l) => `-${l}`).join(' ')}?`;
}

function isThere(sys: Sys, path: string): boolean {
  try {
    return sys.statPath(path) !== undefined;
  } catch {
    return false;
  }
}
