import type { ControlFacts } from '../facts/control-facts.ts';
import type { Facts } from '../facts/facts.ts';
import type { Id, Request } from '../request/request.ts';
import { ableToFilter } from './control-steps.ts';
import type { Step, StepId } from './steps.ts';

/**
 * After the joins: the owner of /proc/PID is told as the asker's user namespace maps it. Before the fork: the directory leads to the
 * processes of the host, and whoever is inside could take it from a child that it holds (pidfd_getfd(2)).
 */
export function rememberSteps(request: Request, { target, targetDirectory }: Facts): Step[] {
  if (request.uid !== 'follow' && request.gid !== 'follow') return [];
  // makeRequest lets nobody follow without a target, and gatherFacts opened its directory for this.
  const directory = targetDirectory as number;
  const { pidfd } = target ?? {};
  return [
    { step: 'ids-of', directory, end: pidfd === undefined ? { stat: target?.stat as number } : { pidfd } },
  ];
}

/** Whose the program is to be; undefined: it stays with whom it is. */
export function userId(request: Request, { controls }: Facts, entersUser: boolean): StepId | undefined {
  return idOf(request.uid ?? controls?.uid ?? (resetsIds(request, entersUser) ? 0 : undefined));
}

/** The groups go with either id: a program that is to be someone else must not keep the memberships of the caller. */
export function credentialSteps(
  request: Request,
  { controls = NONE }: Facts,
  uid: StepId | undefined,
  entersUser: boolean,
): Step[] {
  const { capabilities, groups } = controls;
  const gid = idOf(request.gid ?? controls.gid ?? (resetsIds(request, entersUser) ? 0 : undefined));
  const changesIds = entersUser || uid !== undefined || gid !== undefined;
  const ambient = request.keepCapabilities && entersUser && !capabilities;
  const steps: Step[] = [];
  // Keys are in no namespace: whoever the program is to be would search those of the caller.
  if (changesIds || controls.newKeyring) steps.push({ step: 'session-keyring' });
  if (groups && groups !== 'keep' && groups.length > 0) steps.push({ step: 'groups', gids: groups });
  else if (
    groups ? groups !== 'keep' : gid !== undefined || (uid !== undefined && !request.preserveCredentials)
  )
    steps.push({ step: 'drop-groups' });
  if ((ambient || capabilities) && uid !== undefined) steps.push({ step: 'keep-caps' });
  if (gid !== undefined) steps.push({ step: 'gid', id: gid });
  if (uid !== undefined) steps.push({ step: 'uid', id: uid });
  if (ambient) steps.push({ step: 'ambient-caps' });
  if (capabilities)
    steps.push({
      step: 'capabilities',
      sets: controls.filtersOf && !controls.noNewPrivileges ? ableToFilter(capabilities) : capabilities,
    });
  return steps;
}

/** Nothing was said but nsenter's options. */
const NONE: ControlFacts = {
  noNewPrivileges: false,
  newSession: false,
  newKeyring: false,
  raised: {},
  lowered: {},
  raisedLimits: [],
  limits: [],
  notTaken: [],
};

/** Entering a user namespace makes the ids 0 and drops the groups, unless told otherwise. */
function resetsIds(request: Request, entersUser: boolean): boolean {
  return entersUser && !request.preserveCredentials;
}

function idOf(id: Id | undefined): StepId | undefined {
  return id === 'follow' ? 'remembered' : id;
}
