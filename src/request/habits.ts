import { OPTION_ROWS, type OptionRow } from '../options/table.ts';
import { UsageError } from '../sys/errors.ts';
import { didYouMean } from '../sys/keys-between.ts';
import { isTakenForTarget, podMeant, terminalOfDocker, variableMeant } from './meant.ts';

/** Words that people know from what else enters or executes: docker(1), podman(1), kubectl, runc(8), setpriv(1), unshare(1), systemd-run(1). */

/** What an option of theirs is here; `value` stands for what it was given, as far as that is known. */
const HABITS: readonly { names: string; says: (value: string | undefined) => string }[] = [
  {
    names: 'workdir cwd chdir working-directory',
    says: (value = 'DIR') => `A working directory as it is found inside is --wdns=${value}.`,
  },
  {
    names: 'it interactive stdin tty t i',
    says: () =>
      'The program has the input and the terminal of the caller; --pty gives it a terminal of its own.',
  },
  {
    names: 'detach d',
    says: () => "It waits for the program; to leave that in the background is the shell's to do: &.",
  },
  { names: 'detach-keys', says: () => 'What is typed for tsenter begins with the character of --escape.' },
  { names: 'name container machine pod', says: (value = 'NAME') => `A container is entered by -t ${value}.` },
  {
    names: 'privileged',
    says: () => 'Without --as-target or --caps the program has the capabilities of the caller: as root, all.',
  },
  {
    names: 'cap-add cap',
    says: (value = 'NAME') =>
      `Beside --as-target it is --caps=+${value}; without that the program has the capabilities of the caller.`,
  },
  {
    names: 'cap-drop',
    says: (value = 'NAME') => `It is ${value.toLowerCase() === 'all' ? '--caps=none' : `--caps=-${value}`}.`,
  },
  {
    names: 'bounding-set inh-caps ambient-caps',
    says: (value = 'LIST') => `Capabilities, in every set, are those of --caps=${value}.`,
  },
  { names: 'mnt', says: () => 'Did you mean --mount?' },
  { names: 'network', says: () => 'Did you mean --net?' },
  { names: 'namespace', says: (value = 'NAMESPACE') => podMeant(value) },
  { names: 'set-var', says: (value = 'NAME=VALUE') => `A variable of the program is --setenv=${value}.` },
  {
    names: 'uid reuid userspec',
    says: (value = 'USER') => `A user, by number or name, is --setuid=${value}.`,
  },
  { names: 'gid regid', says: (value = 'GROUP') => `A group, by number or name, is --setgid=${value}.` },
  {
    names: 'group-add additional-gids',
    says: (value = 'GROUP') => `Supplementary groups are the list of --groups=${value}.`,
  },
  { names: 'clear-groups', says: () => 'It is --groups=none.' },
  { names: 'keep-groups', says: () => 'It is --groups=keep.' },
  {
    names: 'fork f',
    says: () => 'It forks where a PID namespace is entered, unless --no-fork says otherwise.',
  },
  { names: 'die-with-parent', says: () => 'It does, where tsenter waits for the program: --kill-child.' },
  { names: 'volume', says: () => 'Nothing is mounted; --mount enters the mounts of the target.' },
  { names: 'l ls latest', says: () => 'What can be entered is shown by --list.' },
  { names: 'v', says: () => 'The version is -V; --explain shows what would be done.' },
  {
    names: 'verbose dry-run',
    says: () => '--explain shows what would be done, and whether it is permitted.',
  },
];

/**
 * An option that there is not.
 *
 * @param word it stands in: of a long one all of it, of short ones the letters
 * @param letter of a short one
 * @param next the index of the word behind it
 */
export function unknownOption(
  word: string,
  letter: string | undefined,
  words: { readonly count: number; at(index: number): string },
  next: number,
): UsageError {
  const hint = hintFor(word, letter, next < words.count ? words.at(next) : undefined);
  return new UsageError(
    'parse',
    `option ${letter === undefined ? word : `-${letter}`}`,
    'unknown option',
    hint,
  );
}

function hintFor(word: string, letter: string | undefined, next: string | undefined): string | undefined {
  // As docker's -e has it: the next letter is the first of a variable's name.
  if (letter !== undefined && /^-e\w+=/.test(word)) return variableMeant(word.slice(2));
  const [, given = letter ?? '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
  const habit = HABITS.find(({ names }) => names.split(' ').includes(given));
  if (habit) return habit.says(value ?? (next?.startsWith('-') ? undefined : next));
  return letter === undefined
    ? didYouMean(
        given,
        OPTION_ROWS.map(({ long }) => long),
        '--',
      )
    : undefined;
}

/** A value behind an option that takes none. */
export function takesNoValue(long: string, value: string): UsageError {
  const hint = long === 'env' && value.includes('=') ? variableMeant(value) : undefined;
  return new UsageError('parse', `option --${long}`, 'takes no value', hint);
}

/** An option as it was given. */
interface Given {
  readonly row: OptionRow;
  readonly value: string | true;
}

/** An option that counts once. */
export function givenTwice({ long }: OptionRow, tokens: readonly Given[]): UsageError {
  const values = tokens.flatMap(({ row, value }) => (row.long === long && value !== true ? [value] : []));
  const hint = long === 'target' ? terminalMeant(tokens, values) : undefined;
  return new UsageError('parse', `option --${long}`, 'may be given only once', hint);
}

/** docker's -it, or its -i and -t: of both the letter t takes the next word for the target. */
function terminalMeant(tokens: readonly Given[], targets: readonly string[]): string | undefined {
  if (targets.includes('i')) return isTakenForTarget(targets.find((value) => value !== 'i'));
  const before = tokens[tokens.map(({ row }) => row.long).lastIndexOf('target') - 1];
  const isApart = before?.row.long === 'ipc' && before.value === true;
  return isApart ? terminalOfDocker(targets[0]) : undefined;
}
