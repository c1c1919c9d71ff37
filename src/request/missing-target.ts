import { UsageError } from '../sys/errors.ts';
import { NAMESPACES } from '../sys/namespaces.ts';
import type { Request } from './request.ts';

/** The error for a request that asks something of a target and names none: it says what was asked. */
export function missingTarget(request: Pick<Request, 'namespaces'> & Partial<Request>): UsageError {
  const [verb, object] = whatIsAsked(request);
  return new UsageError(verb, object, 'no target PID specified', 'Name the process: --target PID.');
}

/** Executing the program here, when the user expects it inside, is the worst outcome (util-linux 2.42 refuses, too). */
export function nothingAsked({ target }: Request): UsageError {
  return new UsageError(
    'enter',
    target ? `target ${target.pid}` : 'namespaces',
    'no namespace specified',
    "Name what to enter, such as --all, or --mount --pid; 'tsenter --help' lists it.",
  );
}

function whatIsAsked(
  request: Pick<Request, 'namespaces'> & Partial<Request>,
): readonly [verb: string, object: string] {
  if (request.all) return ['enter', 'all namespaces'];
  for (const { name } of NAMESPACES) {
    if (request.namespaces[name]?.from === 'target') return ['enter', `${name} namespace`];
  }
  if (request.netSocket !== undefined) return ['enter', `net namespace of socket ${request.netSocket}`];
  if (request.userParent) return ['enter', 'parent user namespace'];
  if (request.root?.from === 'target') return ['change', 'root directory'];
  if (request.workingDirectory?.from === 'target') return ['change', 'working directory'];
  if (request.uid === 'follow') return ['follow', 'user id'];
  if (request.gid === 'follow') return ['follow', 'group id'];
  if (request.targetEnvironment) return ['read', 'environment'];
  if (request.joinCgroup) return ['join', 'cgroup'];
  return ['follow', 'SELinux context'];
}
