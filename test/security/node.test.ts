/** What a caller's variables and directories may choose of the code that runs on Node: nothing, where that is root. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, type RunOptions, run } from '../support/command.ts';
import { type Scratch, scratch, someone } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';

beforeAll(buildPrograms);

const built = existsSync(`${repository}/dist/node/tsenter`);

/** A launcher of one's own, and a bundle that says which Node runs it. */
function launcher(): Scratch & { readonly command: string } {
  const { path, [Symbol.dispose]: dispose } = scratch();
  const node = `${path}/tsenter/dist/node`;
  mkdirSync(node, { recursive: true });
  cpSync(`${repository}/dist/node/tsenter`, `${node}/tsenter`);
  writeFileSync(`${node}/tsenter.cjs`, 'process.stdout.write(process.execPath)');
  return { path, command: `${node}/tsenter`, [Symbol.dispose]: dispose };
}

/** A directory with a program that is called node, and says so. */
function fakeNode(directory: string): string {
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/node`, '#!/bin/sh\nprintf fake', { mode: 0o755 });
  return directory;
}

const start = (command: string, path: string, around: RunOptions = {}): Promise<Outcome> =>
  run([command, 'word'], { env: { ...defaultEnv, PATH: path }, ...around });

describe.runIf(built)('Node in the PATH of root', () => {
  const cases: readonly (readonly [string, 'taken' | 'passed over', (directory: string) => void])[] = [
    ['root’s', 'taken', () => undefined],
    ['of another', 'passed over', (at) => chownSync(`${at}/node`, someone, someone)],
    ['that everybody may write', 'passed over', (at) => chmodSync(`${at}/node`, 0o757)],
    [
      'that a group may write',
      'passed over',
      (at) => {
        chownSync(`${at}/node`, 0, someone);
        chmodSync(`${at}/node`, 0o775);
      },
    ],
    ['that the group of root may write', 'taken', (at) => chmodSync(`${at}/node`, 0o775)],
    ['in a directory of another', 'passed over', (at) => chownSync(at, someone, someone)],
    ['in a directory that everybody may write', 'passed over', (at) => chmodSync(at, 0o777)],
    ['in one as /tmp is', 'taken', (at) => chmodSync(at, 0o1777)],
    [
      'in one as /tmp, but of another',
      'passed over',
      (at) => {
        chmodSync(at, 0o1777);
        chownSync(at, someone, someone);
      },
    ],
    ['below a directory of another', 'passed over', (at) => chownSync(dirname(at), someone, someone)],
    [
      'through a link of another to root’s',
      'taken',
      (at) => {
        renameSync(`${at}/node`, `${dirname(dirname(at))}/real`);
        symlinkSync(`${dirname(dirname(at))}/real`, `${at}/node`);
        chownSync(at, someone, someone);
      },
    ],
    [
      'through a link of root’s to another’s',
      'passed over',
      (at) => {
        const other = fakeNode(`${dirname(dirname(at))}/other`);
        chownSync(other, someone, someone);
        rmSync(`${at}/node`);
        symlinkSync(`${other}/node`, `${at}/node`);
      },
    ],
    [
      'that is a directory',
      'passed over',
      (at) => {
        rmSync(`${at}/node`);
        mkdirSync(`${at}/node`);
      },
    ],
  ];

  it.each(cases)('%s is %s', async (_, expected, prepare) => {
    using files = launcher();
    const directory = fakeNode(`${files.path}/parent/bin`);
    prepare(directory);
    const outcome = await start(files.command, directory);
    expect(outcome.stderr.toString()).toBe('');
    // Behind PATH it looks where systems have Node.
    const systems = existsSync('/usr/local/bin/node') || existsSync('/usr/bin/node');
    if (expected === 'taken') expect(outcome.stdout.toString()).toBe('fake');
    else if (systems) expect(outcome.stdout.toString()).toMatch(/^\/.*\/node$/);
    else expect(outcome.stdout.toString()).toBe('');
  });

  it('the next one is looked for', async () => {
    using files = launcher();
    const first = fakeNode(`${files.path}/first`);
    chownSync(first, someone, someone);
    const second = fakeNode(`${files.path}/second`);
    expect((await start(files.command, `${first}:${second}`)).stdout.toString()).toBe('fake');
  });

  it('another’s is taken where tsenter is theirs as well: an installation below a home', async () => {
    using files = launcher();
    const directory = fakeNode(`${files.path}/bin`);
    for (const path of [directory, `${directory}/node`, files.command]) chownSync(path, someone, someone);
    chmodSync(directory, 0o755);
    expect((await start(files.command, directory)).stdout.toString()).toBe('fake');
    chownSync(files.command, 0, 0);
    chownSync(dirname(files.command), someone, someone);
    expect((await start(files.command, directory)).stdout.toString()).toBe('fake');
  });

  it('who is not root takes what is there', async () => {
    using files = launcher();
    const directory = fakeNode(`${files.path}/bin`);
    chownSync(directory, someone + 1, someone + 1);
    const outcome = await start(files.command, directory, { uid: someone, gid: someone });
    expect(outcome.stdout.toString()).toBe('fake');
  });

  it('the link beside the launcher is before all, whosever it names', async () => {
    using files = launcher();
    const chosen = fakeNode(`${files.path}/chosen`);
    chownSync(chosen, someone, someone);
    symlinkSync(`${chosen}/node`, `${dirname(files.command)}/node`);
    expect((await start(files.command, '/usr/bin')).stdout.toString()).toBe('fake');
    // One that leads nowhere is none.
    rmSync(chosen, { recursive: true });
    const root = fakeNode(`${files.path}/root`);
    expect((await start(files.command, root)).stdout.toString()).toBe('fake');
  });

  it('the build makes that link, to the Node that builds', () => {
    expect(realpathSync(`${repository}/dist/node/node`)).toBe(realpathSync(process.execPath));
  });

  it('where there is no other, it says which, why, and what to do', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'pivot' });
    const root = `/proc/${target.pid}/root`;
    mkdirSync(`${root}/tsenter`);
    cpSync(`${repository}/dist/node/tsenter`, `${root}/tsenter/tsenter`);
    writeFileSync(`${root}/tsenter/tsenter.cjs`, '');
    mkdirSync(`${root}/home/guest/bin\x1b`);
    writeFileSync(`${root}/home/guest/bin\x1b/node`, '#!/bin/sh\necho fake', { mode: 0o755 });
    chownSync(`${root}/home/guest`, 1000, 1000);
    const inside = (command: string, env = { PATH: '/home/guest/bin\x1b' }) =>
      run([nsenter, '-t', String(target.pid), '-m', command, 'word'], { env });
    const refused = await inside('/tsenter/tsenter');
    expect(refused.stdout.toString()).toBe('');
    expect(refused.stderr.toString()).toBe(
      'tsenter: execute /home/guest/bin\\x1b/node as root: others may change /home/guest\n' +
        'Node, and the directories that it lies in, have to belong to root or to the owner of tsenter, and nobody else may write them. ' +
        'To choose this one all the same: ln -sf /home/guest/bin\\x1b/node /tsenter/node\n',
    );
    expect(refused.status).toBe(1);
    symlinkSync('/home/guest/bin\x1b/node', `${root}/tsenter/node`);
    expect((await inside('/tsenter/tsenter')).stdout.toString()).toBe('fake\n');
    rmSync(`${root}/tsenter/node`);
    chownSync(`${root}/home/guest`, 0, 0);
    expect((await inside('/tsenter/tsenter')).stdout.toString()).toBe('fake\n');
  });

  it('in a user namespace that maps only its caller nothing is different', async () => {
    using files = launcher();
    const node = realpathSync(process.execPath);
    const outcome = await run(['/usr/bin/unshare', '-Ur', files.command], {
      uid: someone,
      gid: someone,
      env: { PATH: dirname(node) },
    });
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.stdout.toString()).toBe(node);
  });
});

describe.runIf(built)('variables that act on Node', () => {
  it('do not, and reach the program', async () => {
    using files = scratch();
    const witness = `${files.path}/witness`;
    writeFileSync(
      `${files.path}/evil.cjs`,
      `require('node:fs').writeFileSync(${JSON.stringify(witness)}, '')`,
    );
    mkdirSync(`${files.path}/cache`);
    const env = {
      NODE_OPTIONS: `--require ${files.path}/evil.cjs`,
      NODE_PATH: files.path,
      NODE_EXTRA_CA_CERTS: `${files.path}/none.pem`,
      NODE_V8_COVERAGE: `${files.path}/cache`,
      NODE_COMPILE_CACHE: `${files.path}/cache`,
      NODE_REDIRECT_WARNINGS: witness,
      NODE_ICU_DATA: files.path,
      ICU_DATA: files.path,
      NODE_DEBUG: 'module',
      OPENSSL_CONF: `${files.path}/none.cnf`,
      SSL_CERT_FILE: `${files.path}/none.pem`,
      UV_THREADPOOL_SIZE: '1000',
    };
    const outcome = await run([`${repository}/dist/node/tsenter`, '-w/', 'env'], {
      env: { ...defaultEnv, ...env },
    });
    expect(outcome.stderr.toString()).toBe('');
    for (const [name, value] of Object.entries(env))
      expect(outcome.stdout.toString().split('\n')).toContain(`${name}=${value}`);
    expect(existsSync(witness)).toBe(false);
    expect(execFileSync('ls', [`${files.path}/cache`]).toString()).toBe('');
  });
});

describe.runIf(built)('koffi', () => {
  const arch = process.arch;
  const modules = realpathSync(`${repository}/node_modules`);

  /** An addon that tells that it was loaded, and where from. */
  function plant(place: string, witness: string): void {
    const evil = `require('node:fs').appendFileSync(${JSON.stringify(witness)}, __dirname)`;
    for (const name of ['koffi', `@koromix/koffi-linux-${arch}`]) {
      mkdirSync(`${place}/${name}`, { recursive: true });
      writeFileSync(`${place}/${name}/package.json`, '{"main":"index.js"}');
      writeFileSync(`${place}/${name}/index.js`, evil);
    }
  }

  function install(package_: string): string {
    mkdirSync(`${package_}/dist`, { recursive: true });
    for (const part of ['node', 'helper'])
      cpSync(`${repository}/dist/${part}`, `${package_}/dist/${part}`, {
        recursive: true,
        verbatimSymlinks: true,
      });
    return `${package_}/dist/node/tsenter`;
  }

  const usual = (command: string, env: Readonly<Record<string, string>> = {}) =>
    run([command, '-u/proc/self/ns/uts', 'echo', 'entered'], { env: { ...defaultEnv, ...env } });

  it('of a directory above, of $HOME or of NODE_PATH is not loaded', async () => {
    using files = scratch();
    const witness = `${files.path}/witness`;
    const command = install(`${files.path}/home/packages/tsenter`);
    for (const place of [
      'home/node_modules',
      'home/packages/node_modules',
      'node_modules',
      'home/.node_modules',
      'home/.node_libraries',
      'elsewhere',
    ])
      plant(`${files.path}/${place}`, witness);
    const outcome = await usual(command, {
      HOME: `${files.path}/home`,
      NODE_PATH: `${files.path}/elsewhere`,
    });
    expect(existsSync(witness) ? readFileSync(witness, 'utf8') : '').toBe('');
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(
      /^tsenter: load koffi: it is not installed with tsenter\nOn Node, [^\n]+\n$/,
    );
    expect(outcome.status).toBe(1);
    // It bites: with a place of tsenter's own it is.
    plant(`${files.path}/home/packages/tsenter/node_modules`, witness);
    await usual(command);
    expect(readFileSync(witness, 'utf8')).toContain('/tsenter/node_modules/@koromix/');
  });

  it.each<[string, (root: string) => string]>([
    [
      'in the package',
      (root) => {
        const command = install(`${root}/tsenter`);
        symlinkSync(modules, `${root}/tsenter/node_modules`);
        return command;
      },
    ],
    [
      'beside it',
      (root) => {
        const command = install(`${root}/node_modules/tsenter`);
        symlinkSync(`${modules}/koffi`, `${root}/node_modules/koffi`);
        symlinkSync(`${modules}/@koromix`, `${root}/node_modules/@koromix`);
        return command;
      },
    ],
    [
      'with packages of its own',
      (root) => {
        const command = install(`${root}/node_modules/tsenter`);
        mkdirSync(`${root}/node_modules/koffi/node_modules`, { recursive: true });
        symlinkSync(`${modules}/@koromix`, `${root}/node_modules/koffi/node_modules/@koromix`);
        return command;
      },
    ],
    [
      'as pnpm has it',
      (root) => {
        const store = `${root}/node_modules/.pnpm`;
        const command = install(`${store}/tsenter@0.1.0/node_modules/tsenter`);
        mkdirSync(`${store}/koffi@3/node_modules/koffi`, { recursive: true });
        symlinkSync(`${modules}/@koromix`, `${store}/koffi@3/node_modules/@koromix`);
        symlinkSync('../../koffi@3/node_modules/koffi', `${store}/tsenter@0.1.0/node_modules/koffi`);
        symlinkSync('.pnpm/tsenter@0.1.0/node_modules/tsenter', `${root}/node_modules/tsenter`);
        return `${root}/node_modules/tsenter/dist/node/${command.split('/').at(-1)}`;
      },
    ],
    [
      'beside the directories of a package for a system',
      (root) => {
        const command = install(`${root}/tsenter`);
        symlinkSync(modules, `${root}/tsenter/dist/node_modules`);
        return command;
      },
    ],
  ])('%s is found', async (_, prepare) => {
    using files = scratch();
    const outcome = await usual(prepare(files.path));
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.stdout.toString()).toBe('entered\n');
  });
});
