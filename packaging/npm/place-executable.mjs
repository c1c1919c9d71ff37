// After npm has installed: the executable takes the place of the script bin/tsenter, which stays where npm runs no scripts. Other
// package managers start bin/tsenter by scripts of their own, which are made for what it was.
//
// It is where npm puts it, and nowhere else: Node would look in every directory above, and in those of $HOME, which may be another's.
import { existsSync, linkSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('tsenter', import.meta.url));
const link = `${script}.new`;
const root = dirname(dirname(script));
const above = dirname(root);
const places =
  basename(above) === 'node_modules' ? [`${root}/node_modules`, above] : [`${root}/node_modules`];
try {
  if (process.env.npm_config_user_agent?.startsWith('npm/')) {
    const found = places
      .map((place) => `${place}/tsenter-linux-${process.arch}/bin/tsenter`)
      .find((path) => existsSync(path));
    // The script says what is missing, when it is called.
    if (found !== undefined) {
      linkSync(found, link);
      renameSync(link, script);
    }
  }
} catch {
  rmSync(link, { force: true });
}
