import type { TargetName } from '../request/request.ts';
import { TsenterError, UsageError } from '../sys/errors.ts';
import type { Container } from './engines/engine.ts';
import { ENGINES } from './engines/table.ts';

/** Why a name leads to no process. */

const MOST_NAMED = 8;

export function notFound(scheme: string | undefined, name: string, notes: readonly string[]): TsenterError {
  const typed = scheme === undefined ? name : `${scheme}:${name}`;
  return new UsageError('parse', `target '${typed}'`, whyNot(scheme), hintOf(scheme, notes));
}

function whyNot(scheme: string | undefined): string {
  return scheme === undefined
    ? 'not a process id, and no container has this name'
    : `${scheme} has nothing of this name`;
}

/** What may not be looked at comes first: there it may be. */
function hintOf(scheme: string | undefined, notes: readonly string[]): string {
  const [note] = notes;
  if (note !== undefined) return `What could not be looked at: ${note}.`;
  if (scheme !== undefined) return `It was looked for in the files that ${scheme} keeps.`;
  return `The word behind --target is its value: a process id, or a name that ${listed(ENGINES.map((engine) => engine.scheme))} has.`;
}

export function unknownScheme(scheme: string, name: string): UsageError {
  const schemes = listed([...ENGINES.map((engine) => engine.scheme), 'netns']);
  return new UsageError('parse', `target '${scheme}:${name}'`, 'unknown scheme', `There are ${schemes}.`);
}

export function ambiguous(name: string, found: readonly Container[]): UsageError {
  const shown = found
    .slice(0, MOST_NAMED)
    .map((one) => `${nameOf(one)}${one.pid === 0 ? '' : ` (${one.pid})`}`);
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

function nameOf({ scheme, id, names }: Container): string {
  return `${scheme}:${names[0] ?? id}`;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
}
