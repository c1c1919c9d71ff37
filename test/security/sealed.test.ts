/**
 * What a process that has entered files of a target is, for whoever may look at it: an image that nobody can write to, in each
 * of the ways in which there may be one, and with no page of the file that was started.
 */
import { accessSync, chmodSync, constants, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { release } from 'node:os';
import { beforeAll, describe, expect, it } from 'vitest';
import { beforeProgram, holdAt } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';

beforeAll(buildPrograms);

/** Since Linux 6.3 the owner of a copy cannot have it executed by nobody. */
const [major = 0, minor = 0] = release().split('.').map(Number);
const hasSealOfExecution = major > 6 || (major === 6 && minor >= 3);

const EINVAL = '22';
const filtered = (result: string, ...calls: string[]): readonly string[] => [
  program('filtered'),
  result,
  ...calls,
  '--',
];

const clone = { file: /^\//, why: 'EROFS' };
// What its seals keep: attacks-overwrite.test.ts.
const copy = { file: /^\/memfd:/, why: 'it can be' };

const ways: readonly (readonly [string, readonly string[], typeof clone])[] = [
  ['a clone that is mapped', [], clone],
  // Without the end of the heap nobody can tell the kernel of another file: that clone is executed.
  ['a clone that is executed', filtered(EINVAL, 'get_seccomp', 'brk'), clone],
  ['a copy in memory', filtered(EINVAL, 'get_seccomp', 'open_tree'), copy],
  // As systemd's SystemCallFilter=@system-service does it.
  ['a copy in memory, where it is death to mount', filtered('kill', 'open_tree', 'mount_setattr'), copy],
  // What TOMOYO does where there is no /dev/fd.
  ['a clone that is executed by its name', filtered(EINVAL, 'get_seccomp', 'brk', 'execveat'), clone],
  [
    'a copy in memory that is executed by its name',
    filtered(EINVAL, 'get_seccomp', 'open_tree', 'execveat'),
    copy,
  ],
];

/** Why the file behind a link of /proc cannot be written to, were it not being executed. */
function whyNotWritten(path: string): unknown {
  try {
    accessSync(path, constants.W_OK);
    return 'it can be';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

describe.each(ways)('%s', (_, under, { file, why }) => {
  it('is all that there is of the executable', async () => {
    await using target = await startTarget({ namespaces: ['mount', 'uts'] });
    await using held = await holdAt(beforeProgram, ['-t', String(target.pid), '-m', '-u', '/bin/true'], {
      under,
    });
    const proc = `/proc/${held.pid}`;
    expect(readlinkSync(`${proc}/exe`)).toMatch(file);
    const links = ['exe', ...readdirSync(`${proc}/map_files`).map((name) => `map_files/${name}`)];
    expect(links.length).toBeGreaterThan(1);
    expect([...new Set(links.map((link) => whyNotWritten(`${proc}/${link}`)))]).toEqual([why]);
    if (hasSealOfExecution) expect(() => chmodSync(`${proc}/exe`, 0)).toThrow(/^(EPERM|EROFS)/);
    expect(readFileSync(`${proc}/comm`, 'utf8')).toBe('tsenter\n');
    expect((await held.go()).status).toBe(0);
  });
});

it('without it, the file itself is (so that the above tells something)', async () => {
  await using target = await startTarget({ namespaces: ['mount', 'uts'] });
  const words = ['-t', String(target.pid), '--unsealed', '-m', '-u', '/bin/true'];
  await using held = await holdAt(beforeProgram, words);
  expect(whyNotWritten(`/proc/${held.pid}/exe`)).toBe('it can be');
  expect((await held.go()).status).toBe(0);
});
