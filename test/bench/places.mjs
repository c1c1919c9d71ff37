/** The files that are compared, and the environment that everything timed has: PATH, and nothing else. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

// With our own Node first: it is the one that is named in the report.
const folders = [
  dirname(process.execPath),
  ...'/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'.split(':'),
];
export const environment = { PATH: [...new Set(folders)].join(delimiter) };

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
  target: `${root}/dist/test/target`,
  staticTrue: `${root}/dist/test/true`,
  dynamicTrue: '/bin/true',
};

export function buildPrograms() {
  for (const folder of ['programs', 'bench'])
    execFileSync('make', ['-s', '-C', `${root}/test/${folder}`], { stdio: 'inherit' });
}
