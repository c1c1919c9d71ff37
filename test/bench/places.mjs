/** The files that are compared, and the environment that everything timed has: PATH, and nothing else. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const folders = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'.split(':');
// The Node host shall find the Node that this report names.
if (installed('node') !== process.execPath) folders.unshift(dirname(process.execPath));
export const environment = { PATH: folders.join(delimiter) };

/** The path of an installed command. */
export function installed(name) {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

export const places = {
  nsenter: installed('nsenter'),
  native: `${root}/dist/native/tsenter`,
  node: `${root}/dist/node/tsenter`,
  nodeItself: process.execPath,
  empty: `${root}/test/bench/empty.cjs`,
  floor: `${root}/dist/bench/floor`,
  paired: `${root}/dist/bench/paired`,
  wait: `${root}/dist/bench/wait`,
  steps: `${root}/dist/bench/steps`,
  target: `${root}/dist/test/target`,
  crowd: `${root}/dist/test/crowd`,
  staticTrue: `${root}/dist/test/true`,
  dynamicTrue: '/bin/true',
};

export function buildPrograms() {
  const make = (folder, ...files) =>
    execFileSync('make', ['-s', '-C', `${root}/test/${folder}`, ...files], { stdio: 'inherit' });
  make('programs', ...['target', 'crowd', 'true'].map((name) => `../../dist/test/${name}`));
  make('bench');
}
