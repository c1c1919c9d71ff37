// Which commit is built, for --version and for the times in packages: git's, or of a tree that is no checkout what TSENTER_REVISION
// says (`9b95bb686591 of 2026-11-27`, as --version prints it), or nothing.
import { spawnSync } from 'node:child_process';

/** What --version prints of it; empty where nothing is known. */
export function commitText(root) {
  return process.env.TSENTER_REVISION ?? ofCheckout(root) ?? '';
}

/** The time of the commit in seconds: what packages have for all times. */
export function sourceDate(root) {
  const given = process.env.SOURCE_DATE_EPOCH ?? git(root, 'log', '-1', '--format=%ct');
  if (!/^\d+$/.test(given ?? '')) throw new Error('SOURCE_DATE_EPOCH is not set, and this is no checkout');
  return Number(given);
}

function ofCheckout(root) {
  // Of a tree in another one's checkout nothing is known.
  if (git(root, 'rev-parse', '--show-prefix') !== '') return undefined;
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
