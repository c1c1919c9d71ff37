import { CAP_SETGID, CAP_SETUID, type CapabilitySets } from '../sys/capabilities.ts';
import type { Sys } from '../sys/sys.ts';
import { type Maps, mapsOf, outsideOf } from '../target/id-maps.ts';
import { type ProcessStatus, statusOf } from '../target/process-status.ts';
import { type Lineage, ownUserNamespace, type UserNamespace } from './user-namespace.ts';

/** What a process may do, and how that changes on the way inside. All ids are as the caller counts them. */
export interface Credentials {
  userNamespace: UserNamespace;
  /** a user namespace was entered */
  entered: boolean;
  /** of the user namespace; undefined: nobody is seen in it, who could tell */
  maps: Maps | undefined;
  uid: number;
  uids: readonly number[];
  gid: number;
  gids: readonly number[];
  groups: readonly number[];
  groupsDropped: boolean;
  permitted: readonly number[];
  effective: readonly number[];
  keepsPermitted: boolean;
  /** those that were set for the program */
  sets?: CapabilitySets;
}

export interface Caller extends Credentials {
  status: ProcessStatus;
}

export function callerOf(sys: Sys): Caller | undefined {
  const status = statusOf(sys, '/proc/self');
  const userNamespace = ownUserNamespace(sys);
  if (!status || !userNamespace) return undefined;
  const maps = mapsOf(sys, '/proc/self');
  const { uids, gids, groups, permitted, effective } = status;
  return {
    status,
    userNamespace,
    entered: false,
    // The ids outside are the parent's, who is not asked.
    maps: maps && {
      ...maps,
      uid: maps.uid.map((range) => ({ ...range, outside: range.inside })),
      gid: maps.gid.map((range) => ({ ...range, outside: range.inside })),
    },
    uid: uids[1] ?? 0,
    uids,
    gid: gids[1] ?? 0,
    gids,
    groups,
    groupsDropped: false,
    permitted,
    effective,
    keepsPermitted: false,
  };
}

/**
 * cap_capable() of the kernel: who has a capability in a user namespace has it in that one, or in one above; or has made it, from the one
 * above it (user_namespaces(7)).
 */
export function isCapable(who: Credentials, capability: number, over: Lineage | undefined): boolean {
  if (!over) return false;
  for (const [level, { identity, owner }] of over.entries()) {
    if (identity === who.userNamespace.identity) return who.effective.includes(capability);
    if (over[level + 1]?.identity === who.userNamespace.identity && owner === who.uid) return true;
  }
  return false;
}

/** In its own. */
export function hasCapability({ effective }: Credentials, capability: number): boolean {
  return effective.includes(capability);
}

type Change = 'ok' | 'unmapped' | 'not permitted' | 'unknown';

export function setGid(who: Credentials, id: number): Change {
  const change = mayBe(who, id, who.maps?.gid, who.gids, CAP_SETGID);
  if (change.is === 'ok') {
    who.gid = change.id;
    who.gids = [change.id, change.id, change.id, change.id];
  }
  return change.is;
}

/** capabilities(7), effect of user id changes on capabilities. */
export function setUid(who: Credentials, id: number): Change {
  const change = mayBe(who, id, who.maps?.uid, who.uids, CAP_SETUID);
  if (change.is !== 'ok') return change.is;
  const root = rootOf(who);
  const wasRoot = who.uids.slice(0, 3).some((uid) => uid === root);
  const isAll = who.effective.includes(CAP_SETUID);
  who.uid = change.id;
  who.uids = isAll ? [change.id, change.id, change.id, change.id] : [who.uids[0] ?? 0, change.id];
  if (wasRoot && change.id !== root) {
    if (!who.keepsPermitted) who.permitted = [];
    who.effective = [];
  } else if (!wasRoot && change.id === root) who.effective = who.permitted;
  return 'ok';
}

export function rootOf({ maps }: Credentials): number | undefined {
  return maps && outsideOf(maps.uid, 0);
}

function mayBe(
  who: Credentials,
  id: number,
  ranges: Maps['uid'] | undefined,
  own: readonly number[],
  capability: number,
): { is: 'ok'; id: number } | { is: Exclude<Change, 'ok'> } {
  if (!ranges) return { is: 'unknown' };
  const outside = outsideOf(ranges, id);
  if (outside === undefined) return { is: 'unmapped' };
  const isOwn = own[0] === outside || own[2] === outside;
  return isOwn || hasCapability(who, capability) ? { is: 'ok', id: outside } : { is: 'not permitted' };
}
