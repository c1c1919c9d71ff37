/** What --version, the manual and the README say that a kernel has not is not there, and the rest is. */
import { beforeAll, describe, expect, it } from 'vitest';
import { kernelFeatures } from '../../src/options/kernel-features.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { tryFeatures } from './features.ts';
import { isAtLeast, kernelNames, neededKernel } from './kernels.ts';
import { missingEmulator } from './machine.ts';

const reason = missingEmulator();
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`features: ${reason}`, () => undefined);
} else {
  beforeAll(() => buildPrograms());

  describe.concurrent('features', () => {
    for (const name of kernelNames)
      it(name, async (context) => {
        const kernel = await neededKernel(name, context);
        const wrong = [...(await tryFeatures(kernel))].filter(
          ([feature, { isThere }]) => isThere !== isAtLeast(kernel, kernelFeatures[feature].since),
        );
        expect(wrong).toEqual([]);
      });
  });
}
