import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the bundle lies, and what loads from there. The command's bundle has both of its own: see place-command.ts. */

/** Undefined where somebody's bundler has made CommonJS of this. */
const own: string | undefined = import.meta.url;

/** Where that is not known it is where only root puts anything. */
const directory = own === undefined ? '/' : dirname(fileURLToPath(own));

/** Where koffi is looked for: below what these lie in. */
export const directories: string[] = [directory];

export const load: NodeJS.Require = createRequire(own ?? '/');

/** The helper: beside the bundle in a checkout; npm has it in the package of this platform, and passes over those of others. */
export const helper: string = findHelper();

/**
 * Where npm puts what is installed with this, and nowhere else: Node would go on to every directory above, and to those in $HOME, which may be another's.
 */
function findHelper(): string {
  const beside = join(directory, '../helper/tsenter-helper');
  const root = dirname(dirname(directory));
  const above = dirname(root);
  const modules =
    basename(above) === 'node_modules' ? [join(root, 'node_modules'), above] : [join(root, 'node_modules')];
  const places = modules.map((place) => join(place, `tsenter-linux-${process.arch}/helper/tsenter-helper`));
  // Who executes it is told that it is not there.
  return [beside, ...places].find((path) => existsSync(path)) ?? beside;
}

/** For a bundle that was made part of another's, and lies elsewhere than what belongs to it: beside a helper that was named instead. */
export function placeBeside(given: string): void {
  const beside = `${dirname(dirname(given))}/lib`;
  if (!directories.includes(beside)) directories.unshift(beside);
}
