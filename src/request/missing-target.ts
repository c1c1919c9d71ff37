import { HELP_COMMAND, UsageError } from '../sys/errors.ts';
import { NAMESPACES } from '../sys/namespaces.ts';
import { isDigits } from './decimal.ts';
import { withoutEquals } from './meant.ts';
import type { Program, Request } from './request.ts';
import { SHOWN_BY_LIST } from './shown-by-list.ts';
import { type Typed, takenForProgram, whereTargetIs } from './taken-for-program.ts';

/** The error for a request that asks something of a target and names none: it says what was asked. */
export function missingTarget(
  request: Pick<Request, 'namespaces'> & Partial<Request>,
  typed?: Typed,
): UsageError {
  const [verb, object, glued] = whatIsAsked(request);
  const file = glued === undefined ? '' : `, or what it is of, behind a '=': ${glued}`;
  const hint =
    (typed && request.program && wordMeant(typed, request.program)) ??
    takenForFile(request) ??
    `Name the process or the container: --target PID|NAME${file}.`;
  return new UsageError(verb, object, 'no target PID specified', hint);
}

/** Executing the program here, when the user expects it inside, is the worst outcome (util-linux 2.42 refuses, too). */
export function nothingAsked({ target, program }: Request, typed?: Typed): UsageError {
  return new UsageError(
    'enter',
    target && 'pid' in target ? `target ${target.pid}` : 'namespaces',
    'no namespace specified',
    (typed && !target && wordMeant(typed, program)) ||
      (target
        ? `Name what to enter, such as --all, or --mount --pid; '${HELP_COMMAND}' lists it.`
        : `Name what to enter: a container, as in -t NAME, or what of a process, as in -t PID --all.`),
  );
}

function wordMeant(typed: Typed, program: Program): string | undefined {
  return takenForProgram(typed, program) ?? whereTargetIs(typed, program);
}

/** `--pid=4242` is the file of that name. */
function takenForFile({ namespaces }: Pick<Request, 'namespaces'>): string | undefined {
  for (const { name } of NAMESPACES) {
    const source = namespaces[name];
    if (source?.from === 'file' && isDigits(source.path))
      return `${source.path} is taken for a file of --${name}; as the target it is -t ${source.path}.`;
  }
  return undefined;
}

export function notAProcessId(text: string): UsageError {
  return new UsageError('parse', `target '${text}'`, 'not a process id', whyNoProcessId(text));
}

function whyNoProcessId(text: string): string {
  if (text.trim() === '')
    return 'It is empty: is a variable unset, or what should have printed the number silent?';
  if (/^\s*\+?0+$/.test(text)) return '0 is what container engines tell of a container that is not running.';
  if (/^\s*\+?\d+(?::|$)/.test(text)) return "Try 'tsenter --help' for more information.";
  if (/\s/.test(text)) return 'There is white space in it: one process id is taken, or one name.';
  const equals = withoutEquals('t', text);
  if (equals !== undefined) return equals;
  if (/^[a-z]+:$/.test(text))
    return `A name stands behind it: ${text}NAME; 'tsenter --list ${text}' shows them.`;
  const [, pid, namespace] = /^\/proc\/(\d+)(?:\/ns\/([a-z]+))?/.exec(text) ?? [];
  if (namespace !== undefined)
    return `It is the file of a namespace: the value of an option, as in --net=${text}.`;
  if (pid !== undefined) return `That process is -t ${pid}.`;
  if (/[*?[]/.test(text)) return `It is one name: 'tsenter --list PATTERN' shows those that fit a pattern.`;
  return SHOWN_BY_LIST;
}

function whatIsAsked(
  request: Pick<Request, 'namespaces'> & Partial<Request>,
): readonly [verb: string, object: string, glued?: string] {
  if (request.controls?.asTarget) return ['enter', 'as the target'];
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
  if (request.controls?.groups === 'follow') return ['follow', 'groups'];
  if (request.targetEnvironment) return ['read', 'environment'];
  if (request.joinCgroup) return ['join', 'cgroup'];
  return ['follow', 'SELinux context'];
}
