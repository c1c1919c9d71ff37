import type { Host } from '../../plan/host.ts';
import type { Plan } from '../../plan/plan.ts';

/**
 * What the *natives.c of helper-c/native define: a Host but for `run`, so that no function stands between the core and the
 * system call. A call that fails throws what `systemError` of the chunk `errors` makes.
 */
export interface Natives extends Host {
  readonly host: 'native';
  readonly count: number;
  at(index: number): string;
  execute(steps: readonly string[], environment: readonly string[] | undefined): never;
  /** To be set. */
  run: (plan: Plan) => never;
}
