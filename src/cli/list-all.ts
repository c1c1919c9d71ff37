import { frozenProcesses } from '../facts/cgroup.ts';
import type { Sys } from '../sys/sys.ts';
import { type Listed, type Listing, listAll } from '../target/listing/listing.ts';

/** All that is asked for, with what only a cgroup tells. */
export function lookAtAll(sys: Sys, hostRoot: string | undefined, operands: readonly string[]): Listing {
  const listing = listAll(sys, hostRoot, operands);
  markPaused(sys, listing.listed);
  return listing;
}

/** docker writes it down; of others only the cgroup tells. */
function markPaused(sys: Sys, listed: readonly Listed[]): void {
  const isFrozen = frozenProcesses(sys);
  for (const one of listed) {
    const isTold = one.engine === 'docker' && one.names.length > 0;
    if (one.process && one.state === 'running' && !isTold && isFrozen(one.process.pid)) one.state = 'paused';
  }
}
