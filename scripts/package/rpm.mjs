/** Packages for rpm. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync, rmSync } from 'node:fs';
import { ARCHITECTURES } from './build.mjs';
import { install } from './deb.mjs';
import { gzip } from './tar.mjs';

export function makeRpms(root, out, built, shared, { version, homepage }) {
  for (const architecture of ARCHITECTURES) {
    const work = `${out}/work-${architecture.machine}`;
    const { 'share/man/man1/tsenter.1': page, ...rest } = shared;
    install(`${work}/files/usr`, {
      'bin/tsenter': built.get(architecture).executable,
      'share/man/man1/tsenter.1.gz': gzip(page),
      ...rest,
    });
    const defines = {
      _topdir: work,
      // rpm's own database is not asked, and may belong to another.
      _dbpath: `${work}/db`,
      _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
      _buildhost: 'localhost',
      _binary_payload: 'w9.gzdio',
      use_source_date_epoch_as_buildtime: 1,
      clamp_mtime_to_source_date_epoch: 1,
      source_date_epoch_from_changelog: 0,
      tsenter_version: version,
      tsenter_homepage: homepage,
      tsenter_files: `${work}/files`,
    };
    const words = Object.entries(defines).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
    const spec = `${root}/packaging/rpm/tsenter.spec`;
    build(['-bb', '--nodeps', `--target=${architecture.machine}-linux`, ...words, spec]);
    for (const name of readdirSync(`${work}/RPMS`)) copyFileSync(`${work}/RPMS/${name}`, `${out}/${name}`);
    rmSync(work, { recursive: true });
  }
}

function build(words) {
  const { status, error, stdout, stderr } = spawnSync('rpmbuild', words, { encoding: 'utf8' });
  if (error) throw new Error(`rpmbuild: ${error.message} (Debian: rpm)`);
  if (status !== 0) throw new Error(`rpmbuild: status ${status}\n${stdout}${stderr}`);
}
