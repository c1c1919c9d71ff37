// Which commit is built, for --version and for the times in packages: git's, or of a tree that is no checkout what TSENTER_REVISION
// says (`9b95bb686591 of 2026-11-27`, as --version prints it), or nothing.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

/** What --version prints of it; empty where nothing is known. */
export function commitText(root) {
  return process.env.TSENTER_REVISION ?? ofCheckout(root) ?? '';
}

/** In seconds: what packages have for all times. Of a tree that is no checkout, and is told nothing, it is when package.json was written. */
export function sourceDate(root) {
  const given =
    process.env.SOURCE_DATE_EPOCH ?? (isCheckout(root) ? git(root, 'log', '-1', '--format=%ct') : undefined);
  return given === undefined ? Math.floor(statSync(`${root}/package.json`).mtimeMs / 1000) : Number(given);
}

/** Of a tree in another one's checkout nothing is known. */
function isCheckout(root) {
  return git(root, 'rev-parse', '--show-prefix') === '';
}

function ofCheckout(root) {
  if (!isCheckout(root)) return undefined;
  const words = ['--abbrev=12', '--format=%h of %cd', '--date=format-local:%Y-%m-%d'];
  const commit = git(root, 'log', '-1', ...words);
  const isChanged = git(root, 'status', '--porcelain', '--untracked-files=no') !== '';
  return commit && isChanged ? `${commit}, with changes` : commit;
}

function git(root, ...words) {
  // Root builds what is a user's as well (sudo).
  const { status, stdout } = spawnSync('git', ['-c', `safe.directory=${root}`, '-C', root, ...words], {
    encoding: 'utf8',
    env: { ...process.env, TZ: 'UTC' },
  });
  return status === 0 ? stdout.trim() : undefined;
}
