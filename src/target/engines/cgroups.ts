import type { Container, Proof } from './engine.ts';
import type { StateFiles } from './state-files.ts';

/** How deep slices are nested at most, and how many directories are looked at below a container's. */
const DEEPEST = 12;
const MOST_BELOW = 1000;

/** Where version 2 is mounted, alone or beside version 1; else the hierarchy of systemd, or of the first processes that are limited. */
const ROOTS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/pids', '/sys/fs/cgroup'];

/**
 * The directories of cgroups whose last name is wanted, at the top and in slices: what a container has inside of its own is called as
 * somebody else likes, and so is what was delegated to somebody.
 */
export function findCgroups(files: StateFiles, isWanted: (name: string) => boolean): string[] {
  for (const root of ROOTS) {
    const found = cgroupsBelow(files, root, isWanted);
    if (found.length > 0) return found;
  }
  return [];
}

/** @param whosever also where it was delegated to somebody */
export function cgroupsBelow(
  files: StateFiles,
  root: string,
  isWanted: (name: string) => boolean,
  whosever = false,
): string[] {
  const found: string[] = [];
  let level = [root];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const directory of level.slice(0, whosever ? MOST_BELOW : undefined))
      for (const name of files.cgroups(directory, whosever)) {
        if (isWanted(name)) found.push(`${directory}/${name}`);
        else if (name.endsWith('.slice')) next.push(`${directory}/${name}`);
      }
    level = next;
  }
  return found;
}

/**
 * What a cgroup holds, by its first process.
 *
 * @param main another one of it
 */
export function inCgroup(
  files: StateFiles,
  directory: string,
  [scheme, id, ...names]: readonly [string, string, ...string[]],
  main?: number,
): Container {
  const pid = main ?? firstProcess(files, directory);
  const name = lastName(directory);
  const proof = (): Proof => ({ kind: 'cgroup', name });
  const container = { scheme, id, names, pid: pid ?? 0, proof };
  if (pid === undefined) return { ...container, state: 'without a process' };
  if (pid !== 0) return container;
  return {
    ...container,
    cause: 'none of its processes has a number here',
    state: 'outside of the PID namespace of the caller',
  };
}

/** Whether a process is in it, or below. */
export function isInCgroup(files: StateFiles, directory: string, pid: number): boolean {
  const root = ROOTS.find((each) => directory.startsWith(`${each}/`)) ?? '';
  const path = directory.slice(root.length);
  return (files.readProc(`${pid}/cgroup`) ?? '')
    .split('\n')
    .some((line) => `${line.replace(/^\d+:[^:]*:/, '')}/`.startsWith(`${path}/`));
}

export function lastName(directory: string): string {
  return directory.slice(directory.lastIndexOf('/') + 1);
}

/**
 * Where its processes are in cgroups of its own (version 2 has them in leaves), that of its init comes first.
 *
 * @returns 0 where the PID namespace of the caller has none of them; undefined where there is none
 */
function firstProcess(files: StateFiles, directory: string): number | undefined {
  const waiting = [directory];
  let isUnseen = false;
  for (let count = 0; count < MOST_BELOW && waiting.length > 0; count++) {
    const next = waiting.shift() ?? '';
    const pids = files.processesOf(next);
    const pid = pids.find((each) => each !== 0);
    if (pid !== undefined) return pid;
    isUnseen ||= pids.length > 0;
    for (const name of files.cgroups(next, true))
      if (name === 'init.scope') waiting.unshift(`${next}/${name}`);
      else waiting.push(`${next}/${name}`);
  }
  return isUnseen ? 0 : undefined;
}
