/** Every example of the library's documents, as it stands there: compiled as users compile it, and run. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idOf, writeDocker } from '../support/engine-states.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { startInside } from '../support/library.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';

interface Example {
  name: string;
  code: string;
}

/** In the package, which knows itself by its name. */
const directory = `${repository}/dist/documents`;
const examples = ['README.md', 'docs/api.md'].flatMap((path) => examplesIn(path));

let target: Target;
let host: Scratch;

beforeAll(async () => {
  buildPrograms();
  target = await startInside();
  host = scratch();
  writeDocker(host.path, [{ name: 'web', id: idOf(1), pid: target.pid }]);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const { name, code } of examples) writeFileSync(`${directory}/${name}.ts`, `${code}\nexport {};\n`);
});

afterAll(async () => {
  host[Symbol.dispose]();
  await target.stop();
});

function examplesIn(path: string): Example[] {
  const blocks = readFileSync(`${repository}/${path}`, 'utf8').matchAll(/^```ts\n(.*?)^```$/gms);
  return [...blocks]
    .map(([, code = '']) => code)
    .filter((code) => code.includes("from 'tsenter'"))
    .map((code, index) => ({ name: `${path.replace(/\W/g, '-')}-${index + 1}`, code }));
}

it('are many', () => expect(examples.length).toBeGreaterThan(7));

it('compile, strictly', () => {
  const options = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--noUncheckedIndexedAccess',
    '--noUnusedLocals',
    '--types',
    'node',
  ];
  const target = ['--target', 'es2022', '--lib', 'esnext', '--module', 'nodenext', '--ignoreConfig'];
  const files = examples.map(({ name }) => `${directory}/${name}.ts`);
  const { stdout } = spawnSync(`${repository}/node_modules/.bin/tsc`, [...options, ...target, ...files], {
    encoding: 'utf8',
    cwd: repository,
  });
  expect(stdout).toBe('');
});

/** A machine whose only container is the target, by the files of docker's. */
const machine = `mount -t tmpfs none /run && mount -t tmpfs none /var/lib &&
  cp -r "$0"/run/. /run && cp -r "$0"/var/lib/. /var/lib && exec "$@"`;

it.each(examples)('run: $name', ({ name, code }) => {
  const words = ['-m', 'sh', '-c', machine, host.path, process.execPath, `${directory}/${name}.js`];
  const { stdout, stderr, status } = spawnSync('unshare', words, {
    encoding: 'utf8',
    input: '',
    timeout: 30_000,
  });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  if (code.includes('console.log')) expect(stdout).not.toBe('');
  // A container's passwd, or what is in its place.
  if (code.includes("'/etc/passwd']") && code.includes('pipe(')) expect(stdout).toContain('root:x:0:0:');
});
