// After npm has installed: the executable takes the place of the script bin/tsenter, which stays where npm runs no scripts. Other
// package managers start bin/tsenter by scripts of their own, which are made for what it was.
import { linkSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('tsenter', import.meta.url));
const link = `${script}.new`;
try {
  if (process.env.npm_config_user_agent?.startsWith('npm/')) {
    const { resolve } = createRequire(import.meta.url);
    linkSync(resolve(`tsenter-linux-${process.arch}/bin/tsenter`), link);
    renameSync(link, script);
  }
} catch {
  // The script says what is missing, when it is called.
  rmSync(link, { force: true });
}
