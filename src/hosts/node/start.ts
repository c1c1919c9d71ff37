import { existsSync, readFileSync } from 'node:fs';
import { Script } from 'node:vm';

/** Of the command's bundle; scripts/build-command.mjs puts it in. */
declare const COMMAND_HASH: string;

/**
 * Runs the command's bundle with V8's code cache of it (scripts/code-cache.mjs), without which compiling takes a fifth of
 * what an empty program takes. For a Node that none was made for there is no file, and V8 refuses one of another version,
 * configuration or flags: then it is compiled. V8 does not check that it is the bundle's but for the length, therefore the
 * hash; and it is as good as code: it lies beside the bundle, where only those write who could write the bundle.
 */
const bundle = `${__dirname}/command.cjs`;
const cache = `${__dirname}/command-${COMMAND_HASH}-${process.version}-${process.arch}.cache`;

const script = new Script(readFileSync(bundle, 'utf8'), {
  filename: bundle,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
});
script.runInThisContext()(require, __dirname);
