import type { TargetName } from '../request/request.ts';
import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { type Container, type Engine, isId } from './engines/engine.ts';
import { StateFiles } from './engines/state-files.ts';
import { ENGINES, isAskedLast } from './engines/table.ts';
import { openHostRoot } from './host-root.ts';
import { namesAlike } from './listing/alike.ts';
import { ambiguous, inNoContainer, notFound, notRunning, unknownScheme } from './not-found.ts';
import { findOfUsers, isOfUser } from './of-users.ts';
import { pinTarget } from './pin.ts';
import { isInContainer, isProven, notProven } from './proof.ts';
import type { Target } from './target.ts';

/** A container that is restarted between the look at its engine's files and the pidfd is found by a second look. */
const LOOKS = 2;
/** Of an id that stands for it: docker takes one character, which may be typed by mistake. */
const LEAST_OF_ID = 3;
/** A label is a word of the steps. */
const LONGEST_NAME = 128;

/**
 * Finds the process that an engine calls so, pins it, and makes sure that it is still that one.
 *
 * @param hostRoot where the root of the system is seen whose state files count; undefined: of this one
 * @throws TsenterError where nothing, or more than one, has this name, or it does not run
 */
export function pinNamed(sys: Sys, wanted: TargetName, hostRoot: string | undefined): Target {
  const root = openHostRoot(sys, hostRoot);
  for (let look = 1; ; look++) {
    const files = new StateFiles(sys, root);
    const found = findContainer(sys, files, wanted);
    if (!found)
      throw notFound(
        wanted,
        namesAlike(sys, new StateFiles(sys, root, 'processes', 'daemons'), wanted),
        files.notes,
      );
    if (found.pid === 0) throw notRunning(wanted, found);
    const target = pin(sys, found);
    const isTheirs = target && (found.user === undefined || isOfUser(sys, target, found.user));
    if (isTheirs && isProven(sys, target, found.proof())) {
      // Whatever its engine's files say: who named a container must not find himself on the host.
      if (found.scheme !== 'unit' && !isInContainer(sys, target)) throw inNoContainer(wanted, target);
      return target;
    }
    if (look === LOOKS) throw target ? notProven(sys, target) : notRunning(wanted, found);
    for (const fd of [target?.pidfd, target?.stat]) if (fd !== undefined) sys.close(fd);
  }
}

/** undefined where it has ended, and its engine has not written that down. */
function pin(sys: Sys, container: Container): Target | undefined {
  const { scheme, id, names, pid } = container;
  const name = (names[0] ?? id).slice(0, LONGEST_NAME);
  try {
    return { ...pinTarget(sys, { pid }), label: `target ${scheme}:${name} (${pid})`, container };
  } catch (error) {
    if (error instanceof TsenterError && error.errno === Errno.ESRCH) return undefined;
    throw error;
  }
}

function findContainer(sys: Sys, files: StateFiles, { scheme, name }: TargetName): Container | undefined {
  const engines = ENGINES.filter((engine) => scheme === undefined || engine.scheme === scheme);
  if (engines.length === 0) throw unknownScheme(scheme ?? '', name);
  const isLast = (engine: Engine) => scheme === undefined && isAskedLast(engine, name);
  const fitting = calledSo(
    engines.filter((engine) => !isLast(engine)).flatMap((engine) => engine.find(files, name)),
    name,
  );
  for (const engine of engines)
    if (fitting.length === 0 && isLast(engine)) fitting.push(...calledSo(engine.find(files, name), name));
  if (fitting.length === 0 && name.includes('/'))
    fitting.push(...calledSo(findOfUsers(sys, files, engines, name), name));
  const [only, second] = fitting;
  if (second !== undefined) throw ambiguous(name, fitting);
  return only;
}

/** Those that are called so; else those whose id begins so. Of several of one engine the one that runs. */
function calledSo(found: readonly Container[], name: string): Container[] {
  const exact = onceEach(found.filter(({ id, names }) => id === name || names.includes(name)));
  if (exact.length === 0)
    return name.length < LEAST_OF_ID
      ? []
      : onceEach(found.filter(({ id }) => isId(id) && id.startsWith(name)));
  const running = exact.filter(({ pid }) => pid !== 0);
  return running.length === 1 && exact.every((one) => one.scheme === running[0]?.scheme) ? running : exact;
}

/** Of two engines that tell of one process the first is the one that a person has started. */
function onceEach(found: readonly Container[]): Container[] {
  return found.filter(
    ({ pid, id }, index) =>
      found.findIndex((other) => (pid === 0 ? other.id === id : other.pid === pid)) === index,
  );
}
