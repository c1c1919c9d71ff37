import { type CgroupDirectory, openCgroups } from './cgroup.ts';
import { readTargetEnvironment } from './environment.ts';
import { Errno } from './errors.ts';
import {
  type OpenNamespace,
  openNamespaceSource,
  openParentUserNamespace,
  openSocketNamespace,
} from './namespace-source.ts';
import { firstKernel, NAMESPACES, type Namespace, procFile } from './namespaces.ts';
import type { Request } from './request.ts';
import { readContext } from './selinux.ts';
import type { Sys } from './sys/sys.ts';
import { attempt, attemptUnless } from './system-call.ts';
import { checkAlive, openOfTarget, pinTarget, type Target } from './target.ts';

/** A directory that is open, and how messages call it. */
interface OpenDirectory {
  fd: number;
  label: string;
}

/** What the planner has to know of the world. Every descriptor is open and close-on-exec. */
export interface Facts {
  target: Target | undefined;
  /** in the order of the namespace table */
  namespaces: readonly OpenNamespace[];
  root: OpenDirectory | undefined;
  workingDirectory: OpenDirectory | undefined;
  /** /proc/PID of the target: its owner is who `follow` follows */
  targetDirectory: number | undefined;
  cgroups: readonly CgroupDirectory[];
  /** NAME=VALUE strings of the target, where they were asked for */
  environment: readonly string[] | undefined;
  /** the target's SELinux context, where it was asked for and there is one */
  context: string | undefined;
}

/**
 * Opens all that the request names, in the caller's namespaces and before anything is entered, so that a bad input
 * is found while nothing has happened yet.
 *
 * @throws TsenterError for whatever cannot be opened
 */
export function gatherFacts(sys: Sys, request: Request): Facts {
  const target = request.target && pinTarget(sys, request.target);
  const facts: Facts = {
    target,
    namespaces: openNamespaces(sys, request, target),
    root: openDirectory(sys, 'root', request.root, target),
    workingDirectory: openDirectory(sys, 'cwd', request.workingDirectory, target),
    targetDirectory:
      target && (request.uid === 'follow' || request.gid === 'follow')
        ? openOfTarget(sys, target, '', 'directory', '/proc directory')
        : undefined,
    cgroups: target && request.joinCgroup ? openCgroups(sys, target) : [],
    environment: target && request.targetEnvironment ? readTargetEnvironment(sys, target) : undefined,
    context: request.followContext ? readContext(sys, target) : undefined,
  };
  if (target) checkAlive(sys, target);
  return facts;
}

function openNamespaces(sys: Sys, request: Request, target: Target | undefined): OpenNamespace[] {
  const opened: OpenNamespace[] = [];
  for (const type of NAMESPACES) {
    const namespace = openNamespace(sys, request, target, type);
    if (namespace) opened.push(namespace);
  }
  return opened;
}

function openNamespace(
  sys: Sys,
  request: Request,
  target: Target | undefined,
  type: Namespace,
): OpenNamespace | undefined {
  const { name } = type;
  const source = request.namespaces[name];
  if (name === 'user' && request.userParent) return openParentUserNamespace(sys, source, target);
  if (name === 'net' && target && request.netSocket !== undefined)
    return openSocketNamespace(sys, target, request.netSocket);
  if (source && source.from !== 'target') return openNamespaceSource(sys, type, source);
  if (!target) return undefined;
  if (source) return ofTarget(sys, target, type, 'target', openTargetNamespace(sys, target, type));
  if (!request.all || !sys.statPath(`/proc/self/ns/${procFile(type.name)}`)) return undefined;
  return ofTarget(sys, target, type, 'all', openTargetNamespace(sys, target, type));
}

function openTargetNamespace(sys: Sys, target: Target, type: Namespace): number {
  return openOfTarget(
    sys,
    target,
    `ns/${procFile(type.name)}`,
    'namespace',
    `${type.name} namespace`,
    (errno) =>
      errno === Errno.ENOENT &&
      sys.statPath('/proc/self/ns') &&
      !sys.statPath(`/proc/self/ns/${procFile(type.name)}`)
        ? `${type.name} namespaces need Linux ${firstKernel(type.name)}, built with them; this is ${sys.kernelRelease()}.`
        : undefined,
  );
}

function ofTarget(
  sys: Sys,
  target: Target,
  type: Namespace,
  origin: 'all' | 'target',
  fd: number,
): OpenNamespace {
  const entered = origin === 'all' && isEntered(sys, type, fd);
  return { name: type.name, fd, origin, label: target.label, entered };
}

/**
 * A PID or a time namespace takes effect for children: one that differs from the caller's own `*_for_children` has
 * yet to be entered (namespaces(7), Linux 4.12 and 5.6).
 */
function isEntered(sys: Sys, type: Namespace, fd: number): boolean {
  const { identity } = attempt(sys, 'stat', `${type.name} namespace`, () => sys.stat(fd));
  const own = [`/proc/self/ns/${procFile(type.name)}`];
  if (type.name === 'pid' || type.name === 'time')
    own.push(`/proc/self/ns/${procFile(type.name)}_for_children`);
  return own.every((path) => {
    const stat = attemptUnless([Errno.EACCES], () => sys.statPath(path));
    return stat?.identity === identity;
  });
}

function openDirectory(
  sys: Sys,
  entry: 'root' | 'cwd',
  source: Request['root'] | Request['workingDirectory'],
  target: Target | undefined,
): OpenDirectory | undefined {
  const what = entry === 'root' ? 'root directory' : 'working directory';
  if (source?.from === 'target' && target)
    return { fd: openOfTarget(sys, target, entry, 'directory', what), label: `that of ${target.label}` };
  if (source?.from === 'caller') {
    const { path } = source;
    return { fd: attempt(sys, 'open', `${what} ${path}`, () => sys.open(path, 'directory')), label: path };
  }
  return undefined;
}
