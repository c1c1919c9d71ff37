/** The executable in another place: linked, copied, mounted, under another name. */
import {
  copyFileSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { startActor } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let place: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'pid'], hostname: 'inside' });
  // Of the same file system, for the hard link; the directory above has no bundle beside it.
  place = mkdtempSync(`${dirname(dirname(tsenter))}/copies-`);
  symlinkSync(tsenter, `${place}/linked`);
  copyFileSync(tsenter, `${place}/copied`);
  linkSync(tsenter, `${place}/hard`);
  writeFileSync(`${place}/mounted`, '');
});

afterAll(async () => {
  if (place !== undefined) rmSync(place, { recursive: true });
  await target?.stop();
});

const isNode = !tsenter.includes('native');

const commands: Record<string, () => string[]> = {
  linked: () => [`${place}/linked`],
  copied: () => [`${place}/copied`],
  hard: () => [`${place}/hard`],
  mounted: () => [
    ...['/usr/bin/unshare', '-m', '/bin/sh', '-c', 'mount --bind "$0" "$1" && exec "$@"', tsenter],
    `${place}/mounted`,
  ],
};

// On Node the launcher belongs beside its bundle.
const works = isNode ? ['linked'] : Object.keys(commands);

describe.each(works)('%s', (name) => {
  it('enters, and what waits has the name that it was called by', async () => {
    const [file = '', ...words] = commands[name]?.() ?? [];
    const inside = ['-t', String(target.pid), '-u', '-p', '/bin/sh', '-c', 'echo ready $$ && read line'];
    await using waiting = await startActor([...words, ...inside], {}, file);
    expect(readFileSync(`/proc/${waiting.pid}/comm`, 'utf8')).toBe(`${name}\n`);
  });
});

if (isNode)
  describe.each(Object.keys(commands).filter((name) => !works.includes(name)))('on Node, %s', (name) => {
    it('says what to use instead', async () => {
      const { status, stderr } = await run([...(commands[name]?.() ?? []), '-V']);
      expect(status).toBe(1);
      expect(stderr.toString()).toMatch(
        new RegExp(
          `^${name}: execute node: the bundle that belongs beside this executable is not there\n.*symbolic link.*native executable.*\n$`,
        ),
      );
    });
  });
