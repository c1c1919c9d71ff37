import { spawnSync } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import { sealedFile } from '../hosts/node/libc.ts';
import type { HelperCall } from './helper-call.ts';

/** By the helper's path the descriptor of its image; undefined where there can be none. */
const images = new Map<string, number | undefined>();

/**
 * What is executed: the helper, or an image of it that nobody inside can overwrite. It would make itself one otherwise, for each entry anew,
 * and be executed twice.
 */
export function executableFor(helper: string, { isSealed, stdio }: HelperCall): string {
  if (!isSealed) return helper;
  if (!images.has(helper)) images.set(helper, imageOf(helper));
  const image = images.get(helper);
  // What the child is given takes the place of whatever has its number.
  return image === undefined || image < stdio.length ? helper : pathOf(image);
}

/** It is kept as long as this process, or worker, lives. */
function imageOf(helper: string): number | undefined {
  try {
    const image = sealedFile(readFileSync(helper));
    // A security module, a filter or vm.memfd_noexec may deny it; the helper itself knows another way, and what to say.
    if (!spawnSync(pathOf(image), { argv0: 'tsenter', stdio: 'ignore', env: {} }).error) return image;
    closeSync(image);
    return undefined;
  } catch {
    return undefined;
  }
}

function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
