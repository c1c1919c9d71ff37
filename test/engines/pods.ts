/** What the CRI plugin of a containerd says of its pods: test/engines/cri.mjs. */
import { spawnSync } from 'node:child_process';
import { repository } from '../support/programs.ts';

export interface Told {
  readonly kind: 'sandbox' | 'container';
  readonly name: string;
  readonly id: string;
  readonly pid: number;
}

export function podsAt(socket: string): Told[] {
  const words = [`${repository}/test/engines/cri.mjs`, socket, 'list'];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
