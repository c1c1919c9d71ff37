/** What is in the packages: the executable and the helper for each architecture, and what is the same for all. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch } from 'node:os';
import { renderNotices } from '../notices.mjs';

/** What node, uname(2), Debian and OCI, and npm's `cpu` call it. */
export const ARCHITECTURES = [
  { node: 'x64', machine: 'x86_64', debian: 'amd64' },
  { node: 'arm64', machine: 'aarch64', debian: 'arm64' },
];

/** What is not installed here, as Debian's packages. */
export function missingTools() {
  const ofMachine = ({ machine, debian, node }) => {
    const own = node === arch();
    return {
      [`/usr/bin/${machine}-linux-gnu-gcc`]: own ? 'gcc' : `gcc-${machine.replace('_', '-')}-linux-gnu`,
      [`/usr/lib/${machine}-linux-musl/rcrt1.o`]: own ? 'musl-tools' : `musl-dev:${debian}`,
      ...(!own && { [`/usr/${machine}-linux-gnu/include/asm/unistd.h`]: `libc6-dev-${debian}-cross` }),
    };
  };
  const wanted = {
    '/usr/bin/make': 'make',
    ...Object.assign({}, ...ARCHITECTURES.map(ofMachine)),
    '/usr/bin/dpkg-buildpackage': 'dpkg-dev',
    '/usr/bin/dh': 'debhelper',
    '/usr/bin/rpmbuild': 'rpm',
    '/usr/bin/flock': 'util-linux',
  };
  return Object.keys(wanted)
    .filter((path) => !existsSync(path))
    .map((path) => wanted[path]);
}

/** Builds for an architecture; for this machine's own `npm run build` has. */
export function builtFor(root, { node, machine }) {
  const own = node === arch();
  const dist = own ? `${root}/dist` : `${root}/dist/${machine}`;
  const executable = `${root}/dist/native${own ? '' : `-${machine}`}/tsenter`;
  if (!own) {
    // Under a lock: the tests of other layers build it, too.
    const words = [
      `${root}/dist/.native-${machine}.lock`,
      process.execPath,
      `${root}/scripts/build-native.mjs`,
    ];
    execFileSync('flock', [...words, `--target=${machine}`], { stdio: 'inherit' });
    execFileSync('make', ['-s', '-C', `${root}/helper-c`, `DIST=${dist}`, `MACHINE=${machine}`, 'helper'], {
      stdio: 'inherit',
    });
  }
  if (!existsSync(executable)) throw new Error(`${executable} was not built: it needs musl-tools`);
  return { executable: readFileSync(executable), helper: readFileSync(`${dist}/helper/tsenter-helper`) };
}

/** Below a prefix, as what is installed by hand, by dpkg and by rpm has them. */
export function sharedFiles(root) {
  const text = (path) => readFileSync(`${root}/${path}`);
  const completion = (shell) => execFileSync(`${root}/dist/native/tsenter`, ['--completion', shell]);
  return {
    'share/man/man1/tsenter.1': text('man/tsenter.1'),
    'share/bash-completion/completions/tsenter': completion('bash'),
    'share/zsh/site-functions/_tsenter': completion('zsh'),
    'share/fish/vendor_completions.d/tsenter.fish': completion('fish'),
    'share/doc/tsenter/LICENSE': text('LICENSE'),
    'share/doc/tsenter/THIRD-PARTY-NOTICES': Buffer.from(renderNotices()),
    'share/doc/tsenter/CHANGELOG.md': text('CHANGELOG.md'),
    'share/doc/tsenter/explain.schema.json': text('docs/explain.schema.json'),
    'share/doc/tsenter/list.schema.json': text('docs/list.schema.json'),
  };
}
