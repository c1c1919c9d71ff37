/** The same source gives the same bytes, wherever and whenever it is built; and only the pinned engine is built. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { scratch } from '../support/enter.ts';
import { repository } from '../support/programs.ts';
import { build, engineDirectory, missingExecutable } from './build.ts';

const reason = missingExecutable();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`reproducible: ${reason}`, () => undefined);

/** All files as old as that. */
function age(directory: string, seconds: number): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`;
    if (entry.isDirectory()) age(path, seconds);
    else if (entry.isFile()) utimesSync(path, seconds, seconds);
  }
}

function objectsIn(out: string): string[] {
  return readdirSync(`${out}/o`, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(`${out}/o/${name}`).isFile())
    .sort();
}

describe.skipIf(reason !== undefined)('two builds', () => {
  it('are identical: other directories, times, zones, locales and umasks, another place of the engine', {
    timeout: 300_000,
  }, async () => {
    using engine = scratch();
    cpSync(engineDirectory(), `${engine.path}/another engine`.replace(' ', '-'), { recursive: true });
    const [one, other] = await Promise.all([
      build({ name: 'one', env: { SOURCE_DATE_EPOCH: '1', TZ: 'UTC', LC_ALL: 'C' } }),
      build({
        name: 'a-directory-with-a-much-longer-name',
        env: {
          SOURCE_DATE_EPOCH: '2000000000',
          TZ: 'Asia/Tokyo',
          LC_ALL: 'C.UTF-8',
          QUICKJS_DIR: `${engine.path}/another-engine`,
        },
        prepare: (root) => age(root, 1_000_000_000),
      }),
    ]);
    using first = one;
    using second = other;
    expect(readFileSync(first.executable).equals(readFileSync(second.executable))).toBe(true);
    // Also what it is linked from: a difference there would be cut away by chance only.
    const names = objectsIn(first.out);
    expect(names.length).toBeGreaterThan(20);
    expect(objectsIn(second.out)).toEqual(names);
    expect(readFileSync(`${first.out}/chunks.h`, 'utf8')).toBe(
      readFileSync(`${second.out}/chunks.h`, 'utf8'),
    );
    const different = names.filter(
      (name) => !readFileSync(`${first.out}/o/${name}`).equals(readFileSync(`${second.out}/o/${name}`)),
    );
    expect(different).toEqual([]);
  });

  it('a build that is repeated is the same', { timeout: 300_000 }, async () => {
    using built = await build({ env: { LC_ALL: 'C' } });
    expect(readFileSync(built.executable).equals(readFileSync(`${repository}/dist/native/tsenter`))).toBe(
      true,
    );
  });
});

describe.skipIf(reason !== undefined)('the engine', () => {
  /** scripts/engine.mjs in a tree without a cache, and an npm that gives this tarball. */
  function fetchEngine(
    root: string,
    tarball: Buffer,
    env: Readonly<Record<string, string>> = {},
  ): { status: number | null; stdout: string; stderr: string } {
    const bin = `${root}/bin`;
    for (const directory of [bin, `${root}/scripts`]) mkdirSync(directory, { recursive: true });
    cpSync(`${repository}/scripts/engine.mjs`, `${root}/scripts/engine.mjs`);
    writeFileSync(`${root}/tarball`, tarball);
    // npm pack --silent --ignore-scripts --pack-destination DIRECTORY PACKAGE
    writeFileSync(`${bin}/npm`, `#!/bin/sh\ncp ${root}/tarball "$5/qjsc-0.3.0.tgz"\n`);
    chmodSync(`${bin}/npm`, 0o755);
    const script = `import { engineSource } from '${root}/scripts/engine.mjs';
      process.stdout.write(engineSource('${root}'));`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env.PATH ?? '/usr/bin:/bin'}`, ...env },
    });
  }

  /** The tarball that was fetched for the build. */
  function pinned(context: { skip(note?: string): void }): Buffer {
    if (process.env.QUICKJS_DIR !== undefined) {
      mustRun('QUICKJS_DIR is set: there is no pinned tarball', context);
    }
    return readFileSync(`${dirname(dirname(dirname(engineDirectory())))}/qjsc-0.3.0.tgz`);
  }

  it('is the pinned one', (context) => {
    using directory = scratch();
    const { status, stdout, stderr } = fetchEngine(directory.path, pinned(context));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.startsWith(`${directory.path}/`)).toBe(true);
    expect(readFileSync(`${stdout}/quickjs.c`, 'latin1')).toContain('QuickJS Javascript Engine');
  });

  it('is refused when one bit of the tarball is another', (context) => {
    using directory = scratch();
    const tarball = Buffer.from(pinned(context));
    const middle = tarball.length >> 1;
    tarball[middle] = (tarball[middle] ?? 0) ^ 1;
    const { status, stderr } = fetchEngine(directory.path, tarball);
    expect(status).not.toBe(0);
    expect(stderr).toContain('the tarball is not the one that was pinned');
    // Nor is it used the next time.
    const again = fetchEngine(directory.path, tarball);
    expect(again.status).not.toBe(0);
    expect(again.stderr).toContain('the tarball is not the one that was pinned');
  });

  it('is QUICKJS_DIR’s where that is set, without a look at the network', () => {
    using directory = scratch();
    const { status, stdout } = fetchEngine(directory.path, Buffer.alloc(0), { QUICKJS_DIR: '/some/where' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '/some/where' });
  });

  it('a QUICKJS_DIR that does not exist is an error', async () => {
    await expect(build({ env: { QUICKJS_DIR: '/nonexistent' } })).rejects.toThrow(/\/nonexistent/);
  });
});
