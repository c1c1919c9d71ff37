import { spawnSync } from 'node:child_process';
import { type BigIntStats, closeSync, fstatSync, readFileSync } from 'node:fs';
import { sealedFile } from '../hosts/node/libc.ts';
import { Errno } from '../sys/errors.ts';
import { NAME } from './helper.ts';
import type { HelperCall } from './helper-call.ts';

/** A descriptor, and what it was when it was made. */
interface Image {
  fd: number;
  made: BigIntStats;
}

/** By the helper's path its image; undefined where there can be none. */
const images = new Map<string, Image | undefined>();

const [ENFILE, EMFILE, ENOSPC] = [23, 24, 28];
/** A failure with one of these tells nothing of the next try. */
const OF_THE_MOMENT: readonly number[] = [Errno.EAGAIN, Errno.ENOMEM, ENFILE, EMFILE, ENOSPC];

/**
 * What is executed: the helper, or an image of it that nobody inside can overwrite. It would make itself one otherwise, for each entry anew,
 * and be executed twice.
 */
export function executableFor(helper: string, { isSealed, stdio }: HelperCall): string {
  if (!isSealed) return helper;
  const image = imageOf(helper);
  // What the child is given takes the place of whatever has its number.
  return image === undefined || image.fd < stdio.length ? helper : pathOf(image.fd);
}

/** It is kept as long as this process, or worker, lives, and nobody inside has changed whom it lets read and execute it. */
function imageOf(helper: string): Image | undefined {
  const kept = images.get(helper);
  if (kept ? isAsMade(kept) : images.has(helper)) return kept;
  images.delete(helper);
  try {
    const image = newImage(helper);
    images.set(helper, image);
    return image;
  } catch (error) {
    if (!isOfTheMoment(error)) images.set(helper, undefined);
    return undefined;
  }
}

function newImage(helper: string): Image {
  const fd = sealedFile(readFileSync(helper));
  // A security module, a filter or vm.memfd_noexec may deny it; the helper itself knows another way, and what to say.
  const { error } = spawnSync(pathOf(fd), { argv0: NAME, stdio: 'ignore', env: {} });
  if (!error) return { fd, made: fstatSync(fd, { bigint: true }) };
  closeSync(fd);
  throw error;
}

/** Node's own errors have negative numbers. */
function isOfTheMoment(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    OF_THE_MOMENT.includes(Math.abs(error.errno))
  );
}

/**
 * Seals keep what is in it, and since Linux 6.3 whether it can be executed. Whoever executes it inside (`#!/proc/self/exe`) may be its owner
 * there: mode, owner and attributes may be others, which the time of the last change tells. And others may have closed the descriptor.
 */
function isAsMade({ fd, made }: Image): boolean {
  let now: BigIntStats;
  try {
    now = fstatSync(fd, { bigint: true });
  } catch {
    return false;
  }
  if (now.dev !== made.dev || now.ino !== made.ino) return false;
  if (now.mode === made.mode && now.uid === made.uid && now.ctimeNs === made.ctimeNs) return true;
  closeSync(fd);
  return false;
}

function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
