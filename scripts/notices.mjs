// Renders THIRD-PARTY-NOTICES: the licences of what is in the executables and the library, as the build has found it in them. With
// --check it writes nothing and fails where the file is stale.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineSource } from './engine.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const file = `${root}/THIRD-PARTY-NOTICES`;
const BUNDLED = ['dist/native/bundled.json', 'dist/lib/bundled.json'];

/**
 * What is in the packages and is not tsenter's own, with its licence; and koffi, which npm installs beside the library.
 * packaging/licenses/musl is what Debian's musl-dev says of its version.
 */
export function components() {
  const [inExecutable, inBundle] = BUNDLED.map((path) => JSON.parse(readFileSync(`${root}/${path}`, 'utf8')));
  const inLibrary = inBundle.filter((name) => !inExecutable.includes(name));
  const engine = readFileSync(`${engineSource(root)}/quickjs.c`, 'utf8');
  return [
    {
      name: 'QuickJS',
      version: '2021-03-27',
      purl: 'pkg:generic/quickjs@2021-03-27',
      where: 'in the executable',
      licence: 'MIT',
      // The comment at the beginning of its files.
      text: engine.slice(engine.indexOf('/*') + 2, engine.indexOf('*/')).replace(/^ ?\* ?/gm, ''),
    },
    {
      name: 'musl',
      version: '1.2.3',
      purl: 'pkg:generic/musl@1.2.3',
      where: 'in the executable and the helper',
      licence: 'MIT',
      text: readFileSync(`${root}/packaging/licenses/musl`, 'utf8'),
    },
    ...inExecutable.map((name) => ofPackage(name, 'in the executable')),
    ...inLibrary.map((name) => ofPackage(name, 'in the library')),
    ofPackage('koffi', 'installed by npm beside the library, and in no other package'),
  ];
}

export function renderNotices() {
  const parts = components().map(
    ({ name, version, where, text }) => `${name} ${version}, ${where}\n\n${text.trim()}\n`,
  );
  const rule = `\n${'-'.repeat(80)}\n\n`;
  return ['tsenter contains the following, or installs it.\n', ...parts].join(rule);
}

function ofPackage(name, where) {
  const directory = `${root}/node_modules/${name}`;
  const { version, license } = JSON.parse(readFileSync(`${directory}/package.json`, 'utf8'));
  const licence = readdirSync(directory).find((each) => /^licen[cs]e(\.\w+)?$/i.test(each));
  if (licence === undefined) throw new Error(`${name} is bundled and has no file with its licence`);
  return {
    name,
    version,
    purl: `pkg:npm/${name}@${version}`,
    where,
    licence: license,
    text: readFileSync(`${directory}/${licence}`, 'utf8'),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) check();
  else writeFileSync(file, renderNotices());
}

function check() {
  const missing = BUNDLED.filter((path) => !existsSync(`${root}/${path}`));
  if (missing.length > 0) {
    console.log(`THIRD-PARTY-NOTICES: not tried, ${missing.join(' and ')} was not built`);
    process.exitCode = process.env.TSENTER_TEST_MUST_RUN === '1' ? 1 : 0;
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== renderNotices()) {
    console.log('THIRD-PARTY-NOTICES is stale: node scripts/notices.mjs');
    process.exitCode = 1;
  }
}
