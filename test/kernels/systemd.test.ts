/** Machines with systemd, of two of Debian's suites: each boots once and does all cases. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { missingForDebian } from './debian.ts';
import type { KernelName } from './kernels.ts';
import { casesOf, type Done, doCases, systemdSuites } from './systemd-cases.ts';

const reason = missingForDebian();
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`systemd: ${reason}`, () => undefined);
} else {
  const machines = new Map<KernelName, Promise<Done>>();
  beforeAll(() => {
    buildPrograms();
    for (const suite of systemdSuites) {
      const done = doCases(suite);
      // It is told by the tests of that machine.
      done.catch(() => undefined);
      machines.set(suite, done);
    }
  });

  describe.each(systemdSuites)('%s', (suite) => {
    for (const [index, { group, does, isThere }] of casesOf(suite).entries())
      it(`${group}: ${does}${isThere ? '' : ', which is not there'}`, async () => {
        const done = await machines.get(suite);
        expect(done?.wrong[index]).toBeUndefined();
      });
  });
}
