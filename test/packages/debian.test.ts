/** The .deb packages on a Debian, by apt: installed, used, upgraded, removed; and nsenter in the meantime. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import {
  debian,
  directory,
  fetched,
  missing,
  type Place,
  place,
  type Ran,
  type RunOptions,
  told,
  type,
  version,
} from './packages.ts';

const reason = missing();
const archive = reason === undefined ? fetched('root.sh', 'bookworm') : { reason };
if ('reason' in archive) it.skipIf(!mustRun(archive.reason))(archive.reason, () => undefined);

const executable = readFileSync(`${repository}/dist/native/tsenter`);
const NEXT = '99.0.0';

let root: Place;
let target: Target;

/** In the system, with a /proc for as long as it takes. */
function inside(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const script = 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"';
  const env = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  return type(['unshare', '--mount', 'sh', '-c', script, root.path, ...words], {
    ...options,
    env: { ...env, ...options.env },
  });
}

const shell = async (script: string) => (await inside(['sh', '-c', script])).stdout;
const apt = (...words: readonly string[]) => inside(['apt-get', '-qq', '-y', ...words]);

async function bring(file: string, as = `${debian}.deb`): Promise<string> {
  await type(['cp', `${directory}/${file}`, `${root.path}/root/${as}`]);
  return `/root/${as}`;
}

/** The same package with another version. */
async function upgraded(file: string): Promise<string> {
  using work = place();
  await type(['dpkg-deb', '-R', `${directory}/${file}`, `${work.path}/tree`]);
  const control = `${work.path}/tree/DEBIAN/control`;
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${NEXT}`));
  await type(['dpkg-deb', '--root-owner-group', '-b', `${work.path}/tree`, `${root.path}/root/next-${file}`]);
  return `/root/next-${file}`;
}

beforeAll(async () => {
  if ('reason' in archive) return;
  buildPrograms();
  root = place();
  await type(['tar', '-xf', archive.path, '-C', root.path, '--exclude=./dev/*']);
  await type(['sh', '-c', 'mknod -m 666 "$0/dev/null" c 1 3', root.path]);
  target = await startTarget({ namespaces: ['uts'], hostname: 'inside' });
});

afterAll(async () => {
  await target?.stop();
  root?.[Symbol.dispose]();
});

describe.skipIf('reason' in archive)('apt', () => {
  const deb = `tsenter_${version}_${debian}.deb`;
  const asNsenter = `tsenter-as-nsenter_${version}_all.deb`;
  const enter = (name: string) => inside([name, '-t', String(target.pid), '-u', 'hostname']);
  /** What of nsenter's there is, by what it is: util-linux's file has these bytes. */
  const nsenters = () =>
    shell('sha256sum /usr/bin/nsenter* | cut -d" " -f1,3; dpkg-divert --list "*nsenter*"');
  let before: string;

  it('installs tsenter: the executable itself, with nothing that it needs', async () => {
    before = await nsenters();
    await apt('install', await bring(deb));
    expect(readFileSync(`${root.path}/usr/bin/tsenter`).equals(executable)).toBe(true);
    expect((await enter('tsenter')).stdout).toBe('inside\n');
    expect((await inside(['tsenter', '--version'])).stdout.startsWith(told())).toBe(true);
    expect(told()).toMatch(new RegExp(`^tsenter ${version}\n`));
    expect(await shell('dpkg -s tsenter')).not.toMatch(/^(Pre-)?Depends:/m);
  });

  it('brings the manual, completions, notices', async () => {
    expect((await shell('zcat /usr/share/man/man1/tsenter.1.gz')).includes('.Dt TSENTER 1')).toBe(true);
    const notices = readFileSync(`${repository}/THIRD-PARTY-NOTICES`, 'utf8');
    expect(await shell('cat /usr/share/doc/tsenter/THIRD-PARTY-NOTICES')).toBe(notices);
    // The man page names them.
    for (const name of ['explain', 'list'])
      expect(await shell(`cat /usr/share/doc/tsenter/${name}.schema.json`)).toBe(
        readFileSync(`${repository}/docs/${name}.schema.json`, 'utf8'),
      );
    const places = [
      'bash-completion/completions/tsenter',
      'zsh/vendor-completions/_tsenter',
      'fish/vendor_completions.d/tsenter.fish',
    ];
    for (const [index, name] of ['bash', 'zsh', 'fish'].entries())
      expect(await shell(`cat /usr/share/${places[index]}`)).toBe(
        await shell(`tsenter --completion ${name}`),
      );
    const complete = 'source /usr/share/bash-completion/completions/tsenter; complete -p tsenter';
    expect((await inside(['bash', '-c', complete])).stdout).toMatch(/^complete .*tsenter$/m);
  });

  it('installs tsenter-as-nsenter: nsenter is tsenter, and util-linux’s is beside it', async () => {
    await apt('install', await bring(asNsenter));
    expect((await enter('nsenter')).stdout).toBe('inside\n');
    expect((await enter('nsenter.util-linux')).stdout).toBe('inside\n');
    expect((await inside(['nsenter', '--version'])).stdout).toMatch(
      /^nsenter from util-linux [\d.]+\ntsenter /,
    );
    expect((await inside(['nsenter.util-linux', '--version'])).stdout).not.toContain('tsenter');
    expect(await shell('zcat /usr/share/man/man1/nsenter.1.gz')).toContain('.Dt TSENTER 1');
    expect(await shell('zcat /usr/share/man/man1/nsenter.util-linux.1.gz')).not.toContain('TSENTER');
  });

  it('upgrades both, and util-linux in between', async () => {
    await apt('install', await upgraded(deb), await upgraded(asNsenter));
    await inside(['sh', '-c', 'dpkg -i /root/util-linux_*.deb']);
    expect(await shell('dpkg-query -W tsenter tsenter-as-nsenter')).toBe(
      `tsenter\t${NEXT}\ntsenter-as-nsenter\t${NEXT}\n`,
    );
    expect((await inside(['nsenter', '--version'])).stdout).toContain('\ntsenter ');
    expect((await inside(['nsenter.util-linux', '--version'])).stdout).not.toContain('tsenter');
  });

  it('does not remove tsenter alone, which nsenter is', async () => {
    expect((await inside(['dpkg', '--remove', 'tsenter'], { mayFail: true })).status).not.toBe(0);
    expect((await enter('nsenter')).stdout).toBe('inside\n');
  });

  it('removes tsenter-as-nsenter: nsenter is util-linux’s again', async () => {
    await apt('remove', 'tsenter-as-nsenter');
    expect(await nsenters()).toBe(before);
    expect((await inside(['nsenter', '--version'])).stdout).not.toContain('tsenter');
    expect(await shell('zcat /usr/share/man/man1/nsenter.1.gz')).not.toContain('TSENTER');
  });

  it('purges all: nothing is left', async () => {
    await apt('install', await bring(asNsenter));
    await apt('purge', 'tsenter', 'tsenter-as-nsenter');
    expect(await nsenters()).toBe(before);
    expect(await shell('find / -xdev -name "*tsenter*" -not -path "/proc/*" -not -path "/root/*"')).toBe('');
  });
});
