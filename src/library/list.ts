import { UsageError } from '../sys/errors.ts';
import { checkKeys, checkPlaces } from './check-options.ts';
import { inUnicode } from './errors.ts';
import { usableHelper } from './helper.ts';
import type { ListOptions, TargetListing } from './listed.ts';
import { RESOLVE_KEYS } from './target.ts';

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
    checkKeys(options, RESOLVE_KEYS);
    checkPlaces(options);
    if (!Array.isArray(patterns) || patterns.some((pattern) => typeof pattern !== 'string'))
      throw new UsageError(
        'parse',
        'patterns',
        'not an array of strings',
        'It is list([PATTERN, ...], options).',
      );
    usableHelper(options.helperPath);
  });
  const { listNow } = await import('./list-lazily.ts');
  return inUnicode(() => listNow(patterns, options));
}
