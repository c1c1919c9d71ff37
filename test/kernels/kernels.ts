/** The kernels that tsenter is tried on: those of Debian's suites, made for clouds (no drivers), fetched once. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { repository } from '../support/programs.ts';

export const kernelNames = ['bullseye', 'bookworm', 'trixie', 'sid'] as const;
/** Debian's suites. */
export type KernelName = (typeof kernelNames)[number];
/** What takes long is done on the oldest and the newest only, where TSENTER_TEST_KERNELS=quick, as .ci/run has it. */
export const quick = process.env.TSENTER_TEST_KERNELS === 'quick';
export const quickKernels: readonly KernelName[] = ['bullseye', 'sid'];
export type Architecture = 'amd64' | 'arm64';

export interface Kernel {
  readonly name: KernelName;
  readonly architecture: Architecture;
  /** Such as `6.1.0-50-cloud-amd64`. */
  readonly version: string;
  readonly image: string;
  /** As in /boot. */
  readonly config: string;
  /** `/lib/modules/VERSION` of the guest is below it. */
  readonly modules: string;
}

const script = `${repository}/test/kernels/fetch.sh`;

/** Takes some ten seconds if it is not there yet; fails where there is no mirror. */
export async function fetchKernel(name: KernelName, architecture: Architecture = 'amd64'): Promise<Kernel> {
  const { stdout } = await promisify(execFile)('bash', [script, name, architecture]);
  const directory = stdout.trim();
  return {
    name,
    architecture,
    version: readFileSync(`${directory}/version`, 'latin1').trim(),
    image: `${directory}/vmlinuz`,
    config: `${directory}/config`,
    modules: `${directory}/modules`,
  };
}

/** For a test, which is skipped where there is none. */
export async function neededKernel(
  name: KernelName,
  context: TestContext,
  architecture: Architecture = 'amd64',
): Promise<Kernel> {
  try {
    return await fetchKernel(name, architecture);
  } catch (error) {
    mustRun(`no kernel of ${name}: ${error}`, context);
    throw error;
  }
}

/** `6.12.117+deb13-cloud-amd64` against `6.9`. */
export function isAtLeast({ version }: Kernel, [major, minor]: readonly [number, number] = [0, 0]): boolean {
  const [first = 0, second = 0] = version.split('.', 2).map(Number);
  return first > major || (first === major && second >= minor);
}
