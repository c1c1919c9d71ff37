import { Errno, SystemError } from '../sys/errors.ts';
import { kernelIsAtLeast, SETNS_OF_PIDFD } from '../sys/kernel.ts';
import { type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';
import { ifPossible } from '../sys/system-call.ts';
import { namespaceNotOpened } from '../target/failure.ts';
import type { Target } from '../target/target.ts';
import type { OpenNamespace } from './namespace-source.ts';

/**
 * A namespace whose file cannot be opened: it has no path, and in a profile without attach_disconnected AppArmor denies that. setns(2)
 * takes a pidfd in its place (Linux 5.8), one for each, because what was entered is closed. Whom it belongs to, its link still tells those
 * who may debug the target; others may enter by neither.
 *
 * @throws TsenterError where that is not why
 */
export function namespaceByProcess(
  sys: Sys,
  target: Target,
  name: NamespaceName,
  origin: 'target' | 'all',
  error: unknown,
): OpenNamespace {
  const link = linkOf(sys, target.proc, procFile(name));
  const isDenied = error instanceof SystemError && error.errno === Errno.EACCES;
  if (
    !isDenied ||
    link === undefined ||
    target.pidfd === undefined ||
    !kernelIsAtLeast(sys, ...SETNS_OF_PIDFD)
  )
    throw namespaceNotOpened(sys, target, name, error);
  const entered =
    origin === 'all' && ownLinks(name).every((file) => linkOf(sys, '/proc/self', file) === link);
  return { name, fd: sys.openProcess(target.pid), link, origin, label: target.label, entered };
}

function linkOf(sys: Sys, proc: string, file: string): string | undefined {
  return ifPossible(() => sys.readLink(`${proc}/ns/${file}`));
}

/** As isEntered looks at what can be opened. */
function ownLinks(name: NamespaceName): string[] {
  const file = procFile(name);
  return name === 'pid' || name === 'time' ? [file, `${file}_for_children`] : [file];
}
