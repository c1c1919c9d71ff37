/** The conformance table on each kernel, and what tsenter does beyond it: statuses, signals, its own end, cgroups. */
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { type Compared, compareRows } from './compare-rows.ts';
import { type KernelName, kernelNames, neededKernel } from './kernels.ts';
import { missingEmulator } from './machine.ts';

/** One machine each. */
const runs = new Map<KernelName, Promise<Compared>>();

async function compared(name: KernelName, context: TestContext): Promise<Compared> {
  const kernel = await neededKernel(name, context);
  const run = runs.get(name) ?? compareRows(kernel);
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
      it(name, async (context) => {
        const { summary, others, stale } = await compared(name, context);
        console.log(summary);
        if (others.length > 0) throw new Error(others.join('\n'));
        expect(stale).toEqual([]);
      });
  });

  describe('statuses, signals, kills and cgroups', () => {
    for (const name of kernelNames)
      it(name, async (context) => {
        const { checks } = await compared(name, context);
        const missed = checks.filter((check) => check.misses.length > 0);
        expect(missed.map((check) => `${check.name}: ${check.misses.join(', ')}`)).toEqual([]);
      });
  });
}
