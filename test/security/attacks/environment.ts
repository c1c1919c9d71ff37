/** A7: the environment area of the target is 8 MiB of what takes most memory to read. */
import { spawnSync } from 'node:child_process';
import { startActor } from '../../support/enter.ts';
import { defaultEnv } from '../../support/launch.ts';
import { program } from '../../support/programs.ts';
import type { Observation } from './attack.ts';
import type { Tool } from './tools.ts';

export type Area = 'nul' | 'names';

export interface Cost {
  /** The most that the tool has had, in MiB. */
  readonly memory: number;
  readonly milliseconds: number;
}

function cost(command: readonly string[]): Cost {
  const { status, stderr, output } = spawnSync(program('insider'), ['measure', ...command], {
    cwd: '/',
    env: { ...defaultEnv },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    timeout: 30_000,
  });
  const [, memory, milliseconds] = /memory (\d+) milliseconds (\d+)/.exec(output?.[3] ?? '') ?? [];
  if (memory === undefined) throw new Error(`${command.join(' ')}: status ${status}: ${stderr}`);
  return { memory: Number(memory) / 1024, milliseconds: Number(milliseconds) };
}

/** What it takes to read such an environment, beside what the same takes without reading one. */
export async function costOfEnvironment(command: string, area: Area): Promise<{ with: Cost; without: Cost }> {
  await using actor = await startActor(['environ', area], {}, program('insider'));
  const words = [command, '-t', String(actor.number), '-u'];
  return { with: cost([...words, '-e', program('true')]), without: cost([...words, program('true')]) };
}

/** In MiB. */
const LIMIT = 64;

export function hugeEnvironment(area: Area): {
  readonly name: string;
  readonly sentence: string;
  run(tool: Tool, command: string): Promise<Observation>;
} {
  return {
    name: `an environment of 8 MiB of ${area === 'nul' ? 'NULs' : 'tiny entries'}`,
    sentence:
      'The target points its environment area at 8 MiB (PR_SET_MM_MAP, no privilege needed): how much memory does `--env` take?',
    run: async (_, command) => {
      const costs = await costOfEnvironment(command, area);
      const more = costs.with.memory - costs.without.memory;
      return { succeeded: more > LIMIT, seen: `${Math.round(more)} MiB, ${costs.with.milliseconds} ms` };
    },
  };
}
