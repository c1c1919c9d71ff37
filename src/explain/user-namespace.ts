import { SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';

/** A user namespace, as far as it decides over capabilities (user_namespaces(7)). */
export interface UserNamespace {
  identity: string;
  /** `user:[INODE]` */
  name: string;
  /** who made it, as the caller counts */
  owner: number | undefined;
}

/** From a user namespace up to the caller's own, both included. */
export type Lineage = readonly UserNamespace[];

export function ownUserNamespace(sys: Sys): UserNamespace | undefined {
  const file = '/proc/self/ns/user';
  const stat = seen(() => sys.statPath(file));
  // Where AppArmor lets nobody look at what has no path, a link still tells its number.
  const name = stat ? `user:[${stat.inode}]` : seen(() => sys.readLink(file));
  return name === undefined ? undefined : { identity: stat?.identity ?? name, name, owner: undefined };
}

/** undefined where it is not the caller's own nor below: the kernel shows no other's parents, and nobody has capabilities there. */
export function lineageOf(sys: Sys, fd: number, own: UserNamespace): Lineage | undefined {
  const found: UserNamespace[] = [];
  for (let current = fd; ; ) {
    const { identity, inode } = sys.stat(current);
    const name = `user:[${inode}]`;
    const parent = identity === own.identity ? undefined : seen(() => sys.askNamespace(current, 'parent'));
    const owner = parent === undefined ? undefined : seen(() => sys.askNamespace(current, 'owner'));
    if (current !== fd) sys.close(current);
    found.push({ identity, name, owner });
    if (identity === own.identity) return found;
    if (parent === undefined) return undefined;
    current = parent;
  }
}

/** The lineage of the user namespace that owns a namespace. */
export function lineageOfOwner(sys: Sys, fd: number, own: UserNamespace): Lineage | undefined {
  const owner = seen(() => sys.owningUserNamespace(fd));
  if (owner === undefined) return undefined;
  const lineage = lineageOf(sys, owner, own);
  sys.close(owner);
  return lineage;
}

export function seen<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
