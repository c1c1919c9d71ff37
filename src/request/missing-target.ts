import { HELP_COMMAND, UsageError } from '../sys/errors.ts';
import { NAMESPACES } from '../sys/namespaces.ts';
import type { Request } from './request.ts';

/** The error for a request that asks something of a target and names none: it says what was asked. */
export function missingTarget(request: Pick<Request, 'namespaces'> & Partial<Request>): UsageError {
  const [verb, object, glued] = whatIsAsked(request);
  const file = glued === undefined ? '' : `, or what it is of, behind a '=': ${glued}`;
  return new UsageError(verb, object, 'no target PID specified', `Name the process: --target PID${file}.`);
}

/** Executing the program here, when the user expects it inside, is the worst outcome (util-linux 2.42 refuses, too). */
export function nothingAsked({ target }: Request): UsageError {
  return new UsageError(
    'enter',
    target && 'pid' in target ? `target ${target.pid}` : 'namespaces',
    'no namespace specified',
    `Name what to enter, such as --all, or --mount --pid; '${HELP_COMMAND}' lists it.`,
  );
}

export function notAProcessId(text: string): UsageError {
  return new UsageError('parse', `target '${text}'`, 'not a process id', whyNoProcessId(text));
}

function whyNoProcessId(text: string): string {
  if (text.trim() === '')
    return 'It is empty: is a variable unset, or what should have printed the number silent?';
  if (/^\s*\+?0+$/.test(text)) return '0 is what container engines tell of a container that is not running.';
  if (/^\s*\+?\d+(?::|$)/.test(text)) return "Try 'tsenter --help' for more information.";
  return `The word behind --target is its value: the number of a process, such as 'docker inspect -f {{.State.Pid}} NAME' prints.`;
}

function whatIsAsked(
  request: Pick<Request, 'namespaces'> & Partial<Request>,
): readonly [verb: string, object: string, glued?: string] {
  if (request.all) return ['enter', 'all namespaces'];
  for (const { name } of NAMESPACES) {
    if (request.namespaces[name]?.from === 'target') return ['enter', `${name} namespace`, `--${name}=FILE`];
  }
  if (request.netSocket !== undefined) return ['enter', `net namespace of socket ${request.netSocket}`];
  if (request.userParent) return ['enter', 'parent user namespace'];
  if (request.root?.from === 'target') return ['change', 'root directory', '--root=DIR'];
  if (request.workingDirectory?.from === 'target') return ['change', 'working directory', '--wd=DIR'];
  if (request.uid === 'follow') return ['follow', 'user id'];
  if (request.gid === 'follow') return ['follow', 'group id'];
  if (request.targetEnvironment) return ['read', 'environment'];
  if (request.joinCgroup) return ['join', 'cgroup'];
  return ['follow', 'SELinux context'];
}
