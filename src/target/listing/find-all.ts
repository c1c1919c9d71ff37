import { NAME } from '../../request/parse-name.ts';
import type { Sys } from '../../sys/sys.ts';
import type { Container, Proof } from '../engines/engine.ts';
import type { StateFiles } from '../engines/state-files.ts';
import { ENGINES } from '../engines/table.ts';
import { unknownScheme } from '../not-found.ts';
import { findOfUsers } from '../of-users.ts';
import { ON_DEMAND, SCHEMES } from '../schemes.ts';
import { isWanted, mayBeOf, type Pattern, parsePattern } from './pattern.ts';

/** What engines tell of, or was found otherwise. */
export interface Found extends Omit<Container, 'proof'> {
  /** a network namespace has no process, and nothing to prove */
  proof?(): Proof;
  /** what -t takes that leads to this and to nothing else, where there is such a word */
  word?: string;
}

export interface FoundAll {
  /** each once, by the first engine that tells of it, in the order of the engines and of their names */
  found: Found[];
  patterns: readonly Pattern[];
  /** ids and processes that need no other name: of all that engines told of, wanted or not, sandboxes too, but for those whose process they did not tell */
  ids: Set<string>;
  pids: Set<number>;
}

/**
 * All that the state files of engines tell of, but for sandboxes.
 *
 * @param operands see Pattern; none: everything but units and network namespaces
 * @throws UsageError for a scheme that there is not
 */
export function findAll(sys: Sys, files: StateFiles, operands: readonly string[]): FoundAll {
  const patterns = operands.map(parsePattern);
  for (const { scheme, name = '' } of patterns)
    if (scheme !== undefined && !SCHEMES.some((each) => mayBeOf({ scheme, name }, each)))
      throw unknownScheme(scheme, name);
  const isAsked = (engine: string) =>
    patterns.length === 0
      ? !ON_DEMAND.includes(engine)
      : patterns.some(
          (pattern) =>
            mayBeOf(pattern, engine) && (pattern.scheme !== undefined || !ON_DEMAND.includes(engine)),
        );
  const all: Found[] = [];
  // Which ones of containerd's are sandboxes, the pods tell.
  for (const engine of ENGINES)
    if (isAsked(engine.scheme) || (engine.scheme === 'pod' && isAsked('containerd')))
      all.push(...inOrder(withWords(engine.find(files, undefined))));
  for (const engine of ENGINES)
    if (isAsked(engine.scheme)) all.push(...inOrder(withWords(findOfUsers(sys, files, [engine], undefined))));
  if (isAsked('netns')) all.push(...inOrder(withWords(networks(files))));
  const sandboxes = new Set(all.filter(({ sandbox }) => sandbox).map(({ id }) => id));
  const wanted = all.filter((one) => !sandboxes.has(one.id) && isWanted(patterns, one));
  return {
    found: onceEach(wanted),
    patterns,
    ids: new Set(all.filter(({ isOnlyInCgroup, sandbox }) => sandbox || !isOnlyInCgroup).map(({ id }) => id)),
    pids: new Set(all.map(({ pid }) => pid)),
  };
}

/** As ip-netns(8) keeps them. */
function networks(files: StateFiles): Found[] {
  return files
    .list('/run/netns')
    .map((name) => ({ scheme: 'netns', id: name, names: [], pid: 0, state: 'namespace' }));
}

/** Each with the first of its names, or its id, that no other of its engine has. */
function withWords(found: readonly Found[]): readonly Found[] {
  const times = new Map<string, number>();
  const count = (name: string) => times.set(name, (times.get(name) ?? 0) + 1);
  for (const { id, names } of found) {
    count(id);
    for (const [index, name] of names.entries())
      if (name !== id && names.indexOf(name) === index) count(name);
  }
  for (const one of found) {
    // The id of a user's own is among its names, with the user before it.
    const words = one.user === undefined ? [...one.names, one.id] : one.names;
    const name = words.find((each) => times.get(each) === 1 && NAME.test(each));
    if (name !== undefined) one.word = `${one.scheme}:${name}`;
  }
  return found;
}

function inOrder(found: readonly Found[]): Found[] {
  const called = new Map<string, Found[]>();
  for (const one of found) {
    const key = one.names[0] ?? one.id;
    const others = called.get(key);
    if (others) others.push(one);
    else called.set(key, [one]);
  }
  // Without a function that compares, the engine does it in a tenth of the time.
  return [...called.keys()].sort().flatMap((key) => byId(called.get(key) ?? []));
}

/** Of one name there are few. In no directory do names stand in an order that another host has, too. */
function byId(alike: Found[]): Found[] {
  return alike.length < 2 ? alike : alike.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Of two engines that tell of one process the first is the one that a person has started. */
function onceEach(found: readonly Found[]): Found[] {
  const [pids, ids] = [new Set<number>(), new Set<string>()];
  return found.filter(({ pid, id }) => {
    const isKnown = pid === 0 ? ids.has(id) : pids.has(pid);
    if (pid !== 0) pids.add(pid);
    ids.add(id);
    return !isKnown;
  });
}
