/** The executable for arm64, on a kernel of that architecture: what is tried on the others, but security modules and systemd. */
import { execFileSync } from 'node:child_process';
import { describe, expect, it, type TestContext } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { attack, buildAttacks, documentedAttacks, verdict, verdicts } from './attack.ts';
import { type Compared, compareRows } from './compare-rows.ts';
import { type Kernel, neededKernel, quick } from './kernels.ts';
import { missingEmulator } from './machine.ts';
import { guestTsenter } from './root.ts';
import { runLayers, signalFiles } from './run-layers.ts';
import { trySettings } from './try-settings.ts';
import { arm64Host, arm64Userland, missingCompiler } from './userland.ts';

/** One is enough: what kernels differ in is not the architecture's. */
const name = 'trixie';

const reason = missingEmulator('arm64') ?? missingCompiler();
if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`arm64: ${reason}`, () => undefined);
} else {
  const needed = (context: TestContext): Promise<Kernel> => neededKernel(name, context, 'arm64');
  /** One machine. */
  let run: Promise<Compared> | undefined;
  const compared = async (context: TestContext): Promise<Compared> => {
    const kernel = await needed(context);
    run ??= arm64Userland().then((userland) => compareRows(kernel, userland));
    return run;
  };

  describe.concurrent('arm64', () => {
    it('rows', async (context) => {
      const { summary, others, stale } = await compared(context);
      console.log(summary);
      if (others.length > 0) throw new Error(others.join('\n'));
      expect(stale).toEqual([]);
    });

    it('statuses, signals, kills and cgroups', async (context) => {
      const { checks } = await compared(context);
      const missed = checks.filter((check) => check.misses.length > 0);
      expect(missed.map((check) => `${check.name}: ${check.misses.join(', ')}`)).toEqual([]);
    });

    // What they are about is not the architecture: CI does without.
    if (!quick) {
      it('settings', async (context) => {
        const { tried, milliseconds } = await trySettings(await needed(context), await arm64Userland());
        console.log(`${name}, arm64: ${tried.length} settings, in ${milliseconds} ms`);
        expect(tried.filter(({ wrong }) => wrong.length > 0)).toEqual([]);
      });

      it('attacks', async (context) => {
        await buildAttacks();
        const { tsenter, nsenter, milliseconds } = await attack(await needed(context), await arm64Host());
        console.log(`${name}, arm64: ${tsenter.size} attacks, in ${milliseconds} ms`);
        expect(verdicts(tsenter)).toEqual(documentedAttacks());
        expect([...nsenter.values()].map(verdict)).toContain('succeeds');
      });

      it('signals and job control', async (context) => {
        const words = ['--project=terminal', ...signalFiles];
        const { passed, milliseconds, ...others } = await runLayers(
          await needed(context),
          words,
          await arm64Host(),
        );
        console.log(`${name}, arm64: ${passed} tests of signals, in ${milliseconds} ms`);
        expect(others).toEqual({ failed: [], skipped: [] });
        expect(passed).toBeGreaterThan(signalFiles.length);
      });
    }

    it('--version and --help', async (context) => {
      const { features, help } = await compared(context);
      expect(features.get('pidfd')).toBe('yes');
      expect(help).toBe(execFileSync(guestTsenter, ['--help'], { encoding: 'utf8' }));
    });
  });
}
