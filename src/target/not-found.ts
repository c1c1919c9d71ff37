import type { TargetName } from '../request/request.ts';
import { TsenterError, UsageError } from '../sys/errors.ts';
import type { Container } from './engines/engine.ts';
import { ENGINES } from './engines/table.ts';
import { SCHEMES } from './schemes.ts';
import type { Target } from './target.ts';

const MOST_NAMED = 8;

/** Nothing, as far as may be seen, has this name. */
export function notFound(scheme: string | undefined, name: string, note: string | undefined): TsenterError {
  const typed = scheme === undefined ? name : `${scheme}:${name}`;
  return new UsageError('parse', `target '${typed}'`, whyNot(scheme), hintOf(scheme, note));
}

function whyNot(scheme: string | undefined): string {
  return scheme === undefined
    ? 'not a process id, and no container has this name'
    : `${scheme} has nothing of this name`;
}

/** What may not be looked at comes first: there it may be. */
function hintOf(scheme: string | undefined, note: string | undefined): string {
  if (note !== undefined) return `What could not be looked at: ${note}.`;
  if (scheme !== undefined) return `It was looked for in the files that ${scheme} keeps.`;
  return `The word behind --target is its value: a process id, or a name that ${listed(ENGINES.map((engine) => engine.scheme))} has.`;
}

export function unknownScheme(scheme: string, name: string): UsageError {
  return new UsageError(
    'parse',
    `target '${scheme}:${name}'`,
    'unknown scheme',
    `There are ${listed(SCHEMES)}.`,
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
    cause: 'it does not run',
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
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
