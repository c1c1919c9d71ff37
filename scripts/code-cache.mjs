// Writes the code cache of dist/node/command.cjs for the Node that runs this (see src/hosts/node/start.ts).
//
// The command is run in a process of its own, for what V8 compiles on the way of a start that enters; and only as far as the
// helper, which is not where it looks for it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';

const self = fileURLToPath(import.meta.url);
const out = `${dirname(dirname(self))}/dist/node`;
if (process.argv.length > 2) writeCache();
else startCommandLine();

/** Namespaces by name, and --all as well, which looks before it enters. */
function startCommandLine() {
  // V8 takes no cache that was made with other flags; but for the seed, which makes every build's the same.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const words = ['-t', String(process.pid), '-a', '-u', '-i', '-n', '-m', '-p', 'true'];
  execFileSync(process.execPath, ['--random-seed=1', self, ...words], { env, stdio: 'inherit' });
}

function writeCache() {
  const source = readFileSync(`${out}/command.cjs`, 'utf8');
  const script = new Script(source, { filename: 'command.cjs' });
  let end = '';
  const renderFailure = (_, { message }) => {
    end = message;
    return '';
  };
  const require = createRequire(self);
  const load = (name) => (name === './failure.cjs' ? { renderFailure } : require(name));
  script.runInThisContext()(load, dirname(self));
  process.exitCode = 0;
  // On an old kernel, say.
  if (!end.startsWith('execute')) console.log(`code cache: it has less than a whole start: ${end}`);
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 16);
  const name = `command-${hash}-${process.version}-${process.arch}.cache`;
  writeFileSync(`${out}/${name}`, script.createCachedData());
}
