// Where the source of the JavaScript engine is: QUICKJS_DIR, or the pinned tarball's, fetched once and checked.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';

const PACKAGE = 'qjsc@0.3.0';
const FILE = 'qjsc-0.3.0.tgz';
const INTEGRITY =
  'sha512-a7+cU6/IVcZbIejffdt/wZVMX6LL2MDL3HQ9Zb5Gm23G9DvBMS/z9GHFxz39bAvp2PvMOM+ypSOAyokt2DdZ2w==';
const SOURCE = 'package/deps/quickjs_2021_03_27';

/** QuickJS 2021-03-27 (MIT): only the tarball, because as a dependency it would bring a build tree of its own. */
export function engineSource(root) {
  if (process.env.QUICKJS_DIR) return process.env.QUICKJS_DIR;
  const place = `${root}/node_modules/.cache/tsenter/engine`;
  if (existsSync(`${place}/${SOURCE}/quickjs.c`)) return `${place}/${SOURCE}`;
  const fresh = `${place}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', fresh, PACKAGE], {
    cwd: fresh,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const bytes = readFileSync(`${fresh}/${FILE}`);
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    if (integrity !== INTEGRITY)
      throw new Error(`${PACKAGE}: the tarball is not the one that was pinned: ${integrity}`);
    execFileSync('tar', ['-xf', FILE], { cwd: fresh });
    // Two builds at once may both get here: the first one's is as good.
    if (!existsSync(place)) renameSync(fresh, place);
  } catch (error) {
    if (!existsSync(`${place}/${SOURCE}/quickjs.c`)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return `${place}/${SOURCE}`;
}
