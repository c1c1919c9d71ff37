import type { Facts } from '../facts/facts.ts';
import type { OpenNamespace } from '../facts/namespace-source.ts';
import { ALL_CAPABILITIES, CAP_SYS_ADMIN, CAP_SYS_CHROOT, capabilityName } from '../sys/capabilities.ts';
import { Errno } from '../sys/errors.ts';
import { type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';
import { mapsOf } from '../target/id-maps.ts';
import { type Credentials, isCapable } from './credentials.ts';
import { type Lineage, lineageOf, lineageOfOwner, seen } from './user-namespace.ts';

/** A namespace that is open, and what decides over who may enter it. */
export interface Candidate {
  name: NamespaceName;
  fd: number;
  identity: string;
  /** `TYPE:[INODE]` */
  text: string;
  /** of what owns it, for a user namespace of itself; undefined: not below the caller's */
  lineage: Lineage | undefined;
  /** whose owner cannot be asked for, because its file cannot be opened */
  isClosed: boolean;
  /** a PID namespace that is neither the caller's nor below it */
  isAbove: boolean;
  /** a directory in /proc of a process in it; undefined where none is seen */
  proc: string | undefined;
}

export interface Refusal {
  errno: number;
  missing: { capability: string; namespace: string }[];
  why: string;
}

export function candidateOf(
  sys: Sys,
  { name, fd, origin, link }: Pick<OpenNamespace, 'name' | 'fd' | 'origin' | 'link'>,
  target: Facts['target'],
  caller: Credentials,
): Candidate {
  const { identity, inode } = sys.stat(fd);
  const own = caller.userNamespace;
  const isOfTarget = origin !== 'other' && target !== undefined;
  return {
    name,
    fd,
    identity,
    text: link ?? `${procFile(name)}:[${inode}]`,
    isClosed: link !== undefined,
    lineage: name === 'user' ? lineageOf(sys, fd, own) : lineageOfOwner(sys, fd, own),
    isAbove: name === 'pid' && link === undefined && !isBelowOwn(sys, fd, identity),
    proc: isOfTarget ? target.proc : processIn(sys, name, identity),
  };
}

/** NS_GET_PARENT tells only of those below the caller's (ioctl_ns(2)). */
function isBelowOwn(sys: Sys, fd: number, identity: string): boolean {
  if (seen(() => sys.statPath('/proc/self/ns/pid'))?.identity === identity) return true;
  const parent = seen(() => sys.askNamespace(fd, 'parent'));
  if (parent !== undefined) sys.close(parent);
  return parent !== undefined;
}

/**
 * What setns(2) of some of the namespaces at once says: each is owned by a user namespace in which CAP_SYS_ADMIN is needed, and so it is
 * in the one that the process is in afterwards.
 *
 * @returns undefined where all may be entered
 */
export function refusalOf(who: Credentials, candidates: readonly Candidate[]): Refusal | undefined {
  const user = candidates.find(({ name }) => name === 'user');
  const after: Lineage | undefined = user ? user.lineage : [who.userNamespace];
  for (const candidate of candidates) {
    const refusal = refusalOfOne(who, candidate, after);
    if (refusal) return refusal;
  }
  return undefined;
}

function refusalOfOne(
  who: Credentials,
  candidate: Candidate,
  after: Lineage | undefined,
): Refusal | undefined {
  const { name, identity, text, lineage, isAbove, isClosed } = candidate;
  if (isClosed) return undefined;
  if (name === 'user' && identity === who.userNamespace.identity)
    return refused(
      Errno.EINVAL,
      [],
      'It is the user namespace that the caller is in already, which cannot be entered again.',
    );
  if (!isCapable(who, CAP_SYS_ADMIN, lineage)) return lacksOverOwner(name, text, lineage);
  const needed = name === 'user' ? [] : name === 'mount' ? [CAP_SYS_ADMIN, CAP_SYS_CHROOT] : [CAP_SYS_ADMIN];
  const missing = needed.filter((capability) => !isCapable(who, capability, after)).map(capabilityName);
  if (missing.length > 0) {
    const own = who.userNamespace.name;
    const owner = lineage?.[0];
    const isOwn = owner?.identity === who.userNamespace.identity || who.entered;
    return refused(
      Errno.EPERM,
      missing.map((capability) => ({ capability, namespace: own })),
      `The caller lacks ${missing.join(' and ')} in its own ${own}${
        isOwn ? '.' : `, not in ${owner?.name}, which owns ${text}: enter that as well, by --user or --all.`
      }`,
    );
  }
  if (isAbove)
    return refused(Errno.EINVAL, [], 'A PID namespace can only be entered from itself or from one above it.');
  return undefined;
}

function lacksOverOwner(name: NamespaceName, text: string, lineage: Lineage | undefined): Refusal {
  const owner = lineage?.[0]?.name;
  const namespace = owner ?? (name === 'user' ? text : `the user namespace that owns ${text}`);
  return refused(
    Errno.EPERM,
    [{ capability: 'CAP_SYS_ADMIN', namespace }],
    owner === undefined
      ? `The caller lacks CAP_SYS_ADMIN in the user namespace that owns ${text}, which is not below its own.`
      : name === 'user'
        ? `The caller lacks CAP_SYS_ADMIN in ${text}, the namespace that it would enter.`
        : `The caller lacks CAP_SYS_ADMIN in ${owner}, which owns ${text}.`,
  );
}

function refused(errno: number, missing: Refusal['missing'], why: string): Refusal {
  return { errno, missing, why };
}

/** Who enters a user namespace has all capabilities in it, and in no other. */
export function enterUser(sys: Sys, who: Credentials, { lineage, proc }: Candidate): void {
  const [entered] = lineage ?? [];
  if (!entered) return;
  who.userNamespace = entered;
  who.entered = true;
  who.maps = proc === undefined ? undefined : mapsOf(sys, proc);
  who.permitted = ALL_CAPABILITIES;
  who.effective = ALL_CAPABILITIES;
}

/** The directory in /proc of a process that is in a namespace, which was named otherwise than by one; undefined where none is seen. */
function processIn(sys: Sys, name: NamespaceName, identity: string): string | undefined {
  const isIn = (proc: string) =>
    seen(() => sys.statPath(`${proc}/ns/${procFile(name)}`))?.identity === identity;
  if (isIn('/proc/self')) return '/proc/self';
  const names = seen(() => {
    const fd = sys.open('/proc', 'listing');
    const found = sys.list(fd);
    sys.close(fd);
    return found;
  });
  return names
    ?.filter((entry) => /^\d+$/.test(entry))
    .map((entry) => `/proc/${entry}`)
    .find(isIn);
}
