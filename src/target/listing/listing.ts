import { Errno } from '../../sys/errors.ts';
import { NAMESPACES, type NamespaceName } from '../../sys/namespaces.ts';
import type { Sys } from '../../sys/sys.ts';
import { ifPossible, readPath } from '../../sys/system-call.ts';
import { StateFiles } from '../engines/state-files.ts';
import { openHostRoot } from '../host-root.ts';
import { isInContainer, surroundings } from '../proof.ts';
import { hiddenProc } from '../why-denied.ts';
import { type Found, type FoundAll, findAll } from './find-all.ts';
import { findInCgroups } from './in-cgroups.ts';
import { isWanted, namesOfNothing } from './pattern.ts';
import { type Inodes, inodesOf, isThere, lookAt, type Process } from './process.ts';

/** What can be entered, as --list shows it. */
export interface Listed {
  engine: string;
  /** what -t takes: SCHEME:NAME, or the process where nothing else leads to it; undefined: it does not run */
  target: string | undefined;
  id: string;
  names: readonly string[];
  state: string;
  image: string | undefined;
  command: readonly string[] | undefined;
  /** undefined: it does not run */
  process: Process | undefined;
  /** undefined where they cannot be seen, or there are none */
  namespaces: Inodes | undefined;
  /** of these it has others than the caller; undefined as above */
  differs: readonly NamespaceName[] | undefined;
  /** in seconds */
  uptime: number | undefined;
}

export interface Listing {
  listed: Listed[];
  /** what could not be looked at, and why: `WHAT: CAUSE` */
  unseen: string[];
  /** operands that are names, and nothing has them */
  nameless: readonly string[];
}

const MOST = 1 << 16;

/** All that is asked for, and everything about it. */
export function listAll(sys: Sys, hostRoot: string | undefined, operands: readonly string[]): Listing {
  const { files, own, found } = find(sys, hostRoot, operands);
  const hidden = hiddenHere(sys);
  const around: Around = {
    own,
    now: Number(readIfThere(sys, '/proc/uptime').split(' ')[0]),
    isHidden: hidden !== undefined,
  };
  const listed = found.map((one) => describe(sys, files, one, around));
  const denied = listed.filter(({ process }) => process && !process.namespaces).length;
  return {
    listed,
    unseen: [
      // Two engines may have looked at one place.
      ...new Set(files.notes),
      ...(hidden === undefined ? [] : [hidden]),
      ...(denied === 0 ? [] : [`namespaces of ${denied} of these: ${sys.describe(Errno.EACCES)}`]),
    ],
    nameless: namesOfNothing(operands, found),
  };
}

/**
 * What -t takes, of all that run as far as the engines' files tell, and they alone: whoever completes a name does not wait. Of a process no
 * more is looked at than whether it is in a container.
 */
export function listNames(
  sys: Sys,
  hostRoot: string | undefined,
  operands: readonly string[],
): { words: string[]; nameless: string[] } {
  const root = openHostRoot(sys, hostRoot);
  const files = operands.some((operand) => operand.startsWith('machine'))
    ? new StateFiles(sys, root, 'daemons')
    : new StateFiles(sys, root, 'daemons', 'processes');
  const { found } = findAll(sys, files, operands);
  const own = surroundings(sys, '/proc/self');
  const words: string[] = [];
  const named = found.filter(({ word, pid, scheme }) => {
    if (word === undefined || (pid === 0 && scheme !== NETWORK)) return false;
    const isTaken = UNREFUSED.includes(scheme) || isInContainer(sys, { proc: `/proc/${pid}` }, own);
    if (isTaken) words.push(word);
    return isTaken;
  });
  return { words, nameless: namesOfNothing(operands, named) };
}

/** The first process of all that run. */
export function listPids(
  sys: Sys,
  hostRoot: string | undefined,
  operands: readonly string[],
): { pids: number[]; nameless: string[] } {
  const { found } = find(sys, hostRoot, operands);
  const running = found.filter(({ pid, proof }) => pid !== 0 && isThere(sys, pid, proof?.()));
  return { pids: running.map(({ pid }) => pid), nameless: namesOfNothing(operands, running) };
}

const NETWORK = 'netns';
/** What -t takes wherever it is: everything else has to be in a container. */
const UNREFUSED = ['unit', NETWORK];

/** What the engines tell of, and what nothing but its cgroup does. */
function find(sys: Sys, hostRoot: string | undefined, operands: readonly string[]) {
  const files = new StateFiles(sys, openHostRoot(sys, hostRoot));
  const { found, patterns, ids, pids }: FoundAll = findAll(sys, files, operands);
  const own = inodesOf(sys, 'self') ?? {};
  const inCgroups = findInCgroups(sys, files, (id, pid) => ids.has(id) || pids.has(pid)).filter((one) =>
    isInside(inodesOf(sys, String(one.pid)), own),
  );
  const byId = new Map(inCgroups.map((one) => [one.id, one]));
  const whole = found.map((one) => {
    const { pid, proof } = (one.isOnlyInCgroup && byId.get(one.id)) || one;
    return { ...one, pid, ...(proof && { proof }) };
  });
  const known = new Set(found.map(({ id }) => id));
  const others = inCgroups.filter((one) => !known.has(one.id) && isWanted(patterns, one));
  return { files, own, found: [...whole, ...others] };
}

/** Who has a cgroup of his own calls it as he likes; that he is in no container shows all the same, if it may be looked at. */
function isInside(namespaces: Inodes | undefined, own: Inodes): boolean {
  return !namespaces || namespaces.mount !== own.mount || namespaces.pid !== own.pid;
}

interface Around {
  own: Inodes;
  /** since the boot, in seconds */
  now: number;
  isHidden: boolean;
}

function describe(sys: Sys, files: StateFiles, one: Found, { own, now, isHidden }: Around): Listed {
  const { scheme, word, id, names, pid, state, image, command, proof } = one;
  const process = pid === 0 ? undefined : lookAt(sys, pid, proof?.());
  const namespaces = scheme === NETWORK ? networkOf(files, id) : process?.namespaces;
  const isTaken = UNREFUSED.includes(scheme) || isInside(namespaces, own);
  return {
    engine: scheme,
    target: process || scheme === NETWORK ? (isTaken && word) || (process && String(pid)) : undefined,
    id,
    names,
    state: process ? (state ?? 'running') : stateOf(one, isHidden),
    image,
    command,
    process,
    namespaces,
    differs: namespaces && differing(namespaces, own),
    uptime: process && Math.max(0, now - process.start),
  };
}

/** Of what has no process here. */
function stateOf({ pid, state, isOnlyInCgroup }: Found, isHidden: boolean): string {
  if (isOnlyInCgroup) return 'hidden';
  if (pid === 0) return state ?? 'stopped';
  return isHidden ? 'hidden' : 'ended';
}

function networkOf(files: StateFiles, name: string): Inodes | undefined {
  const inode = files.inode(`/run/netns/${name}`);
  return inode === undefined ? undefined : { net: inode };
}

/** In the order in which they are joined. */
function differing(namespaces: Inodes, own: Inodes): NamespaceName[] {
  return NAMESPACES.map(({ name }) => name).filter(
    (name) => namespaces[name] !== undefined && namespaces[name] !== own[name],
  );
}

/** Which processes cannot be seen, and why. */
function hiddenHere(sys: Sys): string | undefined {
  if (ifPossible(() => sys.statPath('/proc/1/stat'))) return undefined;
  if (!ifPossible(() => sys.statPath('/proc/self'))) return 'processes: /proc is not mounted';
  const why = hiddenProc(sys);
  return why && `processes of others: ${why}`;
}

function readIfThere(sys: Sys, path: string): string {
  return ifPossible(() => readPath(sys, path, MOST)) ?? '';
}
