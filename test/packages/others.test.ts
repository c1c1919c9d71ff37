/** The .rpm and the tarball in roots of their own: installed, used, removed. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { cpu, directory, machine, missing, place, type, version } from './packages.ts';

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(reason, () => undefined);

const executable = readFileSync(`${repository}/dist/native/tsenter`);
const filesIn = (root: string) =>
  readdirSync(root, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(root.length))
    .sort();

let target: Target;
beforeAll(async () => {
  if (reason !== undefined) return;
  buildPrograms();
  target = await startTarget({ namespaces: ['uts'], hostname: 'inside' });
});
afterAll(() => target?.stop());

const enter = async (command: string) =>
  (await type([command, '-t', String(target.pid), '-u', 'hostname'])).stdout;

describe.skipIf(reason !== undefined)('rpm', () => {
  it('installs, verifies and removes it', async () => {
    using root = place();
    // Debian's rpm wants to be told that it is meant, and has no packages that could satisfy anything: nothing is asked for.
    const rpm = (...words: readonly string[]) =>
      type(['rpm', '--root', root.path, '--dbpath', '/db', ...words]);
    await rpm('--initdb');
    await rpm('--install', '--force-debian', `${directory}/tsenter-${version}-1.${machine}.rpm`);
    expect((await rpm('--verify', 'tsenter')).stdout).toBe('');
    expect(readFileSync(`${root.path}/usr/bin/tsenter`).equals(executable)).toBe(true);
    expect(await enter(`${root.path}/usr/bin/tsenter`)).toBe('inside\n');
    expect((await rpm('--query', '--requires', 'tsenter')).stdout.replace(/^rpmlib\(.*\n/gm, '')).toBe('');
    await rpm('--erase', '--force-debian', 'tsenter');
    expect(filesIn(root.path).filter((path) => !path.startsWith('/db/'))).toEqual([]);
  });
});

describe.skipIf(reason !== undefined)('the tarball', () => {
  it.each([
    { variables: [], prefix: '/usr/local' },
    { variables: ['PREFIX=/opt/a b'], prefix: '/opt/a b' },
  ])('installs below $prefix, and uninstalls', async ({ variables, prefix }) => {
    using unpacked = place();
    using root = place();
    await type(['tar', '-xf', `${directory}/tsenter-${version}-linux-${cpu}.tar.gz`, '-C', unpacked.path]);
    const make = [
      'make',
      '-s',
      '-C',
      `${unpacked.path}/tsenter-${version}-linux-${cpu}`,
      `DESTDIR=${root.path}`,
    ];
    await type([...make, 'install', ...variables]);
    expect(filesIn(root.path)).toEqual(
      [
        'bin/tsenter',
        'share/bash-completion/completions/tsenter',
        'share/doc/tsenter/CHANGELOG.md',
        'share/doc/tsenter/LICENSE',
        'share/doc/tsenter/THIRD-PARTY-NOTICES',
        'share/doc/tsenter/explain.schema.json',
        'share/doc/tsenter/list.schema.json',
        'share/fish/vendor_completions.d/tsenter.fish',
        'share/man/man1/tsenter.1',
        'share/zsh/site-functions/_tsenter',
      ].map((path) => `${prefix}/${path}`),
    );
    expect(await enter(`${root.path}${prefix}/bin/tsenter`)).toBe('inside\n');
    await type([...make, 'uninstall', ...variables]);
    expect(filesIn(root.path)).toEqual([]);
  });
});
