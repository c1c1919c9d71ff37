// JSON as the linter wants it: what is checked in is linted.
import { execFileSync } from 'node:child_process';

/** @param root of the checkout */
export function formatted(root, value, path) {
  return execFileSync(`${root}/node_modules/.bin/biome`, ['format', `--stdin-file-path=${path}`], {
    cwd: root,
    input: JSON.stringify(value, undefined, 2),
    encoding: 'utf8',
  });
}
