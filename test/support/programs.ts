/** The C programs of test/programs: where they are, and how they get there. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const sources = `${repository}/test/programs`;
/** Where they are already, if that is said. */
const built = process.env.TSENTER_TEST_PROGRAMS;
export const programDirectory = built ?? `${repository}/dist/test`;

export type ProgramName =
  | 'probe'
  | 'target'
  | 'launch'
  | 'guest'
  | 'true'
  | 'pause'
  | 'actor'
  | 'crowd'
  | 'filtered'
  | 'nameless'
  | 'recorder'
  | 'job'
  | 'grab'
  | 'stay'
  | 'insider'
  | 'slow-fuse'
  | 'inject'
  | 'execute'
  | 'getopt-driver';

export function program(name: ProgramName): string {
  return `${programDirectory}/${name}`;
}

/** Under a lock: several test files may ask for it at the same time. */
export function buildPrograms(): void {
  if (built !== undefined) return;
  mkdirSync(programDirectory, { recursive: true });
  const make = ['make', '-s', '-C', sources, `OUT=${programDirectory}`];
  const result = spawnSync('flock', [`${programDirectory}/.lock`, ...make], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`cannot build test/programs:\n${result.stdout}${result.stderr}`);
}
