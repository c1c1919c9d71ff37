import type { OptionRow } from '../options/table.ts';
import { isDigits } from '../request/decimal.ts';
import { userMeant, variableMeant } from '../request/meant.ts';
import { SIGNAL_NAMES } from '../request/signals.ts';
import { isAspect, optionalValueBefore } from '../request/taken-for-program.ts';
import { Errno, SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { variableIn } from '../sys/variables.ts';
import { type FilesInside, findInside, wouldExecute } from './files-inside.ts';
import { DEFAULT_PATH, passwdInside } from './program-inside.ts';
import type { Stage } from './stage.ts';
import { seen } from './user-namespace.ts';

/**
 * What the entry says on the second line where the program is not found, in the same words (helper-c/steps/why-not-executed.c and
 * what-was-meant.c): it is for who is inside to look then, and here for who looks before. Why a file that is there cannot be executed is
 * left to the entry.
 */
export function whyNotFound(
  stage: Stage,
  files: FilesInside,
  words: readonly string[],
  errno: number,
): string | null {
  const { host, plan } = stage;
  const name = words[0] ?? '';
  const directories = variableIn(plan.environment ?? host.variables(), 'PATH') ?? DEFAULT_PATH;
  const isThere = pathsOf(name, directories).some((path) => mayBeThere(host, files, path));
  const option = plan.program.kind === 'operands' ? optionalValueBefore(host, plan.program.first) : undefined;
  const meant = errno === Errno.ENOTDIR ? undefined : whatWasMeant(stage, files, option, name, isThere);
  if (meant !== undefined) return meant;
  if (isThere || errno === Errno.EACCES) return null;
  if (name === '') return 'Its name is empty: is a variable unset?';
  if (entersFiles(stage) && isShell(name)) return shellNotFound(stage, files, name, directories);
  if (name.includes('/')) return null;
  const isNotThere = `It is not in PATH=${directories}`;
  if ((option?.long === 'uts' || option?.long === 'user') && words.length > 1)
    return `${isNotThere}; as a user it is --setuid=${name}`;
  const isCallers = entersFiles(stage) && !plan.steps.some(({ step }) => step === 'targets-environment');
  return isCallers ? `${isNotThere}; --env takes the target's.` : isNotThere;
}

function whatWasMeant(
  stage: Stage,
  files: FilesInside,
  option: OptionRow | undefined,
  name: string,
  isThere: boolean,
): string | undefined {
  if (option && isMeantFor(option.long, stage.host, files, name, isThere)) {
    const inside =
      entersFiles(stage) && option.long === 'wd'
        ? `, which is the caller's; as it is found inside it is --wdns=${name}`
        : '';
    return `It is taken for the program: the value of --${option.long} needs a '=': --${option.long}=${name}${inside}`;
  }
  if (isThere) return undefined;
  if (/^[^=/]+=/.test(name)) return variableMeant(name);
  if (/^[^ ].* /s.test(name))
    return 'It is one word, blanks and all: the program and each of its arguments are words of their own.';
  if ((option?.long === 'uts' || option?.long === 'user') && isUser(stage.host, files, name))
    return `'${name}' is taken for the program: ${userMeant(option.long, name)}`;
  return undefined;
}

function isMeantFor(long: string, sys: Sys, files: FilesInside, name: string, isThere: boolean): boolean {
  if (name.includes('/') && isDirectory(sys, files, name)) return true;
  if (isThere) return false;
  if (long === 'root' || long === 'wd' || long === 'wdns') return name.startsWith('/') && !isShell(name);
  if (long === 'kill-child')
    return isDigits(name) || SIGNAL_NAMES.includes(name.toUpperCase().replace(/^SIG/, ''));
  return long === 'as-target' && name.split(',').every(isAspect);
}

function isUser(sys: Sys, files: FilesInside, word: string): boolean {
  const [user = ''] = word.split(':', 1);
  const isNamed = () =>
    passwdInside(sys, files)
      .split('\n')
      .some((line) => line.startsWith(`${user}:`));
  return user !== '' && !word.includes('/') && (isDigits(user) || isNamed());
}

const DIRECTORY = 0o040000;
const TYPE = 0o170000;

function isDirectory(sys: Sys, files: FilesInside, path: string): boolean {
  const fd = seen(() => findInside(sys, files, path));
  return fd !== undefined && (sys.status(fd).mode & TYPE) === DIRECTORY;
}

/** The files of somebody else than the caller. */
function entersFiles({ result, plan }: Stage): boolean {
  return result.joined.has('mount') || plan.steps.some(({ step }) => step === 'chroot');
}

const SHELLS: readonly string[] = ['sh', 'bash', 'ash', 'dash', 'zsh', 'ksh', 'fish'];
const USUAL_SHELLS: readonly string[] = ['/bin/sh', '/usr/bin/sh', '/busybox/sh'];

function isShell(name: string): boolean {
  return SHELLS.includes(name.slice(name.lastIndexOf('/') + 1));
}

function shellNotFound(
  { host, result }: Stage,
  files: FilesInside,
  name: string,
  directories: string,
): string | null {
  const isPath = name.includes('/');
  for (const shell of USUAL_SHELLS) {
    const executes = wouldExecute(host, files, result.who, shell);
    if (executes === 'unknown') return null;
    if (executes === 'yes') return `${isPath ? '' : `It is not in PATH=${directories}; `}${shell} is there.`;
  }
  return `${isPath ? 'It is not there' : `There is none in PATH=${directories}`}; ${STATIC_SHELL}`;
}

export const STATIC_SHELL = "a static one of the host's can be brought: -w/bin ./busybox sh";

function pathsOf(name: string, directories: string): readonly string[] {
  if (name === '' || name.includes('/')) return name === '' ? [] : [name];
  return directories.split(':').flatMap((path) => (path.startsWith('/') ? [`${path}/${name}`] : []));
}

/** Also where it is a link that leads nowhere, or only who is inside can tell. */
function mayBeThere(sys: Sys, files: FilesInside, path: string): boolean {
  const slash = path.lastIndexOf('/');
  try {
    const fd = findInside(sys, files, path.slice(0, slash) || '/');
    if (fd === undefined) return true;
    const isLink = seen(() => sys.readLink(`/proc/self/fd/${fd}/${path.slice(slash + 1)}`)) !== undefined;
    sys.close(fd);
    return isLink || seen(() => findInside(sys, files, path)) !== undefined;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return false;
  }
}
