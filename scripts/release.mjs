// npm run release -- VERSION: everything of a release but to publish it. It checks, gives the changes their heading, commits, tags, lints, makes
// the packages and their checksums, and says what is left to do. Where something fails the checkout is as it was.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readWords } from './words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packages = `${root}/dist/packages`;
const UNRELEASED = '## Unreleased\n';

class ReleaseError extends Error {}

try {
  const { rest } = readWords(process.argv.slice(2), process.env, {});
  if (rest.length !== 1) throw new ReleaseError('usage: npm run release -- VERSION');
  release(rest[0]);
} catch (error) {
  if (!(error instanceof ReleaseError)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function release(version) {
  const changes = check(version);
  const start = git('rev-parse', 'HEAD');
  const tag = `v${version}`;
  try {
    write(version);
    git('commit', '--quiet', '--all', `--message=tsenter ${version}`);
    // As it stands: a line that begins with # is a heading.
    git('tag', '--annotate', '--cleanup=verbatim', `--message=tsenter ${version}\n\n${changes}\n`, tag);
    npm('lint');
    npm('package');
    checkMade(version);
  } catch (error) {
    spawnSync('git', ['-C', root, 'tag', '--delete', tag], { stdio: 'ignore' });
    git('reset', '--quiet', '--hard', start);
    throw error;
  }
  const files = writeChecksums();
  console.log(`tsenter ${version} is committed, tagged ${tag} and packaged; SHA256SUMS has ${files.length} files. What is left:

  git push origin main ${tag}                   # and wait for CI
  (cd dist/packages/npm && for each in tsenter-linux-* tsenter; do npm publish "./$each"; done)
  gpg --armor --detach-sign dist/packages/SHA256SUMS
  a release of ${tag} with the files of dist/packages, SHA256SUMS and its signature
  the image of dist/packages to its registry, as ${version} and latest

To take it back: git tag --delete ${tag} && git reset --hard ${start.slice(0, 12)}`);
}

/** @returns what the changelog says of it */
function check(version) {
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(version))
    throw new ReleaseError(`'${version}' is no version: MAJOR.MINOR.PATCH`);
  const dirty = git('status', '--porcelain');
  if (dirty !== '') throw new ReleaseError(`the checkout is not clean:\n${dirty}`);
  const branch = git('rev-parse', '--abbrev-ref', 'HEAD');
  if (branch !== 'main') throw new ReleaseError(`this is ${branch}: releases are made of main`);
  const released = git('tag', '--list', 'v*.*.*')
    .split('\n')
    .filter((tag) => tag !== '')
    .map((tag) => tag.slice(1));
  const later = released.find((other) => isNotBefore(other, version));
  if (later !== undefined) throw new ReleaseError(`${later} is released, so ${version} cannot be`);
  const { version: current } = JSON.parse(read('package.json'));
  if (version !== current && isNotBefore(current, version))
    throw new ReleaseError(`package.json has ${current}, which is later than ${version}`);
  const [, changes = ''] = read('CHANGELOG.md').split(UNRELEASED);
  const section = changes.split(/^## /m)[0].trim();
  if (section === '') throw new ReleaseError('CHANGELOG.md has nothing under Unreleased');
  return section;
}

function isNotBefore(one, other) {
  const [ours, theirs] = [one, other].map((version) => version.split('.').map(Number));
  const at = ours.findIndex((number, index) => number !== theirs[index]);
  return at < 0 || ours[at] > theirs[at];
}

function write(version) {
  const { version: current } = JSON.parse(read('package.json'));
  // Its table of packages has their files by name.
  rewrite('README.md', (text) => text.replaceAll(current, version));
  const date = new Date().toISOString().slice(0, 10);
  rewrite('CHANGELOG.md', (text) =>
    text.replace(UNRELEASED, () => `${UNRELEASED}\n## ${version} - ${date}\n`),
  );
  rewrite('package.json', (text) => text.replace(/("version": )"[^"]*"/, `$1"${version}"`));
  rewrite('package-lock.json', (text) => {
    const lock = JSON.parse(text);
    lock.version = version;
    lock.packages[''].version = version;
    return `${JSON.stringify(lock, undefined, 2)}\n`;
  });
}

/** What was built says that it is this one, and has changed nothing that is checked in. */
function checkMade(version) {
  const { stdout } = spawnSync(`${root}/dist/native/tsenter`, ['--version'], { encoding: 'utf8' });
  if (!stdout?.startsWith(`tsenter ${version}\n`))
    throw new ReleaseError(`dist/native/tsenter --version does not begin with 'tsenter ${version}'`);
  const others = packageFiles().filter((file) => !file.includes(version));
  if (others.length > 0)
    throw new ReleaseError(`dist/packages has what is not of ${version}: ${others.join(', ')}`);
  const dirty = git('status', '--porcelain');
  if (dirty !== '') throw new ReleaseError(`the packages are made of what is not committed:\n${dirty}`);
}

function packageFiles() {
  const found = readdirSync(packages).filter((file) => statSync(`${packages}/${file}`).isFile());
  if (found.length === 0) throw new ReleaseError('dist/packages is empty');
  return found.filter((file) => file !== 'SHA256SUMS').sort();
}

/** As sha256sum(1) reads them. */
function writeChecksums() {
  const files = packageFiles();
  const lines = files.map((file) => {
    const sum = createHash('sha256')
      .update(readFileSync(`${packages}/${file}`))
      .digest('hex');
    return `${sum}  ${file}\n`;
  });
  writeFileSync(`${packages}/SHA256SUMS`, lines.join(''));
  return files;
}

function read(file) {
  return readFileSync(`${root}/${file}`, 'utf8');
}

function rewrite(file, change) {
  writeFileSync(`${root}/${file}`, change(read(file)));
}

function git(...words) {
  const { status, stdout, stderr } = spawnSync('git', ['-C', root, ...words], { encoding: 'utf8' });
  if (status !== 0) throw new ReleaseError(`git ${words[0]}: ${stderr.trim()}`);
  return stdout.trimEnd();
}

function npm(script) {
  const { status, signal } = spawnSync('npm', ['run', '--silent', script], { cwd: root, stdio: 'inherit' });
  if (status !== 0) throw new ReleaseError(`npm run ${script}: ${signal ?? `status ${status}`}`);
}
