/** Files of Debian's packages, for guests. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { repository } from '../support/programs.ts';
import type { Architecture, KernelName } from './kernels.ts';

const script = `${repository}/test/kernels/packages.sh`;

/** The folder that has them; fails where there is no mirror. */
export async function fetchPackages(
  suite: KernelName,
  packages: readonly string[],
  architecture: Architecture = 'amd64',
): Promise<string> {
  const { stdout } = await promisify(execFile)('bash', [script, suite, architecture, ...packages]);
  return stdout.trim();
}
