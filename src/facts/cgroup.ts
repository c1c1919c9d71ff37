import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, attemptUnless, ifPossible, readIfPossible, readPath } from '../sys/system-call.ts';
import { unescapeOctal } from '../target/mountinfo.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';

/** A cgroup whose cgroup.procs is open for writing. */
export interface CgroupDirectory {
  /** for messages: the hierarchy and the path in it */
  label: string;
  procs: number;
}

/** A line for each hierarchy, and a path is at most 4 KiB. */
const MOST_OF_MEMBERSHIPS = 1 << 18;
const MOST_OF_MOUNTS = 16 << 20;

const NOT_HERE = 'The hierarchy has to be mounted, and not covered, in the mount namespace of the caller.';

interface Membership {
  /** the v1 controllers or `name=…`; empty for version 2 */
  controllers: string;
  path: string;
}

/** Where a cgroup should be, if the hierarchy is not covered there. */
interface Place {
  directory: string;
  mountpoint: string;
  device: number;
}

interface Hierarchy {
  /** empty for version 2 */
  controllers: readonly string[];
  mountpoint: string;
  /** as stat(2) numbers it: what is mounted there now may be something else, which covers it */
  device: number;
  /** the cgroup that is mounted there; `/` unless a part of the hierarchy is bind-mounted */
  root: string;
}

/**
 * Opens cgroup.procs of each cgroup of the target, version 1 and 2. That happens before any namespace is entered:
 * inside, the file is mostly not there, and with `nsdelegate` the kernel compares against the cgroup namespace in
 * which it was opened (cgroups(7), Linux 5.16).
 *
 * A hierarchy in which the target is where the caller is needs nothing.
 *
 * @throws TsenterError where one cannot be joined, or is frozen: whoever joins that stops before it can execute
 */
export function openCgroups(sys: Sys, target: Target): CgroupDirectory[] {
  const theirs = memberships(readOfTarget(sys, target));
  const own = memberships(readOwn(sys, '/proc/self/cgroup', MOST_OF_MEMBERSHIPS));
  const hierarchies = ownHierarchies(sys);
  return theirs
    .filter(
      ({ controllers, path }) => !own.some((ours) => ours.controllers === controllers && ours.path === path),
    )
    .map((membership) => openCgroup(sys, target, membership, hierarchies));
}

function readOfTarget(sys: Sys, target: Target): string {
  const fd = openOfTarget(sys, target, 'cgroup', 'file', 'cgroup');
  try {
    return attempt(sys, 'read', `cgroup of ${target.label}`, () => sys.read(fd, MOST_OF_MEMBERSHIPS));
  } finally {
    sys.close(fd);
  }
}

/** A machine may have thousands of mounts, of which few are cgroups. */
function ownHierarchies(sys: Sys): Hierarchy[] {
  return mountedHierarchies(readOwn(sys, '/proc/self/mountinfo', MOST_OF_MOUNTS, MARK));
}

function readOwn(sys: Sys, path: string, most: number, part?: string): string {
  return attempt(sys, 'read', path, () => readPath(sys, path, most, part));
}

/** Lines `id:controllers:path` (cgroups(7)): the path may hold colons, the controllers may be `name=…`. */
export function memberships(text: string): Membership[] {
  return lines(text).map((line) => {
    const first = line.indexOf(':');
    const second = line.indexOf(':', first + 1);
    return { controllers: line.slice(first + 1, second), path: line.slice(second + 1) };
  });
}

/** The cgroup mounts of a mountinfo file (proc_pid_mountinfo(5)). */
export function mountedHierarchies(text: string): Hierarchy[] {
  const found: Hierarchy[] = [];
  for (const line of lines(text)) {
    const hierarchy = hierarchyOf(line);
    if (hierarchy) found.push(hierarchy);
  }
  return found;
}

/** Between what is mounted where and the file system. */
const SEPARATOR = ' - ';
/** In the line of each that is one, and in few others. */
const MARK = `${SEPARATOR}cgroup`;

function hierarchyOf(line: string): Hierarchy | undefined {
  const middle = line.indexOf(SEPARATOR);
  const [, , device = '', root = '', mountpoint = ''] = line.slice(0, middle).split(' ', 5);
  const [type, , options = ''] = line.slice(middle + SEPARATOR.length).split(' ', 3);
  if (type !== 'cgroup' && type !== 'cgroup2') return undefined;
  return {
    controllers: type === 'cgroup' ? options.split(',') : [],
    mountpoint: unescapeOctal(mountpoint),
    device: deviceNumber(device),
    root: unescapeOctal(root),
  };
}

/** `major:minor` as makedev(3) puts them together. */
function deviceNumber(text: string): number {
  const [major = 0, minor = 0] = text.split(':').map(Number);
  return major * 0x100 + (minor % 0x100) + Math.floor(minor / 0x100) * 0x10_0000;
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

function openCgroup(
  sys: Sys,
  target: Target,
  { controllers, path }: Membership,
  hierarchies: readonly Hierarchy[],
): CgroupDirectory {
  const label = controllers === '' ? path : `${controllers}:${path}`;
  const object = `cgroup ${label} of ${target.label}`;
  for (const place of cgroupDirectories(controllers, path, hierarchies)) {
    checkThawed(sys, object, place.directory, controllers);
    const procs = openProcs(sys, object, place);
    if (sys.stat(procs).identity.startsWith(`${place.device}:`)) return { label, procs };
    sys.close(procs);
  }
  throw new TsenterError({
    verb: 'join',
    object,
    cause: 'not mounted here',
    hint: NOT_HERE,
  });
}

function openProcs(sys: Sys, object: string, place: Place): number {
  const { directory } = place;
  return attempt(
    sys,
    'join',
    object,
    () => sys.open(`${directory}/cgroup.procs`, 'write'),
    (errno) => {
      if (errno === Errno.EACCES || errno === Errno.EPERM)
        return `Needs write permission for ${directory}/cgroup.procs.`;
      return errno === Errno.ENOENT && isCovered(sys, place) ? NOT_HERE : undefined;
    },
  );
}

/** What is at the mount point is no longer the hierarchy. */
function isCovered(sys: Sys, { mountpoint, device }: Place): boolean {
  const there = ifPossible(() => sys.statPath(mountpoint));
  return there !== undefined && !there.identity.startsWith(`${device}:`);
}

function cgroupDirectories(controllers: string, path: string, hierarchies: readonly Hierarchy[]): Place[] {
  const names = controllers === '' ? [] : controllers.split(',');
  return hierarchies.flatMap((hierarchy) => {
    const same =
      names.length === 0
        ? hierarchy.controllers.length === 0
        : names.every((name) => hierarchy.controllers.includes(name));
    const relative = same ? below(hierarchy.root, path) : undefined;
    return relative === undefined
      ? []
      : [
          {
            directory: hierarchy.mountpoint + relative,
            mountpoint: hierarchy.mountpoint,
            device: hierarchy.device,
          },
        ];
  });
}

/** Where the caller's own cgroups are, with the mount points below which they are. */
export function ownDirectories(sys: Sys): { directory: string; mountpoint: string }[] {
  const hierarchies = ownHierarchies(sys);
  return memberships(readOwn(sys, '/proc/self/cgroup', MOST_OF_MEMBERSHIPS)).flatMap(
    ({ controllers, path }) => cgroupDirectories(controllers, path, hierarchies),
  );
}

function below(root: string, path: string): string | undefined {
  // A path that climbs lies outside the caller's cgroup namespace; below the mount point it would mean another cgroup.
  if (path[0] !== '/' || path.split('/').includes('..')) return undefined;
  if (root === '/') return path === '/' ? '' : path;
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

function checkThawed(sys: Sys, object: string, directory: string, controllers: string): void {
  if (freezes(sys, directory, controllers))
    throw new TsenterError({
      verb: 'join',
      object,
      cause: 'the cgroup is frozen',
      hint: 'A program in it would not run. Thaw it first, or enter without --join-cgroup.',
    });
}

function freezes(sys: Sys, directory: string, controllers: string): boolean {
  const [file, frozen] =
    controllers === '' ? ['cgroup.events', /^frozen 1$/m] : ['freezer.state', /^(FREEZING|FROZEN)$/m];
  if (controllers !== '' && !controllers.split(',').includes('freezer')) return false;
  // ENODEV: it was removed meanwhile.
  const state = attemptUnless([Errno.ENOENT, Errno.EACCES, Errno.ENODEV], () =>
    readPath(sys, `${directory}/${file}`, 4096),
  );
  return state !== undefined && frozen.test(state);
}

/** Whether one of its cgroups holds the target: what is in a container that is paused stands still. */
export function isFrozen(sys: Sys, target: Target): boolean {
  return isHeld(sys, ownHierarchies(sys), readOfTarget(sys, target));
}

/** The same of many processes; of one whose cgroups cannot be told it is not so. */
export function frozenProcesses(sys: Sys): (pid: number) => boolean {
  const mounts = readIfPossible(sys, '/proc/self/mountinfo', MOST_OF_MOUNTS, MARK);
  const hierarchies = mountedHierarchies(mounts ?? '');
  return (pid) => {
    const text = readIfPossible(sys, `/proc/${pid}/cgroup`, MOST_OF_MEMBERSHIPS);
    return text !== undefined && isHeld(sys, hierarchies, text);
  };
}

function isHeld(sys: Sys, hierarchies: readonly Hierarchy[], text: string): boolean {
  return memberships(text).some(({ controllers, path }) =>
    cgroupDirectories(controllers, path, hierarchies).some(({ directory }) =>
      freezes(sys, directory, controllers),
    ),
  );
}
