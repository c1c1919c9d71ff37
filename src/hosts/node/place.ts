import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the bundle lies, and what loads from there. The command's bundle has both of its own: see place-command.ts. */

/** Undefined where somebody's bundler has made CommonJS of this. */
const own: string | undefined = import.meta.url;

export let directory = own === undefined ? process.cwd() : dirname(fileURLToPath(own));

export const load: NodeJS.Require = createRequire(own ?? `${process.cwd()}/`);

/** The helper: beside the bundle in a checkout; npm has it in the package of this platform, and passes over those of others. */
export let helper: string = findHelper();

function findHelper(): string {
  const beside = join(directory, '../helper/tsenter-helper');
  if (existsSync(beside)) return beside;
  try {
    return load.resolve(`tsenter-linux-${process.arch}/helper/tsenter-helper`);
  } catch {
    // Who executes it is told that it is not there.
    return beside;
  }
}

/** For a bundle that was made part of another's, and lies elsewhere than what belongs to it. */
export function placeBeside(given: string): void {
  helper = given;
  directory = `${dirname(dirname(given))}/lib`;
}
