/** Debian's packages, by debhelper: tsenter, and tsenter-as-nsenter, which is of no architecture. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { dirname } from 'node:path';
import { ARCHITECTURES } from './build.mjs';

export function makeDebs(root, out, built, shared, about) {
  for (const architecture of ARCHITECTURES) {
    const work = `${out}/work-${architecture.debian}`;
    const source = `${work}/tsenter-${about.version}`;
    cpSync(`${root}/packaging/debian`, `${source}/debian`, { recursive: true });
    const control = `${source}/debian/control`;
    writeFileSync(control, readFileSync(control, 'utf8').replace('@HOMEPAGE@', about.homepage));
    writeFileSync(`${source}/debian/changelog`, changelog(about));
    writeFileSync(`${source}/debian/copyright`, copyright(shared, about));
    writeFileSync(`${source}/CHANGELOG.md`, shared['share/doc/tsenter/CHANGELOG.md']);
    install(`${source}/usr`, {
      'bin/tsenter': built.get(architecture).executable,
      ...Object.fromEntries(Object.entries(shared).flatMap(([path, content]) => forDebian(path, content))),
    });
    const which = architecture.node === arch() ? '-b' : '-B';
    build(source, [which, '-d', '-us', '-uc', `--host-arch=${architecture.debian}`]);
    for (const name of readdirSync(work))
      if (name.endsWith('.deb')) copyFileSync(`${work}/${name}`, `${out}/${name}`);
    rmSync(work, { recursive: true });
  }
}

/** zsh's are elsewhere, changelogs and licences debhelper's. */
function forDebian(path, content) {
  if (/\/(LICENSE|CHANGELOG\.md)$/.test(path)) return [];
  return [[path.replace('zsh/site-functions', 'zsh/vendor-completions'), content]];
}

export function install(prefix, files) {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(`${prefix}/${path}`), { recursive: true });
    writeFileSync(`${prefix}/${path}`, content);
    chmodSync(`${prefix}/${path}`, path.startsWith('bin/') ? 0o755 : 0o644);
  }
}

function build(cwd, words) {
  const { status, error, stdout, stderr } = spawnSync('dpkg-buildpackage', words, { cwd, encoding: 'utf8' });
  if (error) throw new Error(`dpkg-buildpackage: ${error.message} (Debian: dpkg-dev and debhelper)`);
  if (status !== 0) throw new Error(`dpkg-buildpackage: status ${status}\n${stdout}${stderr}`);
}

function changelog({ version, time }) {
  const date = execFileSync('date', ['-R', '-u', `-d@${time}`], { encoding: 'utf8' }).trim();
  return `tsenter (${version}) unstable; urgency=medium

  * What is new is in changelog.gz.

 -- The tsenter authors <tsenter@tsenter.org>  ${date}
`;
}

/** debian/copyright in its machine-readable format 1.0: tsenter's own, and as comment what is in the executable beside it. */
function copyright(shared, { homepage }) {
  const licence = shared['share/doc/tsenter/LICENSE'].toString();
  const [, holder] = /^Copyright \(c\) (.*)$/m.exec(licence);
  const indented = (text) => text.trim().replace(/^(.*)$/gm, (line) => ` ${line.trim() === '' ? '.' : line}`);
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: tsenter
Source: ${homepage}
Comment: The executable has in it what THIRD-PARTY-NOTICES beside this file tells, with the licences of it.

Files: *
Copyright: ${holder}
License: Expat
${indented(licence.slice(licence.indexOf('Permission')))}
`;
}
