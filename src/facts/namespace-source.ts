import type { NamespaceSource, Request } from '../request/request.ts';
import { Errno, TsenterError } from '../sys/errors.ts';
import { kernelIsAtLeast, NAMESPACE_IDS, PIDFD_GETFD } from '../sys/kernel.ts';
import { type Namespace, type NamespaceName, namespace, namespaceOfFlag } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';
import { attempt, attemptUnless } from '../sys/system-call.ts';
import { whyFileNotOpened } from '../target/failure.ts';
import { openHostRoot } from '../target/host-root.ts';
import { openOfTarget } from '../target/pin.ts';
import type { Target } from '../target/target.ts';
import { whyNotAttached } from '../target/why-denied.ts';
import { namespaceMeant } from './glued.ts';

/** A namespace whose descriptor is open, which keeps it alive. */
export interface OpenNamespace {
  name: NamespaceName;
  fd: number;
  /** `TYPE:[INODE]` where its file cannot be opened: the descriptor is a pidfd then */
  link?: string;
  /** `all`: only because every namespace of the target is wanted; `target`: by name; `other`: not the target's own */
  origin: 'all' | 'target' | 'other';
  /** for messages: whose it is */
  label: string;
  /** whether the caller, and whatever it forks, is in it already: only a mount namespace is joined again, for origin `all` */
  entered: boolean;
}

/**
 * Opens a namespace by file or id, and checks that it is of the type that was asked for.
 *
 * @param target the one that was asked for beside it, for hints
 */
export function openNamespaceSource(
  sys: Sys,
  type: Namespace,
  source: Exclude<NamespaceSource, { from: 'target' }>,
  target?: Request['target'],
): OpenNamespace {
  if (source.from === 'nsid') return openId(sys, type, source.id);
  const root = source.ofHost && openHostRoot(sys, source.ofHost.root);
  const opened = openFile(sys, type, source.path, root, target);
  if (root !== undefined) sys.close(root);
  return opened;
}

function openFile(
  sys: Sys,
  type: Namespace,
  path: string,
  root: number | undefined,
  target: Request['target'],
): OpenNamespace {
  const object = `${type.name} namespace ${path}`;
  const fd = attempt(
    sys,
    'open',
    object,
    () => sys.open(path, 'namespace', root),
    (errno) =>
      (errno === Errno.ENOENT ? namespaceMeant(sys, type.name, path, target) : undefined) ??
      whyFileNotOpened(sys, path, errno),
  );
  checkType(sys, type, fd, object);
  return { name: type.name, fd, origin: 'other', label: path, entered: false };
}

function openId(sys: Sys, type: Namespace, id: string): OpenNamespace {
  const object = `${type.name} namespace :${id}`;
  const fd = attempt(
    sys,
    'open',
    object,
    () => sys.openNamespaceById(id),
    (errno) => {
      if (errno !== Errno.ESTALE && errno !== Errno.EOPNOTSUPP && errno !== Errno.EINVAL) return undefined;
      if (!kernelIsAtLeast(sys, ...NAMESPACE_IDS))
        return `To look a namespace up by its id needs Linux 6.19; this is ${sys.kernelRelease()}.`;
      return errno === Errno.ESTALE ? 'No namespace that the caller may see has this id.' : undefined;
    },
  );
  checkType(sys, type, fd, object);
  return { name: type.name, fd, origin: 'other', label: `:${id}`, entered: false };
}

function checkType(sys: Sys, type: Namespace, fd: number, object: string): void {
  const flag = attempt(sys, 'look at', object, () =>
    attemptUnless([Errno.ENOTTY, Errno.EINVAL, Errno.EBADF], () => sys.namespaceType(fd)),
  );
  if (flag === type.flag) return;
  const cause =
    flag === undefined ? 'not a namespace' : `a ${namespaceOfFlag(flag) ?? 'new kind of'} namespace`;
  throw new TsenterError({ verb: 'enter', object, cause });
}

/** The network namespace of a socket of the target: pidfd_getfd(2) (Linux 5.6), then SIOCGSKNS (Linux 4.9). */
export function openSocketNamespace(sys: Sys, target: Target, socket: number): OpenNamespace {
  const object = `socket ${socket} of ${target.label}`;
  const { pidfd } = target;
  if (pidfd === undefined)
    throw new TsenterError({
      verb: 'take',
      object,
      cause: 'no pidfd of the target can be opened',
      hint: 'pidfd_getfd(2) takes a descriptor of a process that a pidfd names.',
    });
  checkSocket(sys, target, socket, object);
  const copy = attempt(
    sys,
    'take',
    object,
    () => sys.takeDescriptor(pidfd, socket),
    (errno) => {
      if (errno === Errno.ENOSYS)
        return kernelIsAtLeast(sys, ...PIDFD_GETFD)
          ? 'pidfd_getfd(2) is denied, it seems by a seccomp filter.'
          : `pidfd_getfd(2) needs Linux 5.6; this is ${sys.kernelRelease()}.`;
      return errno === Errno.EPERM ? whyNotAttached(sys, target) : undefined;
    },
  );
  const fd = attempt(
    sys,
    'open',
    `net namespace of ${object}`,
    () => sys.socketNamespace(copy),
    (errno) => (errno === Errno.ENOTTY ? `Descriptor ${socket} is not a socket.` : undefined),
  );
  sys.close(copy);
  return { name: 'net', fd, origin: 'other', label: object, entered: false };
}

/**
 * A file on a file system of the target's would hold whoever asks anything of it, or only closes its copy, for ever: so its name
 * is asked first. What cannot be looked at is refused, or not, by who takes it.
 */
function checkSocket(sys: Sys, target: Target, socket: number, object: string): void {
  const link = attemptUnless([Errno.ENOENT, Errno.EACCES, Errno.EPERM, Errno.ESRCH], () =>
    sys.readLink(`${target.proc}/fd/${socket}`),
  );
  if (link === undefined || link.startsWith('socket:')) return;
  throw new TsenterError({
    verb: 'open',
    object: `net namespace of ${object}`,
    cause: sys.describe(Errno.ENOTSOCK),
    errno: Errno.ENOTSOCK,
    hint: `Descriptor ${socket} is not a socket.`,
  });
}

/** The parent of a user namespace: NS_GET_USERNS (ioctl_ns(2), Linux 4.9). */
export function openParentUserNamespace(
  sys: Sys,
  source: NamespaceSource | undefined,
  target: Target | undefined,
): OpenNamespace | undefined {
  const type = namespace('user');
  const child =
    source && source.from !== 'target'
      ? openNamespaceSource(sys, type, source)
      : target && {
          fd: openOfTarget(sys, target, 'ns/user', 'namespace', 'user namespace'),
          label: target.label,
        };
  if (!child) return undefined;
  const object = `parent user namespace of ${child.label}`;
  const fd = attempt(
    sys,
    'open',
    object,
    () => sys.owningUserNamespace(child.fd),
    (errno) => {
      if (errno === Errno.EPERM) return "The parent is not the caller's user namespace nor below it.";
      if (errno === Errno.ENOTTY) return `NS_GET_USERNS needs Linux 4.9; this is ${sys.kernelRelease()}.`;
      return undefined;
    },
  );
  sys.close(child.fd);
  return { name: 'user', fd, origin: 'other', label: object, entered: false };
}
