/** What an attack is. The tests and `npm run attacks` run the same ones. */
import type { AttackTarget } from './targets.ts';
import type { Tool } from './tools.ts';

export interface Observation {
  readonly succeeded: boolean;
  /** One short fact. */
  readonly seen: string;
}

export interface Attack {
  readonly name: string;
  /** What is done, for the reader of the table. */
  readonly sentence: string;
  /** Really attacks. */
  run(tool: Tool, target: AttackTarget): Promise<Observation>;
}
