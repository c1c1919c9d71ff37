/** The settings of settings.ts on each kernel: one machine goes through them all. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { fetchKernel, type KernelName, kernelNames, neededKernel, quick, quickKernels } from './kernels.ts';
import { missingEmulator } from './machine.ts';
import { settings } from './settings.ts';
import { type Settled, trySettings } from './try-settings.ts';

const chosen: readonly KernelName[] = quick ? quickKernels : kernelNames;

/** Two at a time: the third machine starts when the first is off. */
function startAll(): Map<KernelName, Promise<Settled>> {
  const running = new Map<KernelName, Promise<Settled>>();
  for (const [index, name] of chosen.entries()) {
    const go = async (): Promise<Settled> => trySettings(await fetchKernel(name));
    const before = running.get(chosen[index - 2] ?? name) ?? Promise.resolve();
    const settled = before.then(go, go);
    // It is told by the tests of that kernel.
    settled.catch(() => undefined);
    running.set(name, settled);
  }
  return running;
}

const reason = missingEmulator();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`kernels: ${reason}`, () => undefined);
else {
  let machines: Map<KernelName, Promise<Settled>>;
  beforeAll(() => {
    buildPrograms();
    machines = startAll();
  });

  describe.each(chosen)('%s', (name) => {
    for (const [index, { what }] of settings.entries())
      it(what, async (context) => {
        await neededKernel(name, context);
        const settled = await machines.get(name);
        expect(settled?.tried[index]).toMatchObject({ what, wrong: [] });
      });
  });
}
