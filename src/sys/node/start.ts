import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** What the command's bundle is named after: scripts/build.mjs puts it in. */
declare const COMMAND_HASH: string;

/**
 * Runs the command's bundle with the code that V8 made of it when it was built (scripts/code-cache.mjs): compiling takes a
 * tenth of a start. Another Node than the one that built has no such file, and V8 refuses what does not fit its own version
 * and flags: then it is compiled. The file lies beside the bundle, and who can write there can write the bundle.
 */
const bundle = `${__dirname}/command.cjs`;
const cache = `${__dirname}/command-${COMMAND_HASH}-${process.version}-${process.arch}.cache`;

const script = new Script(readFileSync(bundle, 'utf8'), {
  filename: bundle,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
});
script.runInThisContext()(require, __dirname);
