/** A release is tried in a repository of its own, with stand-ins for what takes long: the linter and the packages. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mustRun } from '../../support/must-run.ts';
import { repository } from '../../support/programs.ts';

let tree: string;
/** The commit with the stand-ins. */
let base: string;
/** Nothing of the machine's configuration counts, and whoever owns the checkout. */
const env = {
  PATH: process.env.PATH ?? '',
  HOME: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '3',
  ...config(0, 'safe.directory', '*'),
  ...config(1, 'user.name', 'Somebody'),
  ...config(2, 'user.email', 'somebody@example.org'),
};

function config(number: number, key: string, value: string): Record<string, string> {
  return { [`GIT_CONFIG_KEY_${number}`]: key, [`GIT_CONFIG_VALUE_${number}`]: value };
}

function git(...words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('git', ['-C', tree, ...words], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trimEnd();
}

const read = (file: string) => readFileSync(`${tree}/${file}`, 'utf8');

/** What it makes is called by the version that package.json has when it is called. */
const PACKAGES = `mkdir -p dist/packages/npm dist/native
  for end in .tgz .cdx.json; do echo made > dist/packages/tsenter-$npm_package_version$end; done
  printf '#!/bin/sh\\necho tsenter %s\\n' $npm_package_version > dist/native/tsenter; chmod +x dist/native/tsenter`;

function stand(scripts: Readonly<Record<string, string>>): void {
  const manifest = JSON.parse(read('package.json'));
  writeFileSync(
    `${tree}/package.json`,
    `${JSON.stringify({ ...manifest, version: '0.1.0', scripts: { ...manifest.scripts, ...scripts } }, undefined, 2)}\n`,
  );
  git('commit', '--quiet', '--all', '--message=stand-ins');
}

function release(...words: readonly string[]): { status: number | null; output: string; errors: string } {
  const ended = spawnSync(process.execPath, [`${tree}/scripts/release.mjs`, ...words], {
    env,
    encoding: 'utf8',
  });
  return { status: ended.status, output: ended.stdout, errors: ended.stderr };
}

const missing = ['git', 'npm', 'sha256sum'].find((name) => spawnSync(name, ['--version']).status !== 0);

if (missing !== undefined)
  it.skipIf(!mustRun(`needs ${missing}`))(`releases: needs ${missing}`, () => undefined);

beforeAll(() => {
  if (missing !== undefined) return;
  tree = mkdtempSync(`${tmpdir()}/tsenter-release-`);
  for (const each of ['scripts', 'package.json', 'package-lock.json', 'README.md', '.gitignore'])
    cpSync(`${repository}/${each}`, `${tree}/${each}`, { recursive: true });
  git('init', '--quiet');
  const changes = '## Unreleased\n\n### Added\n\n- This.\n\n## 0.0.1 - 2026-01-01\n\n- That.\n';
  writeFileSync(`${tree}/CHANGELOG.md`, `# Changelog\n\n${changes}`);
  git('add', '--all');
  git('checkout', '--quiet', '-B', 'main');
  stand({ lint: 'true', package: PACKAGES });
  base = git('rev-parse', 'HEAD');
});
beforeEach(() => {
  if (missing !== undefined) return;
  git('checkout', '--quiet', '--force', '-B', 'main', base);
  for (const tag of git('tag').split('\n')) if (tag !== '') git('tag', '--delete', tag);
  rmSync(`${tree}/dist`, { recursive: true, force: true });
});
afterAll(() => {
  if (missing === undefined) rmSync(tree, { recursive: true, force: true });
});

describe.skipIf(missing !== undefined)('a release', () => {
  it('is committed, tagged and packaged, and nothing is published', () => {
    const before = git('rev-parse', 'HEAD');
    const { status, output, errors } = release('0.2.0');
    expect({ status, errors }).toEqual({ status: 0, errors: '' });
    expect(output).toContain(
      'tsenter 0.2.0 is committed, tagged v0.2.0 and packaged; SHA256SUMS has 2 files',
    );
    expect(git('rev-parse', 'HEAD~1')).toBe(before);
    expect(git('rev-parse', 'v0.2.0^{commit}')).toBe(git('rev-parse', 'HEAD'));
    expect(git('tag', '--list', '--format=%(contents)', 'v0.2.0')).toContain('### Added\n\n- This.');
    expect(git('status', '--porcelain')).toBe('');
    const date = new Date().toISOString().slice(0, 10);
    expect(read('CHANGELOG.md')).toContain(
      `## Unreleased\n\n## 0.2.0 - ${date}\n\n### Added\n\n- This.\n\n## 0.0.1`,
    );
    expect(JSON.parse(read('package.json')).version).toBe('0.2.0');
    expect(read('README.md')).toContain('`tar -xf tsenter-0.2.0-linux-x64.tar.gz');
    expect(read('README.md')).not.toContain('0.1.0');
    const lock = JSON.parse(read('package-lock.json'));
    expect([lock.version, lock.packages[''].version]).toEqual(['0.2.0', '0.2.0']);
    const sums = spawnSync('/usr/bin/sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
      cwd: `${tree}/dist/packages`,
      encoding: 'utf8',
    });
    expect(sums.stdout).toBe('tsenter-0.2.0.cdx.json: OK\ntsenter-0.2.0.tgz: OK\n');
    // Only what is printed would push.
    expect(git('for-each-ref', '--format=%(refname)', 'refs/remotes')).not.toContain('0.2.0');
  });

  it('may have the version that package.json has as long as it was not tagged', () => {
    expect(release('0.1.0').status).toBe(0);
    appendFileSync(`${tree}/CHANGELOG.md`, '\n');
    git('commit', '--quiet', '--all', '--message=later');
    expect(release('0.1.0')).toMatchObject({
      status: 1,
      errors: 'release: 0.1.0 is released, so 0.1.0 cannot be\n',
    });
  });
});

describe.skipIf(missing !== undefined)('is refused, and everything is as it was', () => {
  function refused(version: string): string {
    const before = [git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')];
    const { status, output, errors } = release(version);
    expect({ status, output }).toEqual({ status: 1, output: '' });
    expect([git('rev-parse', 'HEAD'), git('status', '--porcelain'), git('tag')]).toEqual(before);
    return errors;
  }

  it.each(['1', '1.0', 'v1.0.0', '1.0.0-rc.1', '01.0.0'])('what is no version: %s', (version) => {
    expect(refused(version)).toBe(`release: '${version}' is no version: MAJOR.MINOR.PATCH\n`);
  });

  it('what is not committed', () => {
    appendFileSync(`${tree}/README.md`, 'x');
    expect(refused('0.2.0')).toBe('release: the checkout is not clean:\n M README.md\n');
  });

  it('another branch', () => {
    git('checkout', '--quiet', '-b', 'other');
    expect(refused('0.2.0')).toBe('release: this is other: releases are made of main\n');
  });

  it('a version that is not later than the last', () => {
    git('tag', 'v0.10.0');
    expect(refused('0.9.5')).toBe('release: 0.10.0 is released, so 0.9.5 cannot be\n');
  });

  it('a version before that of package.json', () => {
    expect(refused('0.0.9')).toBe('release: package.json has 0.1.0, which is later than 0.0.9\n');
  });

  it('no changes', () => {
    writeFileSync(
      `${tree}/CHANGELOG.md`,
      '# Changelog\n\n## Unreleased\n\n## 0.0.1 - 2026-01-01\n\n- That.\n',
    );
    git('commit', '--quiet', '--all', '--message=nothing');
    expect(refused('0.2.0')).toBe('release: CHANGELOG.md has nothing under Unreleased\n');
  });

  it.each([
    ['the linter complains', { lint: 'exit 3' }, 'npm run lint: status 3'],
    ['a package cannot be made', { package: 'exit 4' }, 'npm run package: status 4'],
    [
      'what was built is another version',
      { package: PACKAGES.replace('%s', '9.%s') },
      "dist/native/tsenter --version does not begin with 'tsenter 0.2.0'",
    ],
    [
      'a package is of another version',
      { package: `${PACKAGES}; echo > dist/packages/tsenter-0.1.0.deb` },
      'dist/packages has what is not of 0.2.0: tsenter-0.1.0.deb',
    ],
    [
      'a build changes what is checked in',
      { package: `${PACKAGES}; echo >> README.md` },
      'the packages are made of what is not committed:\n M README.md',
    ],
  ])('%s', (_, scripts, why) => {
    stand(scripts);
    expect(refused('0.2.0')).toBe(`release: ${why}\n`);
  });
});
