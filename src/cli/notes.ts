import { isFrozen } from '../facts/cgroup.ts';
import type { Host } from '../plan/host.ts';
import { noteOnChildren } from '../target/children.ts';
import type { Target } from '../target/target.ts';
import { isNsenter } from './screens/name.ts';
import { renderNote } from './screens/note.ts';

/** What is no failure and surprises people. A script that knows what it does is to read no more than from nsenter: on a terminal only. */

export function tellOfChildren(host: Host, target: Target): void {
  tell(host, () => noteOnChildren(host, target));
}

/** What was asked for, and will be otherwise: a script has to be told as well. */
export function tellNotTaken(host: Host, notTaken: readonly string[]): void {
  for (const note of notTaken) host.write(2, renderNote(host, note));
}

/** A container that stands still is entered all the same, and looks broken. */
export function tellOfPause(host: Host, target: Target): void {
  tell(host, () =>
    isFrozen(host, target) ? `${target.label} is paused: what runs in it stands still` : undefined,
  );
}

/** To who calls this nsenter, a line that begins with its name says that the program has not run. */
function tell(host: Host, makeNote: () => string | undefined): void {
  if (isNsenter(host)) return;
  try {
    const note = makeNote();
    if (note !== undefined) host.write(2, renderNote(host, note));
  } catch {
    // Whatever may not be looked at, or has gone meanwhile: no entry fails for want of a note.
  }
}
