/** State files of containers, as the tests write them, and who looks at them in their usual places. */
import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { installed, root } from './places.mjs';

const { code } = await transform(readFileSync(`${root}/test/support/engine-states.ts`, 'utf8'), {
  loader: 'ts',
});
const source = Buffer.from(code).toString('base64');
export const { idOf, writeDocker, writeRunc } = await import(`data:text/javascript;base64,${source}`);

/** Words before a command, for which /run and /var/lib are those below a directory, and nothing of this machine's engines is there. */
export function where(directory) {
  const script = 'mount --bind "$1/run" /run && mount --bind "$1/var/lib" /var/lib && shift && exec "$@"';
  return [installed('unshare'), '-m', '/bin/sh', '-c', script, 'sh', directory];
}
