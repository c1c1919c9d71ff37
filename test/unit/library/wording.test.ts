import { describe, expect, it } from 'vitest';
import { inKeys } from '../../../src/library/wording.ts';

describe('what a message calls an option', () => {
  it.each([
    [
      'Name what to enter, such as --all, or --mount --pid.',
      "Name what to enter, such as all, or namespaces: ['mount', 'pid'].",
    ],
    ['--groups none leaves them out.', 'groups none leaves them out.'],
    ['It is --groups=none.', "It is groups: 'none'."],
    ['a user, by number or name, is --setuid=1000.', 'a user, by number or name, is uid: 1000.'],
    [
      'it has to be named by its files: --net=/proc/7/ns/net; as',
      "it has to be named by its files: namespaces: { net: '/proc/7/ns/net' }; as",
    ],
    ['its child is process 7: -t 7', 'its child is process 7: target: 7'],
    ['A process is its number alone: -t 12.', 'A process is its number alone: target: 12.'],
    ['--unsealed enters without either.', 'unsealed enters without either.'],
    ['unless --no-fork says otherwise.', 'unless fork: false says otherwise.'],
    ["value '8' of --umask", "value '8' of umask"],
    ['options --pty and --no-fork', 'options pty and fork: false'],
    ["'tsenter --list docker:' shows them.", "'tsenter --list docker:' shows them."],
    ["docker's runs are told by --explain.", "docker's runs are told by explain()."],
    [
      'by setpriv(1) with --inh-caps and --ambient-caps.',
      'by setpriv(1) with --inh-caps and --ambient-caps.',
    ],
    ['--failure-status and nothing-at-all -- here', '--failure-status and nothing-at-all -- here'],
    ["program '--all': not found", "program '--all': not found"],
  ])('%s', (said, expected) => {
    expect(inKeys(said)).toBe(expected);
    expect(inKeys(expected)).toBe(expected);
  });
});
