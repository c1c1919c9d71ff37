import type { Request, TargetName, TargetNumber } from '../request/request.ts';
import { NAMESPACES, type Namespace, type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Stat, Sys } from '../sys/sys.ts';
import { namespaceNotStatted, nothingWhereDenied } from '../target/failure.ts';
import { checkAlive, pinTarget } from '../target/pin.ts';
import { pinNamed } from '../target/resolve.ts';
import type { Target } from '../target/target.ts';
import { type Facts, findAsked } from './asked.ts';
import { gatherControlled } from './controlled.ts';
import { namespaceByProcess } from './namespace-by-process.ts';
import {
  type OpenNamespace,
  openNamespaceSource,
  openParentUserNamespace,
  openSocketNamespace,
} from './namespace-source.ts';

export type { Facts };

/**
 * Opens all that the request names, in the caller's namespaces and before anything is entered, so that a bad input
 * is found while nothing has happened yet.
 *
 * @param held the target, where it was pinned before
 * @throws TsenterError for whatever cannot be opened
 */
export function gatherFacts(sys: Sys, request: Request, held?: Target): Facts {
  const target = held ?? (request.target && pin(sys, request.target, request.hostRoot));
  const namespaces: OpenNamespace[] = [];
  for (const type of NAMESPACES) {
    const namespace = openNamespace(sys, request, target, type);
    if (namespace) namespaces.push(namespace);
  }
  const { controls } = request;
  const facts = controls
    ? gatherControlled(sys, request, controls, target, namespaces)
    : findAsked(sys, request, target, namespaces);
  if (target) checkAlive(sys, target);
  return facts;
}

export function pin(sys: Sys, target: TargetNumber | TargetName, hostRoot: string | undefined): Target {
  return 'pid' in target ? pinTarget(sys, target) : pinNamed(sys, target, hostRoot);
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
  if (source && source.from !== 'target') return openNamespaceSource(sys, type, source, request.target);
  if (!target) return undefined;
  if (source) return openTargetNamespace(sys, target, name, 'target', undefined);
  if (!request.all) return undefined;
  const own = ownIdentity(sys, name);
  // This kernel has none of this type.
  if (own === undefined) return undefined;
  const namespace = openTargetNamespace(sys, target, name, 'all', own);
  if (!namespace.entered || name === 'mount') return namespace;
  sys.close(namespace.fd);
  return undefined;
}

function openTargetNamespace(
  sys: Sys,
  target: Target,
  name: NamespaceName,
  origin: 'target' | 'all',
  own: string | undefined,
): OpenNamespace {
  let fd: number;
  try {
    fd = sys.open(`${target.proc}/ns/${procFile(name)}`, 'namespace');
  } catch (error) {
    return namespaceByProcess(sys, target, name, origin, error);
  }
  return {
    name,
    fd,
    origin,
    label: target.label,
    entered: own !== undefined && isEntered(sys, name, fd, own),
  };
}

/** Of the caller's: undefined where this kernel has none of this type, and empty, like no other, where it may not be looked at. */
function ownIdentity(sys: Sys, name: NamespaceName): string | undefined {
  try {
    return sys.statPath(`/proc/self/ns/${procFile(name)}`)?.identity;
  } catch (error) {
    nothingWhereDenied(error);
    return '';
  }
}

/**
 * A PID or a time namespace takes effect for children: one that differs from the caller's own `*_for_children` has
 * yet to be entered (namespaces(7), Linux 4.12 and 5.6).
 */
function isEntered(sys: Sys, name: NamespaceName, fd: number, own: string): boolean {
  let identity: string;
  try {
    identity = sys.stat(fd).identity;
  } catch (error) {
    throw namespaceNotStatted(sys, name, error);
  }
  if (identity !== own) return false;
  return (
    (name !== 'pid' && name !== 'time') ||
    isSame(sys, `/proc/self/ns/${procFile(name)}_for_children`, identity)
  );
}

function isSame(sys: Sys, path: string, identity: string): boolean {
  let stat: Stat | undefined;
  try {
    stat = sys.statPath(path);
  } catch (error) {
    stat = nothingWhereDenied(error);
  }
  return stat?.identity === identity;
}
