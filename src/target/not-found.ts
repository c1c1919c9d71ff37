import { isTakenForTarget } from '../request/meant.ts';
import type { TargetName } from '../request/request.ts';
import { SHOWN_BY_LIST } from '../request/shown-by-list.ts';
import { Errno, TsenterError, UsageError } from '../sys/errors.ts';
import type { Container } from './engines/engine.ts';
import { SCHEMES } from './schemes.ts';
import type { Target } from './target.ts';

const MOST_NAMED = 8;
const MOST_ALIKE = 4;

/**
 * Nothing, as far as may be seen, has this name.
 *
 * @param alike what may have been meant
 * @param notes what could not be looked at
 */
export function notFound(
  { scheme, name }: TargetName,
  alike: readonly string[],
  notes: readonly string[],
): TsenterError {
  const typed = scheme === undefined ? name : `${scheme}:${name}`;
  const cause =
    scheme === undefined
      ? 'not a process id, and no container has this name'
      : `${scheme} has nothing of this name`;
  const hints = [
    ...(alike.length > 0 ? [`Did you mean ${listed(someOf(alike))}?`] : []),
    // There it may be.
    ...unseen(notes),
  ];
  return new TsenterError({
    verb: 'parse',
    object: `target '${typed}'`,
    cause,
    hint: hints.join(' ') || hintOf(scheme, name),
    errno: Errno.ENOENT,
  });
}

/** One may be enough to know what to do; --list tells all of them. */
function unseen(notes: readonly string[]): string[] {
  const [first, ...others] = [...new Set(notes)];
  if (first === undefined) return [];
  const count = others.length === 1 ? 'one other' : `${others.length} others`;
  return [`What could not be looked at: ${first}${others.length === 0 ? '' : `, and ${count}`}.`];
}

function someOf(words: readonly string[]): readonly string[] {
  if (words.length <= MOST_ALIKE) return words;
  const shown = words.slice(0, MOST_ALIKE - 1);
  return [...shown, `one of ${words.length - shown.length} others`];
}

/** Where the names are of what has no files of its own. */
const PLACES: Readonly<Record<string, string>> = {
  pod: 'the files that containerd and CRI-O keep of pods',
  lxc: 'the cgroups that LXC makes',
  machine: "what is registered with systemd-machined, and among systemd-nspawn's processes",
  unit: "the cgroups of systemd's units",
};

function hintOf(scheme: string | undefined, name: string): string {
  if (scheme !== undefined)
    return `It was looked for in ${PLACES[scheme] ?? `the files that ${scheme} keeps`}; 'tsenter --list ${scheme}' shows what is there.`;
  if (SCHEMES.includes(name))
    return `A name stands behind it: ${name}:NAME; 'tsenter --list ${name}' shows them.`;
  if (name === 'i') return isTakenForTarget();
  if (/^0x[0-9a-f]{1,8}$/i.test(name)) return `As a process id it is decimal: -t ${Number(name)}.`;
  return SHOWN_BY_LIST;
}

export function unknownScheme(scheme: string, name: string): UsageError {
  return new UsageError(
    'parse',
    `target '${scheme}:${name}'`,
    'unknown scheme',
    /^\d+$/.test(name) ? `A process is its number alone: -t ${name}.` : `There are ${listed(SCHEMES)}.`,
  );
}

export function ambiguous(name: string, found: readonly Container[]): UsageError {
  const shown = found
    .slice(0, MOST_NAMED)
    .map((one) => `${nameOf(one)} (${one.pid === 0 ? (one.state ?? 'stopped') : one.pid})`);
  const more = found.length > MOST_NAMED ? `, and ${found.length - MOST_NAMED} more` : '';
  return new UsageError(
    'parse',
    `target '${name}'`,
    'more than one has this name',
    `Say which: ${shown.join(', ')}${more}.`,
  );
}

export function notRunning({ name }: TargetName, found: Container): TsenterError {
  return new TsenterError({
    verb: 'enter',
    object: `target '${name}'`,
    cause: found.cause ?? 'it does not run',
    errno: Errno.ESRCH,
    hint: `${nameOf(found)} is ${found.state ?? 'stopped'}${found.pid === 0 ? '' : `: its process ${found.pid} has ended`}.`,
  });
}

/** The process that has the name is one of those outside of containers. */
export function inNoContainer({ name }: TargetName, { label, pid }: Target): TsenterError {
  return new TsenterError({
    verb: 'enter',
    object: `target '${name}'`,
    cause: 'it is in no container',
    hint: `The process of ${label} is in the mount and the PID namespace of the caller; -t ${pid} enters what else it has.`,
  });
}

function nameOf({ scheme, id, names }: Container): string {
  return `${scheme}:${names[0] ?? id}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
