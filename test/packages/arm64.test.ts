/**
 * The packages for arm64, on a kernel and a Debian of that architecture: installed there where the guest can, else by this machine's tools for its root,
 * and used as a user would.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fetchKernel } from '../kernels/kernels.ts';
import { boot, missingEmulator } from '../kernels/machine.ts';
import { makeRoot, readOutput, shareOf } from '../kernels/root.ts';
import { arm64Host } from '../kernels/userland.ts';
import { mustRun } from '../support/must-run.ts';
import { directory, missing, type Place, place, type, version, withoutRegistry } from './packages.ts';
import { startRegistry } from './registry.ts';

const TIMEOUT = 900_000;
const reason =
  missing() ??
  withoutRegistry() ??
  missingEmulator('arm64', { share: true }) ??
  (arch() === 'arm64' ? 'it is this machine, on which the others are tried' : undefined);
if (reason !== undefined) it.skipIf(!mustRun(reason))(reason, () => undefined);

/** Where the guest has them. */
const there = '/packages';
/** What each is: words that execute it, in the guest. */
const installed = {
  tarball: `${there}/tarball/usr/local/bin/tsenter`,
  rpm: `${there}/rpm/usr/bin/tsenter`,
  npm: `${there}/project/node_modules/.bin/tsenter`,
  library: `node ${there}/project/enter.js`,
};

/** By bash: busybox's shell would find dpkg and nsenter of its own. */
const script = `
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers
touch /var/lib/dpkg/status
unshare --uts sh -c 'hostname inside; echo $$ >/tmp/starting; mv /tmp/starting /tmp/target; exec sleep 1000' &
until [ -e /tmp/target ]; do sleep 0.1; done
target=$(cat /tmp/target)
did() { name=$1; shift; "$@" >/output/$name 2>&1 || echo "status $?" >>/output/$name; }
debs() { dpkg --force-bad-path "$@"; }

did dpkg-install debs --install ${there}/deb/tsenter_*.deb
did dpkg tsenter -t $target -u hostname
did version tsenter --version
did dpkg-as-nsenter debs --install ${there}/deb/tsenter-as-nsenter_*.deb
did nsenter nsenter --version
did dpkg-purge debs --purge tsenter-as-nsenter tsenter
did left sh -c 'ls /usr/bin | grep tsenter; nsenter --version'
${Object.entries(installed)
  .map(([name, words]) => `did ${name} ${words} ${name === 'library' ? '$target' : '-t $target -u hostname'}`)
  .join('\n')}
cd ${there}/image
runc spec
jq '.process.terminal = false | .process.args = ["/tsenter", "--version"]' config.json >changed && mv changed config.json
did image runc run tsenter-image
`;

describe.skipIf(reason !== undefined)('arm64', () => {
  let files: Place;
  let told: ReadonlyMap<string, Buffer>;
  const said = (name: string): string | undefined => told.get(name)?.toString();

  beforeAll(async () => {
    files = place();
    await unpack(files.path);
    const userland = { ...(await arm64Host()), files: { [there]: files.path } };
    const kernel = await fetchKernel('trixie', 'arm64');
    writeFileSync(`${files.path}/try.sh`, script);
    using root = makeRoot({ kernel, script: `exec /usr/bin/bash ${there}/try.sh`, host: true, userland });
    const run = await boot({
      kernel,
      root: root.directory,
      share: shareOf(userland),
      memory: 1024,
      timeout: TIMEOUT,
    });
    told = readOutput(run);
  }, TIMEOUT);

  afterAll(() => files?.[Symbol.dispose]());

  it('the .deb is installed by dpkg, enters, and is purged', () => {
    expect(said('dpkg-install')).toMatch(/Setting up tsenter/);
    expect(said('dpkg')).toBe('inside\n');
    expect(said('version')).toMatch(new RegExp(`^tsenter ${version.replace(/\./g, '\\.')}\n`));
    expect(said('version')).toMatch(/aarch64|arm64/);
    expect(said('dpkg-purge')).not.toMatch(/^status/m);
  });

  it('tsenter-as-nsenter takes nsenter’s place, and gives it back', () => {
    expect(said('dpkg-as-nsenter')).toMatch(/Setting up tsenter-as-nsenter/);
    expect(said('nsenter')).toMatch(/^nsenter from util-linux [\d.]+\ntsenter /);
    expect(said('left')).toMatch(/^nsenter from util-linux [\d.]+\n$/);
  });

  it.each(Object.keys(installed))('%s: it enters', (name) => {
    expect(said(name)).toBe('inside\n');
  });

  it('the image is executed in a container', () => {
    expect(said('image')).toMatch(new RegExp(`^tsenter ${version.replace(/\./g, '\\.')}\n`));
  });
});

/** Each for the architecture, in a folder of its own. */
async function unpack(root: string): Promise<void> {
  for (const name of ['deb', 'rpm', 'image/rootfs', 'project', 'unpacked'])
    mkdirSync(`${root}/${name}`, { recursive: true });
  const debs = [`tsenter_${version}_arm64.deb`, `tsenter-as-nsenter_${version}_all.deb`];
  await type(['cp', ...debs.map((name) => `${directory}/${name}`), `${root}/deb`]);

  const rpm = ['rpm', '--root', `${root}/rpm`, '--dbpath', '/db'];
  await type([...rpm, '--initdb']);
  const words = ['--install', '--force-debian', '--ignorearch'];
  await type([...rpm, ...words, `${directory}/tsenter-${version}-1.aarch64.rpm`]);

  const name = `tsenter-${version}-linux-arm64`;
  await type(['tar', '-xf', `${directory}/${name}.tar.gz`, '-C', `${root}/unpacked`]);
  await type(['make', '-s', '-C', `${root}/unpacked/${name}`, `DESTDIR=${root}/tarball`, 'install']);

  await type(['tar', '-xf', `${directory}/tsenter-${version}-image-arm64.tar`, '-C', `${root}/image`]);
  const [manifest] = JSON.parse(readFileSync(`${root}/image/manifest.json`, 'utf8')) as [
    { Layers: string[] },
  ];
  for (const layer of manifest.Layers)
    await type(['tar', '-xf', `${root}/image/${layer}`, '-C', `${root}/image/rootfs`]);

  writeFileSync(
    `${root}/project/package.json`,
    '{ "name": "of-the-test", "private": true, "type": "module" }',
  );
  writeFileSync(
    `${root}/project/enter.js`,
    `import { run } from 'tsenter';
    const { stdout } = await run('hostname', { target: Number(process.argv[2]), namespaces: ['uts'] });
    console.log(stdout);`,
  );
  await using registry = await startRegistry(directory);
  const foreign = ['--cpu=arm64', '--os=linux', '--libc=glibc', '--ignore-scripts'];
  await type(['npm', 'install', ...foreign, '--no-audit', '--no-fund', '--no-update-notifier', 'tsenter'], {
    cwd: `${root}/project`,
    env: { npm_config_registry: registry.url },
  });
}
