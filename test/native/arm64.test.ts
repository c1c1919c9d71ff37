/** The executable for arm64, as a file. What it does is tried on a kernel of that architecture: test/kernels/arm64.test.ts. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { arm64Tsenter, buildArm64Tsenter, missingCompiler } from '../kernels/userland.ts';
import { mustRun } from '../support/must-run.ts';
import { MACHINE, parseElf } from './elf.ts';
import { isHardened } from './hardened.ts';

const reason = missingCompiler();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`arm64: ${reason}`, () => undefined);

describe.skipIf(reason !== undefined)('arm64', () => {
  beforeAll(() => buildArm64Tsenter(), 300_000);

  it('is an executable of that machine', () => {
    expect(parseElf(readFileSync(arm64Tsenter)).machine).toBe(MACHINE.aarch64);
  });

  isHardened(() => arm64Tsenter);
});
