import type { Container } from './engine.ts';
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
    const found = below(files, root, isWanted);
    if (found.length > 0) return found;
  }
  return [];
}

function below(files: StateFiles, root: string, isWanted: (name: string) => boolean): string[] {
  const found: string[] = [];
  let level = [root];
  for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const directory of level)
      for (const name of files.cgroups(directory)) {
        if (isWanted(name)) found.push(`${directory}/${name}`);
        else if (name.endsWith('.slice')) next.push(`${directory}/${name}`);
      }
    level = next;
  }
  return found;
}

/** What a cgroup holds, by its first process. */
export function inCgroup(
  files: StateFiles,
  directory: string,
  scheme: string,
  id: string,
  names: readonly string[],
): Container {
  const pid = firstProcess(files, directory);
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const state = pid === 0 ? { state: 'without a process' } : {};
  return { scheme, id, names, pid, ...state, proof: () => ({ kind: 'cgroup', name }) };
}

/** Where its processes are in cgroups of its own (version 2 has them in leaves), that of its init comes first. */
function firstProcess(files: StateFiles, directory: string): number {
  const waiting = [directory];
  for (let count = 0; count < MOST_BELOW && waiting.length > 0; count++) {
    const next = waiting.shift() ?? '';
    const [pid] = files.processesOf(next);
    if (pid !== undefined) return pid;
    for (const name of files.cgroups(next, true))
      if (name === 'init.scope') waiting.unshift(`${next}/${name}`);
      else waiting.push(`${next}/${name}`);
  }
  return 0;
}
