// What the builds call. A tool that is missing, or has failed and said why, is a line, not a trace of this script.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Debian's packages of those that are not called as their package. */
const PACKAGES = {
  cc: 'gcc',
  'x86_64-linux-gnu-gcc': 'gcc',
  'aarch64-linux-gnu-gcc': 'gcc-aarch64-linux-gnu',
};

/** Ends the process where one is not in PATH. */
export function needTools(...names) {
  const missing = names.filter((name) => !isInPath(name));
  if (missing.length === 0) return;
  const packages = new Set(missing.map((name) => PACKAGES[name] ?? name));
  end(`not installed: ${missing.join(', ')} (Debian: apt install ${[...packages].join(' ')})`);
}

/** Runs it with this process's streams; ends the process where it fails. */
export function runTool(command, words, options = {}) {
  const { status, signal, error } = spawnSync(command, words, { stdio: 'inherit', ...options });
  if (status === 0) return;
  end(`${command} ${words.slice(0, 4).join(' ')}: ${error?.message ?? signal ?? `status ${status}`}`);
}

function isInPath(name) {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder || '.', name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function end(why) {
  console.error(`build: ${why}`);
  process.exit(1);
}
