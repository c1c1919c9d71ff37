import { OPTION_ROWS, type OptionRow } from '../options/table.ts';
import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { ASPECTS } from './controls.ts';
import { isDigits } from './decimal.ts';
import { podMeant, userMeant, variableMeant } from './meant.ts';
import type { Program } from './request.ts';
import { parseSignal } from './signals.ts';

/**
 * What was meant by the word that is taken for the program, where nothing says whose process it is. Where something does, the program is looked
 * for inside, and the helper tells it (helper-c/steps/what-was-meant.c).
 */

/** Where hints may look at what was typed. */
export interface Typed extends Sys {
  readonly words: { readonly count: number; at(index: number): string };
}

/** `--net /run/netns/x`: an optional value has to be in the same word. */
export function takenForProgram(typed: Typed, program: Program): string | undefined {
  if (program.kind !== 'operands') return undefined;
  const word = typed.words.at(program.first);
  const row = optionalValueBefore(typed, program.first);
  if (!row || !isMeantFor(row, typed, word)) return undefined;
  return `${word} is taken for the program: the value of --${row.long} needs a '=': --${row.long}=${word}`;
}

export function optionalValueBefore({ words }: Pick<Typed, 'words'>, index: number): OptionRow | undefined {
  const option = index > 0 ? words.at(index - 1) : '';
  const isCluster = option.startsWith('-') && !option.startsWith('--');
  return OPTION_ROWS.find(
    ({ long, short, value }) =>
      value === 'optional' &&
      (option === `--${long}` || (isCluster && short !== undefined && option.endsWith(short))),
  );
}

function isMeantFor({ long, namespace }: OptionRow, typed: Typed, word: string): boolean {
  if (long === 'as-target') return word.split(',').every(isAspect);
  if (long === 'kill-child') return isSo(() => parseSignal(long, word));
  if (long === 'explain') return word === 'json' || word === 'steps';
  return namespace ? isNamespace(typed, word) : isDirectory(typed, word);
}

export function isAspect(word: string): boolean {
  return word === 'strict' || ASPECTS.some((name) => name === word.replace(/^[+-]/, ''));
}

function isDirectory(sys: Sys, path: string): boolean {
  return path.includes('/') && isSo(() => sys.close(sys.open(path, 'directory')) ?? true);
}

function isNamespace(sys: Sys, path: string): boolean {
  return path.includes('/') && isSo(() => sys.namespaceType(sys.open(path, 'namespace')));
}

/** Whether it can be looked at, and there is something. */
function isSo(look: () => unknown): boolean {
  try {
    return look() !== undefined;
  } catch {
    return false;
  }
}

/** `web --all`, `web sh`, `sh -t PID`: as other programs have it. */
export function whereTargetIs(typed: Typed, program: Program): string | undefined {
  if (program.kind !== 'operands') return undefined;
  const { words } = typed;
  const word = words.at(program.first);
  const behind = [...Array(words.count - program.first - 1).keys()].map((index) =>
    words.at(program.first + 1 + index),
  );
  const isTargetBehind = behind.some((other) => TARGET.test(other));
  if (/^[^=/]+=/.test(word)) return variableMeant(word);
  const before = optionalValueBefore(typed, program.first)?.long;
  const mayBeUser = (before === 'uts' || before === 'user') && !/^$|\//.test(word) && !isInPath(typed, word);
  if (mayBeUser && (isTargetBehind || isUser(typed, word, behind[0])))
    return `'${word}' is taken for the program: ${userMeant(before, word)}`;
  const pod = before === 'net' && program.first === 1 ? podBehind(typed, word, behind) : undefined;
  if (pod !== undefined) return `'${word}' is taken for the program. ${podMeant(word, pod)}`;
  if (isTargetBehind)
    return `Options end at the program, '${word}': the target stands before it, as in -t PID ${word}.`;
  if (word === '' || word.includes('/')) return undefined;
  const command = COMMANDS.find(({ names }) => names.split(' ').includes(word));
  if (command && (!isInPath(typed, word) || (program.first === 0 && behind.every(isOption))))
    return `'${word}' is taken for the program: ${command.says}.`;
  if (!isDigits(word) && !behind.some(isOption) && isInPath(typed, word)) return undefined;
  const asUser = mayBeUser && behind.length > 0 ? `, as a user --setuid=${word}` : '';
  return `'${word}' is taken for the program, at which options end; as the target it is -t ${word}${asUser}.`;
}

/** Of Kubernetes, and not a process id; `kubectl exec` has a pod behind `pod/`, too. */
const NAME_OF_POD = /^(?:pods?[:/])?((?!\d+$)[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)$/;

/**
 * The pod, where `-n` has kubectl's meaning: `-n NAMESPACE POD -- PROGRAM`, or with a target. Where the network alone is entered the program
 * is one of the caller's, and what is none of these was not meant for it.
 */
function podBehind(typed: Typed, namespace: string, behind: readonly string[]): string | undefined {
  if (!/^(?!\d+$)[a-z0-9-]+$/.test(namespace) || isInPath(typed, namespace)) return undefined;
  return NAME_OF_POD.exec(targetIn(behind) ?? behind[behind.indexOf('--') - 1] ?? '')?.[1];
}

const TARGET = /^(?:-t|--target(?:=|$))(.*)$/s;

function targetIn(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => TARGET.test(word));
  return at < 0 ? undefined : TARGET.exec(words[at] ?? '')?.[1] || words[at + 1];
}

/** Of docker(1), machinectl(1) and others: `ls` is none, for it is a program that is looked for inside. */
const COMMANDS: readonly { names: string; says: string }[] = [
  { names: 'help', says: 'help is shown by --help' },
  { names: 'version', says: 'the version is shown by --version' },
  { names: 'list ps', says: 'what can be entered is shown by --list' },
  { names: 'explain inspect', says: 'what would be entered, and how, is shown by --explain beside -t NAME' },
  {
    names: 'exec run attach enter shell login start',
    says: 'a container is entered by -t NAME alone',
  },
];

const MOST_OF_PASSWD = 1 << 20;

/**
 * As docker's -u has it: `1000`, `root`, `root:staff`, with a container behind it. Where a program of the caller's stands there, it may as
 * well be the target.
 */
function isUser(sys: Sys, word: string, next: string | undefined): boolean {
  const [user = '', group] = word.split(':', 2);
  if (!isDigits(user) && !isInPasswd(sys, user)) return false;
  return (
    group !== undefined || next === '-it' || (next !== undefined && !isOption(next) && !isInPath(sys, next))
  );
}

function isInPasswd(sys: Sys, user: string): boolean {
  const lines = readIfPossible(sys, '/etc/passwd', MOST_OF_PASSWD, `${user}:`) ?? '';
  return user !== '' && lines.split('\n').some((line) => line.startsWith(`${user}:`));
}

/** Where the caller would find a program: what is nowhere was not meant for one. */
function isInPath(sys: Sys, name: string): boolean {
  const directories = (sys.variable('PATH') ?? '/bin:/usr/bin').split(':');
  return directories.some((path) => path.startsWith('/') && isSo(() => sys.statPath(`${path}/${name}`)));
}

function isOption(word: string): boolean {
  if (word.startsWith('--')) return OPTION_ROWS.some(({ long }) => word.slice(2).split('=', 1)[0] === long);
  return (
    word.length > 1 &&
    word.startsWith('-') &&
    [...word.slice(1)].every((letter) => OPTION_ROWS.some(({ short }) => short === letter))
  );
}
