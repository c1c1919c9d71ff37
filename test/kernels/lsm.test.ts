/** What AppArmor and SELinux deny, on each kernel. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { type KernelName, kernelNames, neededKernel, quick } from './kernels.ts';
import { missingEmulator } from './machine.ts';
import { tryApparmor, trySelinux } from './security-modules.ts';
import { makePolicy } from './selinux.ts';

const reason = missingEmulator();
const kernels: readonly KernelName[] = quick ? ['sid'] : kernelNames;
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`kernels: ${reason}`, () => undefined);
} else {
  let policy: Buffer;

  beforeAll(async () => {
    buildPrograms();
    policy = await makePolicy();
  });

  describe.concurrent.each(kernels)('%s', (name) => {
    it('AppArmor', async (context) => {
      const { wrong, rows, milliseconds } = await tryApparmor(await neededKernel(name, context));
      console.log(`${name}, AppArmor: ${rows} rows, in ${milliseconds} ms`);
      expect(wrong).toEqual([]);
    });

    it('SELinux', async (context) => {
      const { wrong, rows, milliseconds } = await trySelinux(await neededKernel(name, context), policy);
      console.log(`${name}, SELinux: ${rows} rows, in ${milliseconds} ms`);
      expect(wrong).toEqual([]);
    });
  });
}
