/** A7: the environment area of the target is 8 MiB of what takes most memory to read. */
import { spawnSync } from 'node:child_process';
import { startActor } from '../../support/enter.ts';
import { defaultEnv } from '../../support/launch.ts';
import { program } from '../../support/programs.ts';
import type { Attack } from './attack.ts';
import { NotApplicable } from './not-applicable.ts';

export type Area = 'nul' | 'names';

interface Cost {
  /** The most that the tool has had, in MiB. */
  readonly memory: number;
  readonly milliseconds: number;
  readonly status: number | null;
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
  return { memory: Number(memory) / 1024, milliseconds: Number(milliseconds), status };
}

/** What it takes to read such an environment, and the same without reading one. */
async function costOfEnvironment(
  words: (pid: number, options: readonly string[]) => readonly string[],
  area: Area,
): Promise<{ readonly with: Cost; readonly without: Cost }> {
  await using actor = await startActor(['environ', area], {}, program('insider'));
  return { with: cost(words(actor.number, ['-u', '-e'])), without: cost(words(actor.number, ['-u'])) };
}

/** In MiB. */
const LIMIT = 64;

export function hugeEnvironment(area: Area): Attack {
  return {
    name: `an environment of 8 MiB of ${area === 'nul' ? 'NULs' : 'tiny entries'}`,
    sentence:
      'The target points its environment area at 8 MiB (PR_SET_MM_MAP, for which it needs no privilege): does `--env` take more ' +
      `than ${LIMIT} MiB for it?`,
    run: async (tool, target) => {
      const costs = await costOfEnvironment(
        (pid, words) => tool.words({ ...target, pid }, { words }, [program('true')]),
        area,
      );
      if (costs.with.status !== 0 && !tool.isTsenter) throw new NotApplicable('it has no --env');
      const more = costs.with.memory - costs.without.memory;
      return {
        succeeded: more > LIMIT,
        seen: `${Math.round(more)} MiB, ${costs.with.milliseconds} ms, status ${costs.with.status}`,
      };
    },
  };
}
