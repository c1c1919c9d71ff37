import { UsageError } from '../sys/errors.ts';
import { inUnicode } from './errors.ts';
import { usableHelper } from './helper.ts';
import type { ListOptions, TargetListing } from './listed.ts';

/**
 * What can be entered: the containers, machines and services of this host. It takes some milliseconds more when it is called first.
 *
 * ```ts
 * import { list, run } from 'tsenter';
 *
 * const { targets } = await list(['docker:*', 'podman:*']);
 * for (const { target } of targets)
 *   if (target !== null) console.log(target, (await run('hostname', { target })).stdout);
 * ```
 *
 * @param patterns engines, names and patterns, as the operands of the command line's `--list`; none: all
 */
export async function list(
  patterns: readonly string[] = [],
  options: ListOptions = {},
): Promise<TargetListing> {
  inUnicode(() => {
    if (!Array.isArray(patterns))
      throw new UsageError('parse', 'patterns', 'not an array', 'It is list([PATTERN, ...], options).');
    usableHelper(options.helperPath);
  });
  const { listNow } = await import('./list-lazily.ts');
  return inUnicode(() => listNow(patterns, options));
}
