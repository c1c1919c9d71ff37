import type { Facts } from '../facts/facts.ts';
import type { Id, Request } from '../request/request.ts';
import type { Step, StepId } from './steps.ts';

/** Whose the program is to be; undefined: it stays with whom it is. */
export function userId(request: Request, facts: Facts, entersUser: boolean): StepId | undefined {
  return idOf(request.uid ?? (resetsIds(request, entersUser) ? 0 : undefined), facts);
}

/** The groups go with either id: a program that is to be someone else must not keep the memberships of the caller. */
export function credentialSteps(
  request: Request,
  facts: Facts,
  uid: StepId | undefined,
  entersUser: boolean,
): Step[] {
  const gid = idOf(request.gid ?? (resetsIds(request, entersUser) ? 0 : undefined), facts);
  const ambient = request.keepCapabilities && entersUser;
  // Keys are in no namespace: whoever the program is to be would search those of the caller.
  const steps: Step[] = [{ step: 'session-keyring' }];
  if (gid !== undefined || (uid !== undefined && !request.preserveCredentials))
    steps.push({ step: 'drop-groups' });
  if (ambient && uid !== undefined) steps.push({ step: 'keep-caps' });
  if (gid !== undefined) steps.push({ step: 'gid', id: gid });
  if (uid !== undefined) steps.push({ step: 'uid', id: uid });
  if (ambient) steps.push({ step: 'ambient-caps' });
  return steps;
}

/** Entering a user namespace makes the ids 0 and drops the groups, unless told otherwise. */
function resetsIds(request: Request, entersUser: boolean): boolean {
  return entersUser && !request.preserveCredentials;
}

/** The owner of /proc/PID is asked for by the step, after the joins: ids are told as the asker's namespace maps them. */
function idOf(id: Id | undefined, { target, targetDirectory }: Facts): StepId | undefined {
  if (id !== 'follow') return id;
  // makeRequest lets nobody follow without a target, and gatherFacts opened its directory for this.
  const ownerOf = targetDirectory as number;
  return target?.pidfd === undefined
    ? { ownerOf, stat: target?.stat as number }
    : { ownerOf, pidfd: target.pidfd };
}
