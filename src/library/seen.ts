import type { Seen } from '../hosts/node/node-sys.ts';
import { entriesOf } from './environment.ts';
import { usableHelper } from './helper.ts';
import type { SpawnOptions } from './spawn-options.ts';

/**
 * By what a call sees the system. The program's environment is its own: it has no say in where this process looks for what is called by a name.
 *
 * @throws TsenterError where the helper cannot be used
 */
export function seenBy({ env, helperPath }: Pick<SpawnOptions, 'env' | 'helperPath'>): Seen {
  const callers = () => entriesOf(process.env);
  return {
    helper: usableHelper(helperPath),
    callers,
    programs: env === undefined ? callers : () => entriesOf(env),
  };
}
