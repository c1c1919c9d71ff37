/** A9: what begins the command, on either host, is not what a variable, a directory or a package of others says. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, type Outcome, run } from '../support/command.ts';
import { type Scratch, scratch, someone, tool } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms, repository } from '../support/programs.ts';

beforeAll(buildPrograms);

/** An installation of its own, and a file that says that something else was executed. */
class Installation implements Disposable {
  readonly #files: Scratch = scratch();
  readonly path = this.#files.path;
  readonly package = `${this.path}/project/package`;
  readonly witness = `${this.path}/witness`;

  constructor() {
    for (const part of ['bin', 'package.json', 'dist/node', 'dist/helper', 'dist/native/tsenter'])
      if (existsSync(`${repository}/${part}`))
        cpSync(`${repository}/${part}`, `${this.package}/${part}`, { recursive: true });
  }

  /** Of somebody else, as everything that they plant. */
  plant(path: string, content: string, mode = 0o755): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode });
    chownSync(path, someone, someone);
    chownSync(dirname(path), someone, someone);
  }

  get script(): string {
    return `#!/bin/sh\n: >${this.witness}\n`;
  }

  get module(): string {
    return `require('node:fs').writeFileSync(${JSON.stringify(this.witness)}, '');`;
  }

  /** Whether what was planted has been executed. */
  get executed(): boolean {
    return existsSync(this.witness);
  }

  koffi(): void {
    for (const name of ['koffi', '@koromix'])
      cpSync(`${repository}/node_modules/${name}`, `${this.package}/node_modules/${name}`, {
        recursive: true,
      });
  }

  run(command: string, words: readonly string[], env: Readonly<Record<string, string>>): Promise<Outcome> {
    return run([`${this.package}/${command}`, ...words], { env: { ...defaultEnv, ...env }, cwd: '/' });
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}

const words = ['-w/', '/bin/echo', 'entered'];
const built = existsSync(`${repository}/dist/node/tsenter`) || mustRun('dist/node was not built');

describe('TSENTER_HOST names one of two hosts', () => {
  it.each([
    '../../../evil',
    '../../../evil native',
    'native/../../../../evil',
    '/../../../evil',
    '*/../../../../evil',
  ])('%j executes nothing else', async (host) => {
    using files = new Installation();
    files.plant(`${files.path}/evil/tsenter`, files.script);
    const { status, stderr } = await files.run('bin/tsenter', words, { TSENTER_HOST: host });
    expect(files.executed).toBe(false);
    if (status !== 0) expect(stderr.toString()).toMatch(/^tsenter: /);
  });

  it('what is planted there can be executed (so it bites)', () => {
    using files = new Installation();
    files.plant(`${files.path}/evil/tsenter`, files.script);
    tool(`${files.package}/dist/../../../evil/tsenter`);
    expect(files.executed).toBe(true);
  });
});

describe.skipIf(!built)('on Node, koffi is the package’s own', () => {
  const addon = `@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`;

  /** Executed as soon as it is loaded. */
  function plantAddon(files: Installation, path: string): void {
    const source =
      '#include <fcntl.h>\n#include <unistd.h>\n' +
      `__attribute__((constructor)) static void evil(void) { close(open("${files.witness}", O_CREAT | O_WRONLY, 0666)); }\n`;
    writeFileSync(`${files.path}/evil.c`, source);
    tool('/usr/bin/cc', '-shared', '-fPIC', '-o', `${files.path}/evil.node`, `${files.path}/evil.c`);
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(`${files.path}/evil.node`, path);
    chownSync(path, someone, someone);
  }

  const places: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['$HOME/.node_modules', 'home/.node_modules', {}],
    ['$HOME/.node_libraries', 'home/.node_libraries', {}],
    ['a directory above', 'node_modules', {}],
    ['the directory above', 'project/node_modules', {}],
    ['NODE_PATH', 'elsewhere', { NODE_PATH: 'elsewhere' }],
  ];

  it.each(places)('not one in %s', async (_, place, env) => {
    using files = new Installation();
    files.plant(`${files.path}/${place}/koffi/index.js`, files.module);
    const paths = Object.fromEntries(
      Object.entries(env).map(([name, path]) => [name, `${files.path}/${path}`]),
    );
    await files.run('dist/node/tsenter', words, { HOME: `${files.path}/home`, ...paths });
    expect(files.executed).toBe(false);
  });

  it.for(['node_modules', 'project/node_modules'])('no addon in %s', async (place, context) => {
    if (!isExecutable('/usr/bin/cc')) mustRun('needs a C compiler', context);
    using files = new Installation();
    plantAddon(files, `${files.path}/${place}/${addon}`);
    await files.run('dist/node/tsenter', words, { HOME: `${files.path}/home` });
    expect(files.executed).toBe(false);
  });

  it('its own one is found', async () => {
    using files = new Installation();
    files.koffi();
    const { stdout, stderr } = await files.run('dist/node/tsenter', words, { HOME: `${files.path}/home` });
    expect([stdout.toString(), stderr.toString()]).toEqual(['entered\n', '']);
  });

  it('beside it in the same node_modules, where npm puts it, it is found', async () => {
    using files = new Installation();
    const modules = `${files.path}/project/node_modules`;
    cpSync(files.package, `${modules}/tsenter`, { recursive: true });
    for (const name of ['koffi', '@koromix'])
      cpSync(`${repository}/node_modules/${name}`, `${modules}/${name}`, { recursive: true });
    const { stdout, stderr } = await run([`${modules}/tsenter/dist/node/tsenter`, ...words], { cwd: '/' });
    expect([stdout.toString(), stderr.toString()]).toEqual(['entered\n', '']);
  });

  it('Node itself loads what is planted (so it bites)', () => {
    using files = new Installation();
    files.plant(`${files.path}/home/.node_modules/koffi/index.js`, files.module);
    const env = { ...defaultEnv, HOME: `${files.path}/home` };
    spawnSync(process.execPath, ['-e', "require('koffi')"], { cwd: '/', env });
    expect(files.executed).toBe(true);
  });
});

describe.skipIf(!built)('Node is not what somebody else has put into PATH', () => {
  it.each([
    ['their own directory', 0o755],
    ['a directory that all may write', 0o777],
  ])('%s', async (_, mode) => {
    using files = new Installation();
    files.koffi();
    files.plant(`${files.path}/bin/node`, files.script);
    chmodSync(`${files.path}/bin`, mode);
    if (mode === 0o777) chownSync(`${files.path}/bin`, 0, 0);
    const { status, stderr } = await files.run('dist/node/tsenter', words, {
      PATH: `${files.path}/bin:${defaultEnv.PATH}`,
    });
    expect(files.executed).toBe(false);
    if (status !== 0) expect(stderr.toString()).toMatch(/^tsenter: /);
  });

  it('env executes it (so it bites)', () => {
    using files = new Installation();
    files.plant(`${files.path}/bin/node`, files.script);
    spawnSync('/usr/bin/env', ['node'], { env: { PATH: `${files.path}/bin:${defaultEnv.PATH}` } });
    expect(files.executed).toBe(true);
  });
});

describe.skipIf(!built)('npm’s packages', () => {
  const platform = `tsenter-linux-${process.arch}`;
  const hasCompiler = isExecutable('/usr/bin/cc') || mustRun('needs a C compiler');

  /** As npm installs it, without the package of this platform. */
  class Package extends Installation {
    readonly root: string;

    constructor(place = 'project/node_modules') {
      super();
      this.root = `${this.path}/${place}/tsenter`;
      const modules = dirname(this.root);
      cpSync(`${repository}/dist/lib`, `${this.root}/dist/lib`, { recursive: true });
      cpSync(`${repository}/package.json`, `${this.root}/package.json`);
      for (const name of ['koffi', '@koromix'])
        cpSync(`${repository}/node_modules/${name}`, `${modules}/${name}`, { recursive: true });
      mkdirSync(`${this.root}/bin`);
      for (const [from, to] of [
        ['tsenter.sh', 'tsenter'],
        ['place-executable.mjs', 'place-executable.mjs'],
      ])
        cpSync(`${repository}/packaging/npm/${from}`, `${this.root}/bin/${to}`);
      chmodSync(`${this.root}/bin/tsenter`, 0o755);
    }

    /** Of others: it is an executable, for the library looks at that. */
    plantPlatform(place: string): void {
      const source = `${this.path}/evil.c`;
      writeFileSync(
        source,
        `#include <fcntl.h>\nint main(void) { return open("${this.witness}", O_CREAT | O_WRONLY, 0666) < 0; }\n`,
      );
      tool('/usr/bin/cc', '-o', `${this.path}/evil`, source);
      this.plantCopy(`${this.path}/${place}/${platform}/helper/tsenter-helper`, `${this.path}/evil`);
      this.plantCopy(`${this.path}/${place}/${platform}/bin/tsenter`, `${this.path}/evil`);
    }

    plantCopy(path: string, from: string): void {
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(from, path);
      chownSync(path, someone, someone);
    }

    installPlatform(place: string): void {
      const root = `${this.path}/${place}/${platform}`;
      cpSync(`${repository}/dist/helper/tsenter-helper`, `${root}/helper/tsenter-helper`);
      cpSync(`${repository}/dist/native/tsenter`, `${root}/bin/tsenter`);
    }

    /** A program that uses the library. */
    enter(env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
      const program = `import('${this.root}/dist/lib/index.js')
        .then(({ run }) => run('/bin/echo', ['entered'], { target: process.pid, namespaces: ['uts'] }))
        .then(({ stdout }) => console.log(stdout), ({ hint }) => console.log(hint));`;
      return run([process.execPath, '-e', program], { env: this.#environment(env), cwd: this.path });
    }

    install(env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
      const npm = { npm_config_user_agent: 'npm/10.0.0 node/v20.0.0 linux x64' };
      return run([process.execPath, `${this.root}/bin/place-executable.mjs`], {
        env: { ...this.#environment(env), ...npm },
        cwd: this.path,
      });
    }

    #environment(env: Readonly<Record<string, string>>): Record<string, string> {
      const paths = Object.entries(env).map(([name, path]) => [name, `${this.path}/${path}`]);
      return { ...defaultEnv, HOME: `${this.path}/home`, ...Object.fromEntries(paths) };
    }
  }

  const places: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['$HOME/.node_modules', 'home/.node_modules', {}],
    ['$HOME/.node_libraries', 'home/.node_libraries', {}],
    ['a directory above', 'node_modules', {}],
    ['NODE_PATH', 'elsewhere', { NODE_PATH: 'elsewhere' }],
  ];

  it.skipIf(!hasCompiler).each(places)('the library takes no helper from %s', async (_, place, env) => {
    using files = new Package();
    files.plantPlatform(place);
    const { stdout } = await files.enter(env);
    expect(files.executed).toBe(false);
    expect(stdout.toString()).toMatch(/^The helper is installed with the library\./);
  });

  it.skipIf(!hasCompiler).each(places)('npm’s script takes no executable from %s', async (_, place, env) => {
    using files = new Package();
    files.plantPlatform(place);
    const before = readFileSync(`${files.root}/bin/tsenter`, 'latin1');
    await files.install(env);
    expect(readFileSync(`${files.root}/bin/tsenter`, 'latin1')).toBe(before);
  });

  it.skipIf(!hasCompiler)(
    'a program that a bundler has made CommonJS of takes none from where it is started',
    async () => {
      using files = new Package();
      files.plantPlatform('deep/node_modules');
      files.plantCopy(
        `${files.path}/deep/helper/tsenter-helper`,
        `${files.path}/deep/node_modules/${platform}/helper/tsenter-helper`,
      );
      writeFileSync(
        `${files.path}/source.mjs`,
        `import { run } from '${files.root}/dist/lib/index.js';
      run('/bin/echo', { target: process.pid, namespaces: ['uts'] }).catch(({ hint }) => console.log(hint));`,
      );
      const bundle = `${files.path}/bundle.cjs`;
      const words = [
        '--bundle',
        '--platform=node',
        '--format=cjs',
        `--outfile=${bundle}`,
        '--log-level=error',
      ];
      tool(`${repository}/node_modules/.bin/esbuild`, `${files.path}/source.mjs`, ...words);
      const { stdout } = await run([process.execPath, bundle], {
        env: defaultEnv,
        cwd: `${files.path}/deep/node_modules`,
      });
      expect(files.executed).toBe(false);
      expect(stdout.toString()).toMatch(/^The helper is installed with the library\./);
    },
  );

  it.skipIf(!hasCompiler)('what is planted can be executed (so it bites)', () => {
    using files = new Package();
    files.plantPlatform('home/.node_modules');
    const env = { ...defaultEnv, HOME: `${files.path}/home` };
    const script = `child_process.spawnSync(require.resolve('${platform}/helper/tsenter-helper'))`;
    spawnSync(process.execPath, ['-e', script], { cwd: '/', env });
    expect(files.executed).toBe(true);
  });

  it.each([
    ['beside it', 'project/node_modules', 'project/node_modules'],
    ['in it', 'project/node_modules', 'project/node_modules/tsenter/node_modules'],
    [
      'where pnpm puts it',
      'node_modules/.pnpm/tsenter@1.0.0/node_modules',
      'node_modules/.pnpm/tsenter@1.0.0/node_modules',
    ],
  ])('%s both are found', async (_, place, platformPlace) => {
    using files = new Package(place);
    files.installPlatform(platformPlace);
    const { stdout, stderr } = await files.enter();
    expect([stdout.toString(), stderr.toString()]).toEqual(['entered\n', '']);
    const script = await run([`${files.root}/bin/tsenter`, ...words], { cwd: '/' });
    expect([script.stdout.toString(), script.stderr.toString()]).toEqual(['entered\n', '']);
    await files.install();
    expect(
      readFileSync(`${files.root}/bin/tsenter`).equals(readFileSync(`${repository}/dist/native/tsenter`)),
    ).toBe(true);
  });

  describe.skipIf(!hasCompiler)(
    'the script, by a link in a directory beside which all may put what they like',
    () => {
      const attacks: readonly (readonly [string, (files: Package) => void])[] = [
        [
          'a link to it, in a project’s place',
          (files) => {
            mkdirSync(`${files.path}/all/tsenter/bin`, { recursive: true });
            symlinkSync(`${files.root}/bin/tsenter`, `${files.path}/all/tsenter/bin/tsenter`);
            files.plantPlatform('all');
            files.plantPlatform('all/tsenter/node_modules');
          },
        ],
        [
          'a link to it, in the global place',
          (files) => {
            const modules = `${files.path}/all/lib/node_modules`;
            mkdirSync(`${modules}/tsenter/bin`, { recursive: true });
            symlinkSync(`${files.root}/bin/tsenter`, `${modules}/tsenter/bin/tsenter`);
            files.plantPlatform('all/lib/node_modules');
          },
        ],
        [
          'a link to its directory',
          (files) => {
            mkdirSync(`${files.path}/all/tsenter`, { recursive: true });
            symlinkSync(`${files.root}/bin`, `${files.path}/all/tsenter/bin`);
            files.plantPlatform('all/tsenter/node_modules');
          },
        ],
        [
          'a link to its package',
          (files) => {
            symlinkSync(files.root, `${files.path}/all/tsenter`);
            files.plantPlatform('all');
          },
        ],
        [
          'a hard link',
          (files) => {
            mkdirSync(`${files.path}/all/tsenter/bin`, { recursive: true });
            linkSync(`${files.root}/bin/tsenter`, `${files.path}/all/tsenter/bin/tsenter`);
            for (const part of ['', '/bin']) chownSync(`${files.path}/all/tsenter${part}`, someone, someone);
            files.plantPlatform('all/tsenter/node_modules');
          },
        ],
      ];

      it.each(attacks)('%s', async (_, attack) => {
        using files = new Package();
        files.installPlatform('project/node_modules');
        mkdirSync(`${files.path}/all/bin`, { recursive: true });
        chmodSync(`${files.path}/all`, 0o1777);
        symlinkSync(`${files.root}/bin/tsenter`, `${files.path}/all/bin/tsenter`);
        attack(files);
        const { stdout } = await run([`${files.path}/all/bin/tsenter`, ...words], { cwd: '/' });
        expect(files.executed).toBe(false);
        expect(stdout.toString()).toBe('entered\n');
      });

      it('nor what lies beside a package that is in no node_modules', async () => {
        using files = new Package('all');
        files.plantPlatform('all');
        const { status } = await run([`${files.root}/bin/tsenter`, ...words], { cwd: '/' });
        expect([files.executed, status]).toEqual([false, 1]);
      });
    },
  );
});
