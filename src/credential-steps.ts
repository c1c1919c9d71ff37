import type { Facts } from './facts.ts';
import type { Id, Request } from './request.ts';
import type { Step } from './steps.ts';

/**
 * Entering a user namespace makes the ids 0 and drops the groups, unless told otherwise. The groups go with either id:
 * a program that is to be someone else must not keep the memberships of the caller.
 */
export function credentialSteps(request: Request, facts: Facts, entersUser: boolean): Step[] {
  const reset = entersUser && !request.preserveCredentials;
  const uid = request.uid ?? (reset ? 0 : undefined);
  const gid = request.gid ?? (reset ? 0 : undefined);
  const ambient = request.keepCapabilities && entersUser;
  const steps: Step[] = [];
  if (gid !== undefined || (uid !== undefined && !request.preserveCredentials))
    steps.push({ step: 'drop-groups' });
  if (ambient && uid !== undefined) steps.push({ step: 'keep-caps' });
  if (gid !== undefined) steps.push({ step: 'gid', id: idOf(gid, facts) });
  if (uid !== undefined) steps.push({ step: 'uid', id: idOf(uid, facts) });
  if (ambient) steps.push({ step: 'ambient-caps' });
  return steps;
}

/** The owner of /proc/PID is asked for by the step, after the joins: ids are told as the asker's namespace maps them. */
function idOf(id: Id, { target, targetDirectory }: Facts): number | { ownerOf: number; pidfd: number } {
  if (id !== 'follow') return id;
  // makeRequest lets nobody follow without a target, and gatherFacts opened its directory for this.
  return { ownerOf: targetDirectory as number, pidfd: target?.pidfd as number };
}
