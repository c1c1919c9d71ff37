/** Files that rows need outside: made once, removed at the end. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { ordinaryUser } from './row.ts';

export interface Fixtures {
  readonly directory: string;
  remove(): void;
}

export function makeFixtures(below: string = tmpdir()): Fixtures {
  const directory = mkdtempSync(`${below}/tsenter-conformance-`);
  chmodSync(directory, 0o755);
  const file = (name: string, text: string, mode: number): void => {
    writeFileSync(`${directory}/${name}`, text);
    chmodSync(`${directory}/${name}`, mode);
  };
  file('plain.txt', 'text\n', 0o644);
  // The C library's execvp gives a file without a magic number to sh.
  file('no-magic', 'echo "no magic: $0 $*"\n', 0o755);
  file('script', '#!/bin/sh\necho "script: $*"\n', 0o755);
  file('bad-interpreter', '#!/nonexistent/interpreter\n', 0o755);
  file('append.log', '', 0o666);
  symlinkSync('loop', `${directory}/loop`);
  // Found first in PATH but not executable: the search goes on.
  mkdirSync(`${directory}/shadow`);
  file('shadow/true', 'not executable', 0o644);
  mkdirSync(`${directory}/later`);
  file('later/tool', '#!/bin/sh\necho later\n', 0o755);
  // May be entered but not listed, as other people's home directories often may.
  mkdirSync(`${directory}/search-only`);
  chownSync(`${directory}/search-only`, 0, ordinaryUser);
  chmodSync(`${directory}/search-only`, 0o710);
  mkdirSync(`${directory}/closed`, 0o700);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}
