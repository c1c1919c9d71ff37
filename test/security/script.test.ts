/** bin/tsenter, which is a shell script: neither variables nor the way it is named choose another program than its own. */
import { chmodSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isExecutable, mustRun, run } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { repository } from '../support/programs.ts';

interface Package extends Scratch {
  readonly script: string;
}

/** The script, and a native executable and a launcher that only say which they are. */
function install(): Package {
  const { path, [Symbol.dispose]: dispose } = scratch();
  mkdirSync(`${path}/tsenter/bin`, { recursive: true });
  cpSync(`${repository}/bin/tsenter`, `${path}/tsenter/bin/tsenter`);
  for (const place of [
    'tsenter/dist/native',
    'tsenter/dist/node',
    'evil',
    'native',
    'node',
    'other/dist/native',
  ]) {
    mkdirSync(`${path}/${place}`, { recursive: true });
    writeFileSync(`${path}/${place}/tsenter`, `#!/bin/sh\necho "${place}" "$@"\n`, { mode: 0o755 });
  }
  return { path, script: `${path}/tsenter/bin/tsenter`, [Symbol.dispose]: dispose };
}

const PATH = '/usr/bin:/bin';

/** Bash in the place of sh, whose startup is another than bash's own. */
const shells: readonly { readonly name: string; readonly words: readonly string[] }[] = [
  { name: 'sh', words: ['/bin/sh'] },
  { name: 'bash', words: ['/bin/bash'] },
  { name: 'dash', words: ['/bin/dash'] },
  { name: 'busybox', words: ['/bin/busybox', 'sh'] },
];

describe.each(shells)('$name', ({ name, words }) => {
  const start = (script: string, env: Readonly<Record<string, string>> = {}, cwd = '/') =>
    run([...words, script, 'a b', ''], {
      env: { PATH, ...env },
      cwd,
      ...(name === 'bash' && { argv0: 'sh' }),
    });

  it('is there', (context) => {
    if (!isExecutable(words[0] ?? '')) mustRun(`needs ${words[0]}`, context);
  });

  describe.runIf(isExecutable(words[0] ?? ''))('TSENTER_HOST', () => {
    it.each([
      ['', 'tsenter/dist/native'],
      ['native', 'tsenter/dist/native'],
      ['node', 'tsenter/dist/node'],
    ])('%j', async (value, expected) => {
      using files = install();
      const outcome = await start(files.script, { TSENTER_HOST: value });
      expect(outcome.stderr.toString()).toBe('');
      expect(outcome.stdout.toString()).toBe(`${expected} a b \n`);
    });

    it.each([
      '../../evil',
      '/',
      '.',
      '..',
      'native node',
      ' native',
      'node ',
      'n*',
      'Node',
      'evil',
      '-n',
      '$(echo node)',
      '%1b[2J%0a',
    ])('%j is an error', async (value) => {
      using files = install();
      const outcome = await start(files.script, { TSENTER_HOST: value });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.stderr.toString()).toBe('tsenter: read TSENTER_HOST: neither native nor node\n');
      expect(outcome.status).toBe(1);
    });

    it('is not passed over where that one was not built', async () => {
      using files = install();
      rmSync(`${files.path}/tsenter/dist/native`, { recursive: true });
      expect((await start(files.script)).stdout.toString()).toBe('tsenter/dist/node a b \n');
      const outcome = await start(files.script, { TSENTER_HOST: 'native' });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.stderr.toString()).toMatch(
        /^tsenter: execute on host native: not built [^\n]+\nBuild it: npm run build\n$/,
      );
      expect(outcome.status).toBe(1);
    });
  });

  it.runIf(isExecutable(words[0] ?? ''))('variables of shells', async () => {
    using files = install();
    const evil = `${files.path}/evil.sh`;
    writeFileSync(evil, 'echo evil\nexec /bin/false\n');
    for (const tool of ['readlink', 'echo', 'exec', 'command', 'test', '['])
      writeFileSync(`${files.path}/evil/${tool}`, '#!/bin/sh\necho evil\n', { mode: 0o755 });
    symlinkSync('../tsenter/bin/tsenter', `${files.path}/node/link`);
    const env = {
      PATH: `${files.path}/evil:${PATH}`,
      ENV: evil,
      BASH_ENV: evil,
      CDPATH: `${files.path}/other:${files.path}`,
      IFS: '/nt',
      OLDPWD: `${files.path}/other`,
      PWD: `${files.path}/other/dist`,
      // As sh, too, bash takes functions.
      'BASH_FUNC_command%25%25': '() { echo evil; }',
      'BASH_FUNC_echo%25%25': '() { :; }',
      'BASH_FUNC_exec%25%25': '() { echo evil; }',
      'BASH_FUNC_unset%25%25': '() { echo evil; }',
      'BASH_FUNC_exit%25%25': '() { echo evil; }',
      'BASH_FUNC_tsenter%25%25': '() { echo evil; }',
      'BASH_FUNC_[%25%25': '() { echo evil; }',
    };
    for (const script of [files.script, `${files.path}/node/link`]) {
      const outcome = await start(script, env);
      expect(outcome.stderr.toString()).toBe('');
      expect(outcome.stdout.toString()).toBe('tsenter/dist/native a b \n');
    }
  });

  it.runIf(isExecutable(words[0] ?? ''))('however it is named', async () => {
    using files = install();
    mkdirSync(`${files.path}/links/deep`, { recursive: true });
    symlinkSync('../tsenter/bin/tsenter', `${files.path}/links/relative`);
    symlinkSync('../relative', `${files.path}/links/deep/twice`);
    symlinkSync(files.script, `${files.path}/links/-n`);
    symlinkSync('tsenter/bin', `${files.path}/bin`);
    chmodSync(files.script, 0o755);
    const names: readonly (readonly [string, string])[] = [
      ['tsenter/bin/tsenter', ''],
      ['./tsenter', '/tsenter/bin'],
      ['../bin/tsenter', '/tsenter/dist'],
      ['./relative', '/links'],
      ['./twice', '/links/deep'],
      ['./-n', '/links'],
      [`${files.path}/bin/tsenter`, '/other'],
      ['bin/tsenter', ''],
    ];
    for (const [script, cwd] of names) {
      const outcome = await start(script, { CDPATH: `${files.path}/other` }, `${files.path}${cwd}`);
      expect(outcome.stderr.toString()).toBe('');
      expect(outcome.stdout.toString()).toBe('tsenter/dist/native a b \n');
    }
    if (name !== 'sh') return;
    // By its first line: through PATH, and where the name begins with a dash.
    const here = await run(['/usr/bin/env', 'tsenter', 'x'], { env: { PATH: `${files.path}/bin:${PATH}` } });
    expect(here.stdout.toString()).toBe('tsenter/dist/native x\n');
  });
});
