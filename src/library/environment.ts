import { types } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import { fromUnicode, toUnicode } from '../hosts/node/bytes.ts';
import { TsenterError } from '../sys/errors.ts';

/** The variables of this process: another object may take its place. */
export const OWN = process.env;

/** A worker has a copy. */
const isOfProcess = isMainThread && isNodes(OWN);

/** What somebody has put there has a class of its own, or none, or is a Proxy. */
function isNodes(variables: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(variables);
  if (types.isProxy(variables) || typeof prototype !== 'object' || prototype === null) return false;
  const { value } = Object.getOwnPropertyDescriptor(prototype, 'constructor') ?? {};
  return typeof value === 'function' && value.name === '' && String(value).includes('[native code]');
}

/** @returns NAME=VALUE as the core has them; undefined where they are what this process has */
export function handedOn(variables: Readonly<NodeJS.ProcessEnv>): readonly string[] | undefined {
  return isOwn(variables) ? undefined : entriesOf(variables);
}

export function isOwn(variables: unknown): boolean {
  return isOfProcess && variables === OWN;
}

/** As child_process reads them: what an object has from its prototype counts. (What it adds by itself, for Node's coverage, is not the program's.) */
export function* variablesIn(
  variables: Readonly<NodeJS.ProcessEnv>,
): Generator<readonly [name: string, value: string | undefined]> {
  for (const name in variables) yield [name, variables[name]];
}

export function entriesOf(variables: Readonly<NodeJS.ProcessEnv>): string[] {
  const entries: string[] = [];
  for (const [name, value] of variablesIn(variables))
    if (value !== undefined) entries.push(fromUnicode(`${name}=${value}`));
  return entries;
}

/** child_process takes an environment of JavaScript strings: one that is not UTF-8 would not arrive as it is. */
export function variablesOf(entries: readonly string[]): NodeJS.ProcessEnv {
  const variables: Record<string, string> = Object.create(null);
  for (const entry of entries) {
    const text = toUnicode(entry);
    if (fromUnicode(text) !== entry)
      throw new TsenterError({
        verb: 'hand on',
        object: `environment variable ${entry}`,
        cause: 'not UTF-8',
      });
    const equals = text.indexOf('=');
    variables[text.slice(0, equals)] = text.slice(equals + 1);
  }
  return variables;
}
