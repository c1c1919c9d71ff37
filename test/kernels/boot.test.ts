/** Each kernel boots, and tsenter enters a process on it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { kernelNames, neededKernel } from './kernels.ts';
import { boot, missingEmulator } from './machine.ts';
import { guestTsenter, makeRoot, readOutput } from './root.ts';

const script = `
exec 2>/output/errors
uname -r >/output/release
${guestTsenter} --version >/output/version
unshare -u sh -c 'hostname inside; echo ready >/tmp/ready; exec sleep 1000' &
until [ -s /tmp/ready ]; do :; done
${guestTsenter} -t $! -u ${program('probe')} >/output/probe
`;

const reason = missingEmulator();
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`kernels: ${reason}`, () => undefined);
} else {
  beforeAll(() => buildPrograms());

  describe.concurrent('boot', () => {
    for (const name of kernelNames)
      it(name, async (context) => {
        const kernel = await neededKernel(name, context);
        using root = makeRoot({ kernel, script });
        const run = await boot({ kernel, root: root.directory });
        const files = readOutput(run);
        const text = (name: string): string => files.get(name)?.toString() ?? '';
        expect(text('errors') + text('status')).toBe('0\n');
        expect(text('release')).toBe(`${kernel.version}\n`);
        expect(text('version')).toContain(`kernel: ${kernel.version} `);
        expect(parseProbe(text('probe'))?.hostname).toBe('inside');
      });

    it('a kernel that panics each time is no machine that is off', async (context) => {
      const kernel = await neededKernel('sid', context);
      using root = makeRoot({ kernel, script });
      const running = boot({ kernel, root: root.directory, append: 'rdinit=/nowhere' });
      await expect(running).rejects.toThrow(/it panics twice: .*Unable to mount root/s);
    });
  });
}
