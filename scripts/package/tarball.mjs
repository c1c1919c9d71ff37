/** What is installed by hand: `make install`, with PREFIX and DESTDIR. */
import { readFileSync, writeFileSync } from 'node:fs';
import { ARCHITECTURES } from './build.mjs';
import { gzip, tar } from './tar.mjs';

export function makeTarballs(root, out, built, shared, { version, time }) {
  for (const architecture of ARCHITECTURES) {
    const name = `tsenter-${version}-linux-${architecture.node}`;
    const files = {
      Makefile: readFileSync(`${root}/packaging/tarball/Makefile`),
      'bin/tsenter': built.get(architecture).executable,
      ...shared,
    };
    const entries = Object.entries(files).map(([path, content]) => [
      `${name}/${path}`,
      { mode: path.startsWith('bin/') ? 0o755 : 0o644, content },
    ]);
    writeFileSync(`${out}/${name}.tar.gz`, gzip(tar(Object.fromEntries(entries), time)));
  }
}
