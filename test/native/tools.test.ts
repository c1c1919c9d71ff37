/** What is built depends on what it is built with: tools that come, go or change between two builds. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scratch, scratch } from '../support/enter.ts';
import { repository } from '../support/programs.ts';

let files: Scratch;
const MAKE = ['-s', '-C', `${repository}/helper-c`];

beforeAll(() => {
  files = scratch();
  mkdirSync(`${files.path}/bin`);
});
afterAll(() => files?.[Symbol.dispose]());

/** A compiler that is the system's under another name, or says that it is another version. */
function compiler(name: string, version?: string): string {
  const path = `${files.path}/bin/${name}`;
  const says = version === undefined ? '' : `[ "$1" = --version ] && { echo '${version}'; exit; }\n`;
  writeFileSync(path, `#!/bin/sh\n${says}exec gcc "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

function build(cc: string): void {
  execFileSync('make', [...MAKE, `DIST=${files.path}/dist`, `CC=${cc}`], { stdio: 'pipe' });
}

const built = ['helper/tsenter-helper', 'node/tsenter'];
const times = (): number[] => built.map((name) => statSync(`${files.path}/dist/${name}`).mtimeMs);

describe('the helper and the launcher', { timeout: 120_000 }, () => {
  it('are built once by the same compiler, and again by another one or another version', () => {
    const cc = compiler('first');
    build(cc);
    const first = times();
    build(cc);
    expect(times()).toEqual(first);

    build(compiler('second'));
    const second = times();
    for (const [index, time] of second.entries()) expect(time).toBeGreaterThan(first[index] ?? 0);

    build(compiler('second', 'gcc 99.1'));
    for (const [index, time] of times().entries()) expect(time).toBeGreaterThan(second[index] ?? 0);
  });
});

it('the helper is as large as ARCHITECTURE.md says', () => {
  const text = readFileSync(`${repository}/ARCHITECTURE.md`, 'utf8');
  const said = [...text.matchAll(/static program of (\d+) KB|\((\d+) KB for the helper alone\)/g)].map(
    ([, program, alone]) => Number(program ?? alone),
  );
  expect(said).toHaveLength(2);
  const size = statSync(`${repository}/dist/helper/tsenter-helper`).size / 1000;
  for (const each of said) expect(Math.abs(size / each - 1)).toBeLessThan(0.04);
});

it('of the C library the one is looked at that is linked', () => {
  for (const [cc, library] of [
    ['/usr/bin/musl-gcc', /-musl\/libc\.a\n$/],
    ['/usr/bin/gcc', /-gnu\/libc\.a\n$/],
  ] as const) {
    execFileSync('make', [...MAKE, `DIST=${files.path}/library`, `CC=${cc}`, '-n'], {
      stdio: 'pipe',
    });
    expect(readFileSync(`${files.path}/library/helper/tools`, 'utf8')).toMatch(library);
  }
});

it('a native executable that cannot be built any more is not left from before', () => {
  const root = `${files.path}/tree`;
  cpSync(`${repository}/scripts`, `${root}/scripts`, { recursive: true });
  mkdirSync(`${root}/dist/native`, { recursive: true });
  // Where musl would be is this machine's to say.
  const script = readFileSync(`${repository}/scripts/build-native.mjs`, 'utf8').replace(
    'const musl = `/usr/lib/',
    `const musl = \`${root}/`,
  );
  writeFileSync(`${root}/scripts/build-native.mjs`, script);
  writeFileSync(`${root}/dist/native/tsenter`, 'old');
  // Packages are found from a directory upwards.
  execFileSync('ln', ['-s', `${repository}/node_modules`, `${root}/node_modules`]);
  try {
    const said = execFileSync(process.execPath, [`${root}/scripts/build-native.mjs`], { encoding: 'utf8' });
    expect(said).toContain('not built, there is no musl');
    expect(existsSync(`${root}/dist/native/tsenter`)).toBe(false);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});
