/** Makes the packages, once for all files of this layer. */

import { repository } from '../support/programs.ts';
import { missing, type } from './packages.ts';

export default async function setup(): Promise<void> {
  if (missing() !== undefined) return;
  await type([process.execPath, `${repository}/scripts/package.mjs`], { cwd: repository });
}
