import type { Controls } from '../request/controls.ts';
import { withoutEquals } from '../request/meant.ts';
import type { Request } from '../request/request.ts';
import { Errno, SystemError, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { type IdRange, type Maps, mapsOf, outsideOf } from '../target/id-maps.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';
import type { OpenDirectory } from './directory.ts';
import { groupsInside } from './groups-of-target.ts';
import { groupNamed, groupsWith, namesLike, type User, userNamed, userNumbered } from './passwd.ts';
import type { Rights } from './rights.ts';

/** Who was named, and the groups that were. Without a value nothing was said of it. */
export interface NamedIds {
  uid?: number;
  gid?: number;
  groups?: readonly number[] | 'keep';
  user?: User;
}

export function namesSomebody({ user, group, groups }: Controls): boolean {
  return user !== undefined || group !== undefined || groups !== undefined;
}

const PASSWD = 'etc/passwd';
const GROUP = 'etc/group';
/** As many as the C library's own readers would go through without a cache, and more than any system has. */
const MOST = 4 << 20;
/** Of setgroups(2), NGROUPS_MAX. */
const MOST_GROUPS = 65536;

/**
 * What names mean in the files of who is entered, without any other source (nsswitch.conf(5)): that would be code of theirs, or the caller's
 * answers to their names.
 *
 * @param root of --root=DIR, where those are that the program sees then
 * @throws TsenterError where one is not there, or cannot be looked up
 */
export function namedIds(
  sys: Sys,
  request: Request,
  controls: Controls,
  target: Target | undefined,
  rights: Rights,
  root: OpenDirectory | undefined,
): NamedIds {
  const { user: wanted, group, groups } = controls;
  const files = filesOf(sys, request, target, rights, root);
  const found: NamedIds = {};
  if (wanted !== undefined) {
    found.user = userIn(files, wanted);
    found.uid = files.uidOf(found.user.uid);
    found.gid = files.gidOf(found.user.gid);
  }
  if (group !== undefined) found.gid = files.gidOf(gidIn(files, group));
  else if (typeof request.gid === 'number') found.gid = request.gid;
  if (groups === 'keep') found.groups = groups;
  else if (groups === 'follow') found.groups = groupsOf(sys, target, rights);
  else if (groups)
    found.groups = groups.map((name) => (typeof name === 'number' ? name : files.gidOf(gidIn(files, name))));
  else if (found.user)
    found.groups = membershipsOf(files, found.user, request.gid === 'follow' ? undefined : found.gid);
  return found;
}

/** /etc/passwd and /etc/group below a root, and what their numbers are where the program is to be. */
interface Files {
  /** behind a file's name, in messages */
  whose: string;
  read(path: string): string;
  uidOf(id: number): number;
  gidOf(id: number): number;
  /** the user namespace has no setgroups(2) */
  deniesGroups: boolean;
}

function filesOf(
  sys: Sys,
  request: Request,
  target: Target | undefined,
  rights: Rights,
  root: OpenDirectory | undefined,
): Files {
  const chosen = request.root?.from === 'caller' ? root : undefined;
  const maps = !target || rights.user?.origin === 'other' ? undefined : mapsOf(sys, target.proc);
  const whose = chosen ? ` below ${chosen.label}` : target ? ` of ${target.label}` : '';
  // Who stays outside of the target's user namespace is, by its numbers, someone else.
  const outside = !chosen && target && !rights.user && isInAnother(sys, target) ? maps : undefined;
  const numbered = (what: string, ranges: readonly IdRange[] | undefined, id: number) => {
    const found = ranges ? outsideOf(ranges, id) : id;
    if (found !== undefined) return found;
    throw new TsenterError({
      verb: 'find',
      object: `${what} id ${id}${whose}`,
      cause: 'its user namespace maps no such id',
    });
  };
  return {
    whose,
    read: (path) => readBelow(sys, request, target, chosen, path, whose),
    uidOf: (id) => numbered('user', outside?.uid, id),
    gidOf: (id) => numbered('group', outside?.gid, id),
    deniesGroups: rights.user !== undefined && maps?.setgroups === 'deny',
  };
}

function isInAnother(sys: Sys, target: Target): boolean {
  const theirs = sys.statPath(`${target.proc}/ns/user`);
  return theirs !== undefined && theirs.identity !== sys.statPath('/proc/self/ns/user')?.identity;
}

function readBelow(
  sys: Sys,
  { namespaces }: Request,
  target: Target | undefined,
  chosen: OpenDirectory | undefined,
  path: string,
  whose: string,
): string {
  if (!chosen && namespaces.mount && namespaces.mount.from !== 'target')
    throw new TsenterError({
      verb: 'read',
      object: `/${path}`,
      cause: 'the mount namespace is not that of a target',
      hint: 'Names are looked up before anything is entered: of it there is no process, so say numbers, or name one with --target.',
    });
  const root =
    chosen?.fd ??
    (target ? openOfTarget(sys, target, 'root', 'directory', 'root directory') : sys.open('/', 'directory'));
  try {
    return sys.readInRoot(root, path, MOST);
  } catch (error) {
    throw notRead(sys, `/${path}${whose}`, error);
  } finally {
    if (!chosen) sys.close(root);
  }
}

function notRead(sys: Sys, object: string, error: unknown): unknown {
  if (!(error instanceof SystemError)) return error;
  const { errno } = error;
  return new TsenterError({
    verb: 'read',
    object,
    cause: errno === Errno.EINVAL ? 'not a regular file' : sys.describe(errno),
    errno,
    hint:
      errno === Errno.ENOSYS
        ? `Nothing that the target chose is opened without openat2(2), Linux 5.6; this is ${sys.kernelRelease()}. Numbers need no file.`
        : 'Names are looked up in it; numbers need no file.',
  });
}

function userIn(files: Files, wanted: string | number): User {
  const passwd = files.read(PASSWD);
  const found = typeof wanted === 'number' ? userNumbered(passwd, wanted) : userNamed(passwd, wanted);
  return found ?? nobody(files, 'user', PASSWD, passwd, wanted);
}

function gidIn(files: Files, name: string): number {
  const group = files.read(GROUP);
  return groupNamed(group, name) ?? nobody(files, 'group', GROUP, group, name);
}

function nobody(
  { whose }: Files,
  kind: 'user' | 'group',
  path: string,
  text: string,
  wanted: string | number,
): never {
  const alike = typeof wanted === 'number' ? [] : namesLike(text, wanted);
  throw new TsenterError({
    verb: 'find',
    object: typeof wanted === 'number' ? `${kind} id ${wanted}` : `${kind} '${wanted}'`,
    cause: `no such ${kind} in /${path}${whose}`,
    hint:
      alike.length > 0
        ? `Did you mean ${alike.join(', ')}?`
        : (typeof wanted === 'string' && withoutEquals(kind === 'user' ? 'S' : 'G', wanted)) ||
          `Nothing but that file is asked; a number needs none${typeof wanted === 'number' ? ', without a colon behind it' : ''}.`,
  });
}

/** As initgroups(3) has them: those that name the user, and the first one. */
function membershipsOf(files: Files, { name }: User, gid: number | undefined): readonly number[] {
  let group = '';
  try {
    group = files.read(GROUP);
  } catch (error) {
    // An image for one program has none.
    if (!(error instanceof TsenterError) || error.errno !== Errno.ENOENT) throw error;
  }
  const all = groupsWith(group, name);
  if (all.length >= MOST_GROUPS)
    throw new TsenterError({
      verb: 'set',
      object: `groups of user '${name}'`,
      cause: `more than ${MOST_GROUPS}`,
      hint: '--groups none leaves them out.',
    });
  const others = all.map((id) => files.gidOf(id)).filter((id) => id !== gid);
  if (files.deniesGroups && others.length > 0)
    throw new TsenterError({
      verb: 'set',
      object: `groups ${others.join(', ')} of user '${name}'`,
      cause: 'the user namespace denies setgroups(2)',
      hint: '--groups none leaves them out.',
    });
  // Where they are denied, the group id says as much.
  return files.deniesGroups || gid === undefined ? others : [gid, ...others];
}

/** The target's supplementary ones, as the user namespace counts that is entered. */
function groupsOf(sys: Sys, target: Target | undefined, rights: Rights): readonly number[] {
  if (!target) return [];
  const { groups } = rights.statusOf(target);
  const { user } = rights;
  const object = `groups of ${target.label}`;
  if (!user) return groups;
  const maps: Maps | undefined = user.origin === 'other' ? undefined : mapsOf(sys, target.proc);
  if (!maps)
    throw new TsenterError({
      verb: 'follow',
      object,
      cause: 'the user namespace is not that of the target',
    });
  const inside = groupsInside(groups, maps, (group) => {
    throw new TsenterError({
      verb: 'follow',
      object,
      cause:
        group === 'any'
          ? 'the user namespace denies setgroups(2)'
          : `the user namespace does not map group ${group}`,
      hint: group === 'any' ? '--groups none leaves them out.' : '--groups takes a list, too.',
    });
  });
  return inside ?? [];
}
