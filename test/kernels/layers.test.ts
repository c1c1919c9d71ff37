/** Signals, job control and pseudo-terminals on other kernels: the tests of these, as they are. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { kernelNames, neededKernel, quick, quickKernels } from './kernels.ts';
import { missingEmulator } from './machine.ts';
import { runLayers, signalFiles, terminalFiles } from './run-layers.ts';

const reason = missingEmulator('amd64', { share: true });
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`layers: ${reason}`, () => undefined);
} else {
  beforeAll(() => buildPrograms());

  // What takes long begins first, side by side, and shows no more on the kernels between.
  const others = quick ? [] : kernelNames.filter((name) => !quickKernels.includes(name));
  describe.concurrent('terminal', () => {
    for (const name of [...quickKernels, ...others])
      it(name, { timeout: 4_000_000 }, async (context) => {
        const files = !quick && quickKernels.includes(name) ? terminalFiles : signalFiles;
        const { passed, failed, skipped } = await runLayers(await neededKernel(name, context), [
          '--project=terminal',
          ...files,
        ]);
        console.log(`${name}: ${passed} tests of terminals`);
        expect(failed).toEqual([]);
        expect(skipped).toEqual([]);
        expect(passed).toBeGreaterThan(files.length);
      });
  });
}
