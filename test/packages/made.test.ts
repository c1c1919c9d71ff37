/** What npm run package makes: the same bytes each time, for both architectures, complete, and as those who collect packages want them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MACHINE, parseElf } from '../native/elf.ts';
import { isExecutable } from '../support/command.ts';
import { mustRun } from '../support/must-run.ts';
import { repository } from '../support/programs.ts';
import { directory, missing, place, type, version, withoutRegistry } from './packages.ts';

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(reason, () => undefined);

const notices = () => readFileSync(`${repository}/THIRD-PARTY-NOTICES`, 'utf8');
const files = (of: string) =>
  readdirSync(of)
    .filter((name) => name !== 'npm')
    .sort();

interface Kind {
  readonly name: string;
  readonly file: string;
  readonly machine: number;
  /** Words that unpack it in the directory that is the last word, and where it has what then. */
  readonly unpack: (file: string, into: string) => readonly string[];
  readonly executable: string;
  readonly share: string;
}

const share = (prefix: string) => ({ executable: `${prefix}/bin/tsenter`, share: `${prefix}/share` });
const untar = (file: string, into: string) => ['tar', '-xf', file, '-C', into];
const kinds: readonly Kind[] = [
  { node: 'x64', debian: 'amd64', rpm: 'x86_64', machine: MACHINE.x86 },
  { node: 'arm64', debian: 'arm64', rpm: 'aarch64', machine: MACHINE.aarch64 },
].flatMap(({ node, debian, rpm, machine }) => [
  {
    name: `tarball, ${node}`,
    file: `tsenter-${version}-linux-${node}.tar.gz`,
    machine,
    unpack: untar,
    ...share(`tsenter-${version}-linux-${node}`),
  },
  {
    name: `.deb, ${node}`,
    file: `tsenter_${version}_${debian}.deb`,
    machine,
    unpack: (file, into) => ['dpkg-deb', '-x', file, into],
    ...share('usr'),
  },
  {
    name: `.rpm, ${node}`,
    file: `tsenter-${version}-1.${rpm}.rpm`,
    machine,
    unpack: (file, into) => ['sh', '-c', `cd "$1" && rpm2cpio "$0" | cpio -id --quiet`, file, into],
    ...share('usr'),
  },
  {
    name: `npm, ${node}`,
    file: `tsenter-linux-${node}-${version}.tgz`,
    machine,
    unpack: untar,
    executable: 'package/bin/tsenter',
    share: 'package',
  },
]);

describe.skipIf(reason !== undefined)('the packages', () => {
  it('are these', () => {
    expect(files(directory)).toEqual(
      [
        ...kinds.map(({ file }) => file),
        `tsenter-${version}.tgz`,
        `tsenter-as-nsenter_${version}_all.deb`,
        ...['', '-amd64', '-arm64'].map((which) => `tsenter-${version}-image${which}.tar`),
        `tsenter-${version}.cdx.json`,
      ].sort(),
    );
  });

  it('are called as the README tells', () => {
    const readme = readFileSync(`${repository}/README.md`, 'utf8');
    const told = new Set(readme.match(/\btsenter[\w.-]*\.(?:deb|rpm|tgz|tar\.gz|tar)\b/g));
    expect(told.size).toBeGreaterThan(6);
    expect([...told].filter((name) => !files(directory).includes(name))).toEqual([]);
  });

  it('are the same bytes in another place, zone, language and mode of files', {
    timeout: 200_000,
  }, async () => {
    using other = place();
    const make = 'umask 077 && exec "$0" scripts/package.mjs "--out=$1"';
    await type(['sh', '-c', make, process.execPath, `${other.path}/a-directory-with-a-much-longer-name`], {
      cwd: repository,
      env: { TZ: 'Asia/Tokyo', LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8' },
    });
    const out = `${other.path}/a-directory-with-a-much-longer-name`;
    expect(files(out)).toEqual(files(directory));
    const different = files(out).filter(
      (name) => !readFileSync(`${out}/${name}`).equals(readFileSync(`${directory}/${name}`)),
    );
    expect(different).toEqual([]);
  });

  it.each(kinds)(
    '$name: the executable, manual, completions, notices',
    async ({ file, machine, unpack, ...has }) => {
      using unpacked = place();
      await type(unpack(`${directory}/${file}`, unpacked.path));
      const found = readdirSync(unpacked.path, { recursive: true, encoding: 'utf8' });
      expect(parseElf(readFileSync(join(unpacked.path, has.executable))).machine).toBe(machine);
      for (const name of [
        'tsenter.1',
        '_tsenter',
        'tsenter.fish',
        'bash-completion/completions/tsenter',
        'THIRD-PARTY-NOTICES',
      ]) {
        const ends = name.replace('bash-completion/completions', has.share === 'package' ? 'bash' : '$&');
        expect(found.filter((path) => path.replace(/\.gz$/, '').endsWith(`/${ends}`))).toHaveLength(1);
      }
      const noticesHere = found.find((path) => path.endsWith('THIRD-PARTY-NOTICES')) ?? '';
      expect(readFileSync(join(unpacked.path, noticesHere), 'utf8')).toBe(notices());
    },
  );

  it('npm’s package of the library: nothing of one architecture, nothing twice, and links that lead somewhere', async () => {
    using unpacked = place();
    await type(untar(`${directory}/tsenter-${version}.tgz`, unpacked.path));
    const root = `${unpacked.path}/package`;
    const found = readdirSync(root, { recursive: true, encoding: 'utf8' });
    const isElf = (path: string) => readFileSync(path).subarray(0, 4).toString('latin1') === '\x7fELF';
    expect(found.filter((path) => /\.\w+$|bin\//.test(path) && isElf(`${root}/${path}`))).toEqual([]);
    expect(readFileSync(`${root}/THIRD-PARTY-NOTICES`, 'utf8')).toBe(notices());
    const types = found.filter((path) => path.endsWith('.d.ts'));
    const sources = types.map((path) => path.replace('dist/lib/types', 'src').replace(/\.d\.ts$/, '.ts'));
    expect(sources.filter((path) => !existsSync(`${repository}/${path}`))).toEqual([]);
    const links = found
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) =>
        [...readFileSync(`${root}/${path}`, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(
          ([, link = '']) => posix.join(dirname(path), link),
        ),
      );
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !found.includes(link))).toEqual([]);
    expect(found.filter((path) => path.endsWith('.schema.json')).sort()).toEqual([
      'docs/explain.schema.json',
      'docs/list.schema.json',
    ]);
  });

  it('the notices and the bill of materials name whatever is bundled', () => {
    const bundled = ['native', 'lib'].flatMap(
      (name) => JSON.parse(readFileSync(`${repository}/dist/${name}/bundled.json`, 'utf8')) as string[],
    );
    expect(bundled).toContain('chalk');
    const bill = JSON.parse(readFileSync(`${directory}/tsenter-${version}.cdx.json`, 'utf8'));
    const { components, metadata } = bill as {
      components: { name: string; version: string }[];
      metadata: { component: { name: string } };
    };
    expect(metadata.component.name).toBe('tsenter');
    for (const name of [...bundled, 'QuickJS', 'musl', 'koffi']) {
      const component = components.find((each) => each.name === name);
      expect(notices()).toContain(`\n${name} ${component?.version}, `);
    }
  });
});

describe.skipIf(reason !== undefined)('those who collect packages', () => {
  it('lintian: no error, warning or remark', async (context) => {
    if (!isExecutable('/usr/bin/lintian')) mustRun('needs lintian', context);
    const debs = files(directory).filter((name) => name.endsWith('.deb'));
    const words = ['--allow-root', '-I', '--fail-on', 'error,warning,info', ...debs];
    const { stdout } = await type(['lintian', ...words], { cwd: directory });
    expect(stdout).toBe('');
  });

  it('npm publish --dry-run, publint, are-the-types-wrong: nothing to say', {
    timeout: 180_000,
  }, async (context) => {
    const offline = withoutRegistry();
    if (offline !== undefined) mustRun(offline, context);
    const npx = ['npx', '--yes'];
    for (const name of readdirSync(`${directory}/npm`)) {
      const cwd = `${directory}/npm/${name}`;
      const { stderr } = await type(['npm', 'publish', '--dry-run', '--ignore-scripts'], { cwd });
      const warnings = stderr
        .split('\n')
        .filter((line) => /^npm (warn|error)/.test(line) && !/logged in/.test(line));
      expect(warnings).toEqual([]);
      const { stdout } = await type([...npx, 'publint@0.3.25', '--strict', '--level', 'suggestion'], { cwd });
      expect(stdout).toContain('All good!');
    }
    // It is for who imports it: Node 20 and later, and bundlers.
    const words = [
      '@arethetypeswrong/cli@0.18.5',
      '--profile',
      'esm-only',
      `${directory}/tsenter-${version}.tgz`,
    ];
    const { stdout } = await type([...npx, ...words]);
    expect(stdout).toMatch(/node16 \(from ESM\) │ 🟢/u);
  });
});
