/** npm's packages: the library with what is the same everywhere, and for each architecture one with what is executed. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { ARCHITECTURES } from './build.mjs';

const manifest = (root) => JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
const platformPackage = ({ node }) => `tsenter-linux-${node}`;

/** Those for who works on it are left out: what leads to them leads to the repository. */
const DOCUMENTS = ['README.md', 'SECURITY.md', 'docs'];

export function makeNpm(root, out, built, shared) {
  const own = manifest(root);
  const { name, version, description, keywords, license, repository, bugs, homepage, os, engines } = own;
  const about = { name, version, description, keywords, license, repository, bugs, homepage, os };
  const common = Object.fromEntries(
    Object.entries(shared).map(([path, content]) => [inPackage(path), { mode: 0o644, content }]),
  );
  const documents = copies(root, DOCUMENTS);
  const besideDocuments = Object.fromEntries(
    Object.entries(common).filter(([path]) => !(`docs/${path}` in documents)),
  );
  const stage = `${out}/npm`;

  for (const architecture of ARCHITECTURES) {
    const { executable, helper } = built.get(architecture);
    pack(
      out,
      `${stage}/${platformPackage(architecture)}`,
      {
        'package.json': json({
          ...about,
          name: platformPackage(architecture),
          description: `${description}: the executable for Linux on ${architecture.node}`,
          cpu: [architecture.node],
          type: own.type,
          bin: { tsenter: 'bin/tsenter' },
          man: ['man/tsenter.1'],
          preferUnplugged: true,
        }),
        'README.md': text(
          `# ${platformPackage(architecture)}\n\nThe executable of [tsenter](https://www.npmjs.com/package/tsenter) for Linux on ` +
            `${architecture.node}: static, it needs neither Node nor anything else.\n`,
        ),
        'bin/tsenter': { mode: 0o755, content: executable },
        'helper/tsenter-helper': { mode: 0o755, content: helper },
        ...common,
      },
      homepage,
    );
  }
  const packaging = (file) => readFileSync(`${root}/packaging/npm/${file}`);
  pack(
    out,
    `${stage}/${name}`,
    {
      'package.json': json({
        ...about,
        cpu: ARCHITECTURES.map(({ node }) => node),
        engines,
        type: own.type,
        exports: own.exports,
        bin: { tsenter: 'bin/tsenter' },
        man: ['man/tsenter.1'],
        scripts: { postinstall: 'node bin/place-executable.mjs' },
        dependencies: own.dependencies,
        optionalDependencies: Object.fromEntries(
          ARCHITECTURES.map((architecture) => [platformPackage(architecture), version]),
        ),
      }),
      'bin/tsenter': { mode: 0o755, content: packaging('tsenter.sh') },
      'bin/place-executable.mjs': { mode: 0o644, content: packaging('place-executable.mjs') },
      ...copies(root, ['dist/lib']),
      ...documents,
      ...besideDocuments,
    },
    homepage,
  );
}

/** share/man/man1/tsenter.1 is man/tsenter.1 there, and so on. */
function inPackage(path) {
  const file = path.split('/').at(-1);
  if (path.startsWith('share/man/')) return `man/${file}`;
  if (path.startsWith('share/doc/')) return file;
  const [, shell] = path.split('/');
  return `completions/${shell.replace('-completion', '')}/${file}`;
}

function copies(root, paths) {
  const names = paths.flatMap((path) => filesIn(root, path));
  return Object.fromEntries(
    names.map((name) => [name, { mode: 0o644, content: readFileSync(`${root}/${name}`) }]),
  );
}

/** In Markdown, links to what is not in the package become absolute. */
function mended(path, content, files, homepage) {
  if (!path.endsWith('.md')) return content;
  return content.toString().replace(/\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g, (link, target, place = '') => {
    const file = posix.join(posix.dirname(path), target);
    return file in files ? link : `](${homepage}/blob/main/${file}${place})`;
  });
}

function filesIn(root, path) {
  if (/\.\w+$/.test(path)) return path.endsWith('bundled.json') ? [] : [path];
  return readdirSync(`${root}/${path}`).flatMap((name) => filesIn(root, `${path}/${name}`));
}

/** npm pack gives every file one time, and is the same for the same files. */
function pack(out, directory, files, homepage) {
  rmSync(directory, { recursive: true, force: true });
  for (const [path, { mode, content }] of Object.entries(files)) {
    mkdirSync(dirname(`${directory}/${path}`), { recursive: true });
    writeFileSync(`${directory}/${path}`, mended(path, content, files, homepage));
    chmodSync(`${directory}/${path}`, mode);
  }
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', out], {
    cwd: directory,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const text = (content) => ({ mode: 0o644, content: Buffer.from(content) });
const json = (value) => text(`${JSON.stringify(value, undefined, 2)}\n`);
