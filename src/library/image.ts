import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { sealedFile } from '../hosts/node/libc.ts';
import type { HelperCall } from './helper-call.ts';

/** More than a child has of its own: these take the place of whatever has their numbers. */
const ABOVE = 200;

/** By the helper's path: its image, or undefined where there can be none. */
const images = new Map<string, string | undefined>();

/**
 * What is executed: the helper, or an image of it that nobody inside can overwrite. It would make itself one otherwise, for each entry anew,
 * and be executed twice.
 */
export function executableFor(helper: string, { isSealed, stdio }: HelperCall): string {
  if (!isSealed || stdio.length > ABOVE) return helper;
  if (!images.has(helper)) images.set(helper, imageOf(helper));
  return images.get(helper) ?? helper;
}

/** The descriptor is kept as long as this process, or worker, lives. */
function imageOf(helper: string): string | undefined {
  try {
    const image = `/proc/self/fd/${sealedFile(readFileSync(helper), ABOVE)}`;
    // A security module, a filter or vm.memfd_noexec may deny it; the helper itself knows another way, and what to say.
    return spawnSync(image, { argv0: 'tsenter', stdio: 'ignore', env: {} }).error ? undefined : image;
  } catch {
    return undefined;
  }
}
