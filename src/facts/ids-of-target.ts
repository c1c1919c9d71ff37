import type { Aspect } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { type IdRange, insideOf, mapsOf } from '../target/id-maps.ts';
import type { Target } from '../target/target.ts';
import type { Miss } from './control-facts.ts';
import { groupsInside } from './groups-of-target.ts';
import type { Rights } from './rights.ts';

export interface IdsOfTarget {
  uid?: number | undefined;
  gid?: number | undefined;
  groups?: readonly number[] | undefined;
}

const UNMAPPED = 'the user namespace maps no such id';

function notTaken({ label }: Target, what: string, cause: string, why: string): TsenterError {
  return new TsenterError({
    verb: 'take',
    object: `${what} of ${label}`,
    cause,
    hint: `${why}: name another process, or say --setuid and --setgid.`,
  });
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
    throw notTaken(
      target,
      'ids',
      'the user namespace is not that of the target',
      'They have no meaning there',
    );
  }
  const { uids, gids, groups } = rights.statusOf(target);
  /** Without it the program would be root in there, which no target may choose to bring about. */
  const needed = (what: string, ranges: readonly IdRange[] | undefined, own: readonly number[]) => {
    const [real = 0, effective = 0, saved = 0] = own;
    if (real !== effective || effective !== saved)
      throw notTaken(
        target,
        `${what}s`,
        'they differ',
        'It executes a set-id program, or is about to become another user',
      );
    const found = ranges ? insideOf(ranges, real) : real;
    if (found === undefined)
      throw notTaken(target, `${what} ${real}`, UNMAPPED, 'It can be none that is there');
    return found;
  };
  const ids: IdsOfTarget = {};
  if (wantsIds && request.uid === undefined) ids.uid = needed('user id', maps?.uid, uids);
  if (wantsIds && request.gid === undefined) ids.gid = needed('group id', maps?.gid, gids);
  if (!wantsGroups) return ids;
  ids.groups = groupsInside(groups, maps, (group) =>
    group === 'any'
      ? miss('groups', 'the user namespace denies setgroups(2)')
      : miss(`group ${group}`, UNMAPPED),
  );
  return ids;
}
