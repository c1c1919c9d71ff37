/** What the scripts of package.json make of their words, and of what npm takes of them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { repository } from '../../support/programs.ts';

interface Ended {
  readonly status: number | null;
  readonly stderr: string;
}

function script(name: string, words: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const { status, stderr } = spawnSync(process.execPath, [`${repository}/scripts/${name}`, ...words], {
    env: { PATH: process.env.PATH ?? '', ...env },
    encoding: 'utf8',
  });
  return { status, stderr };
}

/** What readWords gives, in a process of its own. */
function read(words: readonly string[], env: Readonly<Record<string, string>> = {}): unknown {
  const source = `import { readWords } from ${JSON.stringify(`${repository}/scripts/words.mjs`)};
    const known = { flags: ['quick'], options: ['project'] };
    const { given, values, rest } = readWords(process.argv.slice(1), process.env, known);
    console.log(JSON.stringify({ given: [...given], values, rest }));`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', source, '--', ...words], {
    env,
    encoding: 'utf8',
  });
  return JSON.parse(stdout);
}

it('a flag counts behind -- and where npm has taken it', () => {
  expect(read(['--quick'])).toEqual({ given: ['quick'], values: [], rest: [] });
  expect(read([], { npm_config_quick: 'true' })).toEqual({ given: ['quick'], values: [], rest: [] });
  expect(read([])).toEqual({ given: [], values: [], rest: [] });
});

it('an option has its value in the same word or the next, or npm has it', () => {
  expect(read(['--project', 'unit', 'a', '--project=b', '-t', 'x'])).toEqual({
    given: [],
    values: ['unit', 'b'],
    rest: ['a', '-t', 'x'],
  });
  expect(read(['a'], { npm_config_project: 'unit' })).toEqual({ given: [], values: ['unit'], rest: ['a'] });
});

it('npm hands on what it has taken as that', () => {
  const directory = mkdtempSync(`${tmpdir()}/tsenter-words-`);
  try {
    symlinkSync(`${repository}/scripts`, `${directory}/scripts`);
    const show = 'node -p "[process.env.npm_config_quick, process.env.npm_config_project].join()"';
    const { stdout } = spawnSync('npm', ['exec', '--quick', '--project=unit', '--offline', '-c', show], {
      cwd: directory,
      encoding: 'utf8',
    });
    expect(stdout.trim()).toBe('true,unit');
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});

it('another word for the benchmark is refused before anything is measured', () => {
  expect(script('bench.mjs', ['--quik'])).toEqual({
    status: 2,
    stderr: 'What is --quik? There is --quick, --render.\n',
  });
});

it('a layer that there is not is refused, as it is where npm has taken it', () => {
  const refused = {
    status: 2,
    stderr: expect.stringMatching(/^There is no layer 'units': unit, integration, .*\n$/),
  };
  expect(script('test.mjs', ['--project', 'units'])).toEqual(refused);
  expect(script('test.mjs', [], { npm_config_project: 'units' })).toEqual(refused);
});

it.each(['build.mjs', 'build-native.mjs'])('%s names a tool that is missing, and makes nothing', (name) => {
  const directory = mkdtempSync(`${tmpdir()}/tsenter-words-`);
  try {
    const { status, stderr } = script(name, [], { PATH: directory });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^build: not installed: make, cc.* \(Debian: apt install make gcc\)\n$/);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
