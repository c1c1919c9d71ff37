import type { Aspect } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import type { Sys } from '../sys/sys.ts';
import { type IdRange, insideOf, mapsOf } from '../target/id-maps.ts';
import type { Target } from '../target/target.ts';
import type { Miss } from './control-facts.ts';
import type { Rights } from './rights.ts';

export interface IdsOfTarget {
  uid?: number | undefined;
  gid?: number | undefined;
  groups?: readonly number[] | undefined;
}

/**
 * The ids and groups of the target, as the user namespace counts that is entered. Not the owner of its directory in /proc, which is root where
 * it is not dumpable (proc(5)).
 */
export function idsOf(
  sys: Sys,
  request: Request,
  target: Target | undefined,
  rights: Rights,
  has: (aspect: Aspect) => boolean,
  miss: Miss,
): IdsOfTarget {
  const wantsIds = has('ids') && !request.preserveCredentials;
  const wantsGroups = has('groups') && !request.preserveCredentials;
  if (!target || !(wantsIds || wantsGroups)) return {};
  const { user } = rights;
  const maps = user && user.origin !== 'other' ? mapsOf(sys, target.proc) : undefined;
  if (user && !maps) {
    miss('ids', 'the user namespace is not that of the target');
    return {};
  }
  const { uids, gids, groups } = rights.statusOf(target);
  const inside = (what: string, ranges: readonly IdRange[] | undefined, id: number) => {
    const found = ranges ? insideOf(ranges, id) : id;
    if (found === undefined) miss(`${what} ${id}`, 'the user namespace maps no such id');
    return found;
  };
  const ids: IdsOfTarget = {};
  if (wantsIds && request.uid === undefined) ids.uid = inside('user id', maps?.uid, uids[1] ?? 0);
  if (wantsIds && request.gid === undefined) ids.gid = inside('group id', maps?.gid, gids[1] ?? 0);
  if (!wantsGroups) return ids;
  if (maps?.setgroups === 'deny') {
    if (groups.length > 0) miss('groups', 'the user namespace denies setgroups(2)');
    return ids;
  }
  ids.groups = groups.flatMap((group) => inside('group', maps?.gid, group) ?? []);
  return ids;
}
