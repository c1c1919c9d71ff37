// Makes all packages, for x86_64 and arm64, in dist/packages: npm run package. The same commit gives the same bytes, wherever and
// whenever. --out=DIRECTORY names another place; --check only looks for what it needs.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ARCHITECTURES, builtFor, missingTools, sharedFiles } from './package/build.mjs';
import { makeDebs } from './package/deb.mjs';
import { makeImages } from './package/image.mjs';
import { makeNpm } from './package/npm.mjs';
import { makeRpms } from './package/rpm.mjs';
import { makeSbom } from './package/sbom.mjs';
import { makeTarballs } from './package/tarball.mjs';
import { sourceDate } from './revision.mjs';
import { readWords, refuseRest } from './words.mjs';

const { given, values, rest } = readWords(process.argv.slice(2), process.env, {
  flags: ['check'],
  options: ['out'],
});
refuseRest(rest, ['--check', '--out DIRECTORY']);
const lacking = missingTools();
if (lacking.length > 0) {
  console.error(`package: not installed: Debian’s ${lacking.join(', ')}`);
  process.exit(1);
}
if (given.has('check')) process.exit(0);
process.umask(0o022);
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = values[0] === undefined ? `${root}/dist/packages` : resolve(values[0]);
const about = { ...JSON.parse(readFileSync(`${root}/package.json`, 'utf8')), time: sourceDate(root) };
process.env.SOURCE_DATE_EPOCH = String(about.time);
process.env.LC_ALL = 'C.UTF-8';
process.env.TZ = 'UTC';

const built = new Map(ARCHITECTURES.map((each) => [each, builtFor(root, each)]));
const shared = sharedFiles(root);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
makeNpm(root, out, built, shared);
makeTarballs(root, out, built, shared, about);
makeImages(out, built, shared, about);
makeSbom(root, out, about);
makeDebs(root, out, built, shared, about);
makeRpms(root, out, built, shared, about);
