import { isFrozen, memberships } from '../facts/cgroup.ts';
import type { Request } from '../request/request.ts';
import { SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';
import type { Target } from '../target/target.ts';
import type { CgroupTold, Place } from './explanation.ts';
import type { Rehearsal } from './stage.ts';
import { seen } from './user-namespace.ts';

const MOST_OF_MEMBERSHIPS = 1 << 18;

export function rootTold(
  sys: Sys,
  request: Request,
  rehearsal: Rehearsal | undefined,
  target: Target | undefined,
): Place {
  const { root } = request;
  if (root?.from === 'caller') return { of: 'path', path: root.path };
  if (root?.from === 'target') return { of: 'target', path: linkOf(sys, target, 'root') };
  return entersMount(request, rehearsal) ? { of: 'namespace', path: '/' } : { of: 'caller', path: '/' };
}

export function directoryTold(
  sys: Sys,
  request: Request,
  rehearsal: Rehearsal | undefined,
  target: Target | undefined,
): Place {
  const { workingDirectory: directory, root } = request;
  if (directory?.from === 'target') return { of: 'target', path: linkOf(sys, target, 'cwd') };
  if (directory) return { of: 'path', path: directory.path };
  if (root) return { of: root.from === 'target' ? 'target' : 'path', path: '/' };
  return entersMount(request, rehearsal)
    ? { of: 'namespace', path: '/' }
    : { of: 'caller', path: seen(() => sys.readLink('/proc/self/cwd')) ?? null };
}

/** One that is entered again only where that is permitted. */
function entersMount({ namespaces, all }: Request, rehearsal: Rehearsal | undefined): boolean {
  return rehearsal && !rehearsal.failure
    ? rehearsal.joined.has('mount')
    : all || namespaces.mount !== undefined;
}

function linkOf(sys: Sys, target: Target | undefined, name: string): string | null {
  return (target && seen(() => sys.readLink(`${target.proc}/${name}`))) ?? null;
}

export function cgroupTold(sys: Sys, request: Request, target: Target): CgroupTold | null {
  const theirs = readIfPossible(sys, `${target.proc}/cgroup`, MOST_OF_MEMBERSHIPS);
  const own = readIfPossible(sys, '/proc/self/cgroup', MOST_OF_MEMBERSHIPS);
  if (theirs === undefined || own === undefined) return null;
  return {
    joins: request.joinCgroup,
    caller: labels(own),
    target: labels(theirs),
    frozen: isSeenFrozen(sys, target),
  };
}

/** What cannot be looked at stops nobody from entering. */
function isSeenFrozen(sys: Sys, target: Target): boolean {
  try {
    return isFrozen(sys, target);
  } catch (error) {
    if (error instanceof SystemError || error instanceof TsenterError) return false;
    throw error;
  }
}

function labels(text: string): string[] {
  return memberships(text).map(({ controllers, path }) =>
    controllers === '' ? path : `${controllers}:${path}`,
  );
}
