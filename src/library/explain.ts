import type { Explanation } from '../explain/explanation.ts';
import { readCall } from './call.ts';
import { checkOptions, SPAWN_KEYS } from './check-options.ts';
import { inUnicode } from './errors.ts';
import { usableHelper } from './helper.ts';
import type { SpawnOptions } from './spawn-options.ts';

/**
 * What would become of an entry, without making it: what `--explain=json` prints. It takes some milliseconds more when it is called first.
 *
 * ```ts
 * import { explain } from 'tsenter';
 *
 * const { verdict } = await explain('sh', { target: 'docker:web' });
 * console.log(verdict.enters ? 'nothing speaks against it' : verdict.reason);
 * ```
 *
 * @throws TsenterError for options that cannot be understood; what cannot be entered is no error but a verdict
 */
export function explain(
  program: string | undefined,
  args: readonly string[] | null | undefined,
  options: SpawnOptions,
): Promise<Explanation>;
export function explain(program: string | undefined, options: SpawnOptions): Promise<Explanation>;
export function explain(options: SpawnOptions): Promise<Explanation>;
export async function explain(...values: readonly unknown[]): Promise<Explanation> {
  const call = inUnicode(() => {
    const call = checkOptions(readCall<SpawnOptions>(values), SPAWN_KEYS);
    usableHelper(call.options.helperPath);
    return call;
  });
  const { explainNow } = await import('./explain-lazily.ts');
  return inUnicode(() => explainNow(call));
}
