/** The conformance table on each kernel, and what tsenter does beyond it: statuses, signals, its own end, cgroups. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { type Compared, compareRows } from './compare-rows.ts';
import { fetchKernel, type KernelName, kernelNames } from './kernels.ts';
import { missingEmulator } from './machine.ts';

/** One machine each. */
const runs = new Map<KernelName, Promise<Compared>>();

function compared(name: KernelName): Promise<Compared> {
  const run = runs.get(name) ?? fetchKernel(name).then(compareRows);
  runs.set(name, run);
  return run;
}

const reason = missingEmulator();
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`kernels: ${reason}`, () => undefined);
} else {
  beforeAll(() => buildPrograms());

  describe.concurrent('rows', () => {
    for (const name of kernelNames)
      it(name, async () => {
        const { summary, others, stale } = await compared(name);
        console.log(summary);
        if (others.length > 0) throw new Error(others.join('\n'));
        expect(stale).toEqual([]);
      });
  });

  describe('statuses, signals, kills and cgroups', () => {
    for (const name of kernelNames)
      it(name, async () => {
        const { checks } = await compared(name);
        const missed = checks.filter((check) => check.misses.length > 0);
        expect(missed.map((check) => `${check.name}: ${check.misses.join(', ')}`)).toEqual([]);
      });
  });
}
