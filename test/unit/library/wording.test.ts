import { describe, expect, it } from 'vitest';
import { hintInKeys, objectInKeys } from '../../../src/library/wording.ts';

describe('what a hint calls an option', () => {
  it.each([
    [
      "Name what to enter, such as --all, or --mount --pid; 'tsenter --help' lists it.",
      "Name what to enter, such as all: true, or namespaces: ['mount', 'pid'].",
    ],
    ['Name the process or the container: --target PID|NAME.', 'Name the process or the container: target.'],
    ['--groups none leaves them out.', 'groups none leaves them out.'],
    ['It is --groups=none.', "It is groups: 'none'."],
    ['a user, by number or name, is --setuid=1000.', 'a user, by number or name, is uid: 1000.'],
    [
      'it has to be named by its files: --net=/proc/7/ns/net; as',
      "it has to be named by its files: namespaces: { net: '/proc/7/ns/net' }; as",
    ],
    ['its child is process 7: -t 7', 'its child is process 7: target: 7'],
    ['A process is its number alone: -t 12.', 'A process is its number alone: target: 12.'],
    ['--unsealed enters without either.', 'unsealed: true enters without either.'],
    ['unless --no-fork says otherwise.', 'unless fork: false says otherwise.'],
    ["'tsenter --list docker' shows what is in them.", "list(['docker']) shows what is in them."],
    [
      "The word behind --target is its value: a process id, or a name that 'tsenter --list' shows.",
      'It is a process id, or a name that list() shows.',
    ],
    [
      'A variable of the program is set by --setenv A=b',
      "A variable of the program is one of env: { A: 'b' }",
    ],
    ["the target's, as told by --explain.", "the target's, as told by explain()."],
    [
      'by setpriv(1) with --inh-caps and --ambient-caps.',
      'by setpriv(1) with --inh-caps and --ambient-caps.',
    ],
    ['--failure-status and nothing-at-all -- here', '--failure-status and nothing-at-all -- here'],
    ["'--all' is taken for the program", "'--all' is taken for the program"],
    ['It is not in PATH=/opt/--mount/bin:/x--net', 'It is not in PATH=/opt/--mount/bin:/x--net'],
    [
      '--uts takes the file of a namespace; a user is --setuid=7',
      'namespaces.uts takes the file of a namespace; a user is uid: 7',
    ],
  ])('%s', (said, expected) => {
    expect(hintInKeys(said)).toBe(expected);
  });

  it.each([
    "-nm is -n with the file 'm'; did you mean -n -m?",
    "docker's -it can be left out, as in -t 7 --all sh: the program has the terminal.",
    "-ti is -t with the value 'i'. docker's -it can be left out.",
    "Try 'tsenter --help' for more information.",
  ])('is about a command line alone: %s', (said) => {
    expect(hintInKeys(said)).toBeUndefined();
  });
});

describe('what an object calls an option', () => {
  it.each([
    ["value '8' of --umask", "value '8' of umask"],
    ["nsid 'x' of --net", "nsid 'x' of namespaces.net"],
    ['option --target', 'option target'],
    ['variable of --setenv', 'variable of env'],
    ['options --pty and --no-fork', 'options pty and fork'],
    // Somebody's.
    ['ls -t /tmp', 'ls -t /tmp'],
    ['git log --all', 'git log --all'],
    ['--all', '--all'],
    ['uts namespace /tmp/my --pid', 'uts namespace /tmp/my --pid'],
    ['working directory inside /tmp/--all/x', 'working directory inside /tmp/--all/x'],
    ["target 'it's --all'", "target 'it's --all'"],
    ["option '--all'", "option '--all'"],
  ])('%s', (said, expected) => {
    expect(objectInKeys(said)).toBe(expected);
  });
});
