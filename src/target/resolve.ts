import type { TargetName } from '../request/request.ts';
import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt } from '../sys/system-call.ts';
import type { Container } from './engines/engine.ts';
import { StateFiles } from './engines/state-files.ts';
import { ENGINES, LAST_ASKED } from './engines/table.ts';
import { ambiguous, notFound, notRunning, unknownScheme } from './not-found.ts';
import { pinTarget } from './pin.ts';
import { isProven, notProven } from './proof.ts';
import type { Target } from './target.ts';

/** A container that is restarted between the look at its engine's files and the pidfd is found by a second look. */
const LOOKS = 2;

/**
 * Finds the process that an engine calls so, pins it, and makes sure that it is still that one.
 *
 * @param hostRoot where the root of the system is seen whose state files count; undefined: of this one
 * @throws TsenterError where nothing, or more than one, has this name, or it does not run
 */
export function pinNamed(sys: Sys, wanted: TargetName, hostRoot: string | undefined): Target {
  const root = openRoot(sys, hostRoot);
  for (let look = 1; ; look++) {
    const found = findContainer(new StateFiles(sys, root), wanted);
    if (found.pid === 0) throw notRunning(wanted, found);
    const target = pin(sys, found);
    if (target && isProven(sys, target, found.proof)) return target;
    if (look === LOOKS) throw target ? notProven(sys, target) : notRunning(wanted, found);
    for (const fd of [target?.pidfd, target?.stat]) if (fd !== undefined) sys.close(fd);
  }
}

/** undefined where it has ended, and its engine has not written that down. */
function pin(sys: Sys, { scheme, id, names, pid }: Container): Target | undefined {
  try {
    return { ...pinTarget(sys, { pid }), label: `target ${scheme}:${names[0] ?? id} (${pid})` };
  } catch (error) {
    if (error instanceof TsenterError && error.errno === Errno.ESRCH) return undefined;
    throw error;
  }
}

function openRoot(sys: Sys, hostRoot: string | undefined): number | undefined {
  const path = hostRoot ?? (sys.isPrivileged() ? undefined : sys.variable('TSENTER_HOST_ROOT'));
  if (path === undefined || path === '' || path === '/') return undefined;
  return attempt(sys, 'open', `host root ${path}`, () => sys.open(path, 'directory'));
}

function findContainer(files: StateFiles, { scheme, name }: TargetName): Container {
  const found = candidates(files, scheme, name);
  const exact = found.filter(({ id, names }) => id === name || names.includes(name));
  const running = exact.filter(({ pid }) => pid !== 0);
  const fitting = [running, exact, found.filter(({ id }) => id.startsWith(name))].find(
    (list) => list.length > 0,
  );
  const [first, second] = onceEach(fitting ?? []);
  if (first === undefined) throw notFound(scheme, name, files.notes);
  if (second !== undefined) throw ambiguous(name, onceEach(fitting ?? []));
  return first;
}

function candidates(files: StateFiles, scheme: string | undefined, name: string): Container[] {
  const engines = ENGINES.filter((engine) => scheme === undefined || engine.scheme === scheme);
  if (engines.length === 0) throw unknownScheme(scheme ?? '', name);
  const found: Container[] = [];
  for (const engine of engines)
    if (scheme !== undefined || found.length === 0 || !LAST_ASKED.includes(engine))
      found.push(...engine.find(files, name));
  return found;
}

/** Of two engines that tell of one process the first is the one that a person has started. */
function onceEach(found: readonly Container[]): Container[] {
  return found.filter(
    ({ pid, id }, index) =>
      found.findIndex((other) => (pid === 0 ? other.id === id : other.pid === pid)) === index,
  );
}
