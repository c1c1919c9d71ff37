/** The attacks of test/security end on other kernels as docs/attacks.md has it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { attack, buildAttacks, documentedAttacks, verdict, verdicts } from './attack.ts';
import { kernelNames, neededKernel, quick, quickKernels } from './kernels.ts';
import { missingEmulator } from './machine.ts';

const reason = missingEmulator('amd64', { share: true });
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`attacks: ${reason}`, () => undefined);
} else {
  beforeAll(async () => {
    buildPrograms();
    await buildAttacks();
  });

  describe.concurrent('attacks', () => {
    for (const name of quick ? quickKernels : kernelNames)
      it(name, async (context) => {
        const { tsenter, nsenter } = await attack(await neededKernel(name, context));
        expect(verdicts(tsenter)).toEqual(documentedAttacks());
        expect([...nsenter.values()].map(verdict)).toContain('succeeds');
      });
  });
}
