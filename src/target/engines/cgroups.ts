import type { StateFiles } from './state-files.ts';

/** How deep, and how many, before a tree is taken for one that somebody made to be endless. */
const DEEPEST = 12;
const MOST = 50_000;

/** Where version 2 is mounted, alone or beside version 1; else the hierarchy of systemd, or of the first processes that are limited. */
const ROOTS = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd', '/sys/fs/cgroup/pids', '/sys/fs/cgroup'];

/** The directories of cgroups whose last name is wanted, the upper ones first. */
export function findCgroups(files: StateFiles, isWanted: (name: string) => boolean): string[] {
  for (const root of ROOTS) {
    // Where version 1 is mounted below, this is no cgroup itself.
    if (!files.list(root).includes('cgroup.procs')) continue;
    const found = below(files, root, isWanted);
    if (found.length > 0) return found;
  }
  return [];
}

function below(files: StateFiles, root: string, isWanted: (name: string) => boolean): string[] {
  const found: string[] = [];
  let level = [root];
  for (let depth = 0, seen = 0; depth < DEEPEST && level.length > 0 && seen < MOST; depth++) {
    const next: string[] = [];
    for (const directory of level)
      for (const name of files.list(directory, 'directories')) {
        seen++;
        if (isWanted(name)) found.push(`${directory}/${name}`);
        else next.push(`${directory}/${name}`);
      }
    level = next;
  }
  return found;
}

/** Its processes, as the kernel lists them; none where it is empty, or a domain that is threaded. */
export function processesOf(files: StateFiles, directory: string): number[] {
  const text = files.read(`${directory}/cgroup.procs`) ?? '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(Number)
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}
