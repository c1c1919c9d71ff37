import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the bundle lies, and what loads from there. The command's bundle has both of its own: see place-command.ts. */

export const directory = dirname(fileURLToPath(import.meta.url));

export const load: NodeJS.Require = createRequire(import.meta.url);
