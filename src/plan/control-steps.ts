import type { ControlFacts, Priorities } from '../facts/control-facts.ts';
import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import { CAP_SYS_ADMIN, type CapabilitySets } from '../sys/capabilities.ts';
import type { Step } from './steps.ts';

/** It counts for the steps before it as well. */
export function failureStep(status: number): Step {
  return { step: 'failure-status', status };
}

/**
 * Before this process hides, which makes its files in /proc root's, and before any namespace is entered: the kernel asks about these in the
 * first user namespace (capable()), over which nobody inside has a right. They count for the waiting parent as well.
 */
export function hostSteps({ controls }: Facts): Step[] {
  if (!controls) return [];
  const { closedAbove, oomScore, filtersOf } = controls;
  const steps: Step[] = [];
  if (closedAbove !== undefined) steps.push({ step: 'close-above', last: closedAbove });
  if (filtersOf) steps.push({ step: 'copy-filters', ...filtersOf });
  if (oomScore !== undefined) steps.push({ step: 'oom-score', value: oomScore });
  steps.push(...prioritySteps(controls.raised));
  for (const limit of controls.raisedLimits) steps.push({ step: 'limit', ...limit });
  return steps;
}

/** The policy first: the nice value of one that has none is not kept. */
function prioritySteps({ nice, scheduler, ioPriority }: Priorities): Step[] {
  const steps: Step[] = [];
  if (scheduler) steps.push({ step: 'scheduler', ...scheduler });
  if (nice !== undefined) steps.push({ step: 'nice', value: nice });
  if (ioPriority !== undefined) steps.push({ step: 'io-priority', value: ioPriority });
  return steps;
}

/** After the cgroup was joined, which sets the processors to its own (cpuset(7)). */
export function sessionSteps({ pty }: Request, { controls }: Facts): Step[] {
  const steps: Step[] = controls ? prioritySteps(controls.lowered) : [];
  if (controls?.affinity !== undefined) steps.push({ step: 'affinity', mask: controls.affinity });
  // attach-pty begins one, too.
  if (controls?.newSession && !pty) steps.push({ step: 'new-session' });
  return steps;
}

/**
 * Right before the program: until then low limits would be those of tsenter's own steps as well. Filters last, for they are the target's to
 * write, and one that answers setuid(2) with success, and does nothing, must find nothing left to do. They need no_new_privs, or
 * CAP_SYS_ADMIN (seccomp(2)), which credentialSteps has left for them; if the filter keeps it from being given up, the exec does not, as it
 * is in no set that an exec takes from (capabilities(7)).
 */
export function closingSteps(controls: ControlFacts): Step[] {
  const steps: Step[] = [];
  if (controls.umask !== undefined) steps.push({ step: 'umask', mask: controls.umask });
  for (const limit of controls.limits) steps.push({ step: 'limit', ...limit });
  if (controls.noNewPrivileges) steps.push({ step: 'no-new-privs' });
  if (controls.filtersOf) steps.push({ step: 'filters' });
  if (controls.filtersOf && controls.capabilities && !controls.noNewPrivileges)
    steps.push({ step: 'capabilities', sets: controls.capabilities });
  return steps;
}

/** closingSteps installs the filters, and then gives it up. */
export function ableToFilter(sets: CapabilitySets): CapabilitySets {
  return {
    ...sets,
    permitted: [...sets.permitted, CAP_SYS_ADMIN],
    effective: [...sets.effective, CAP_SYS_ADMIN],
  };
}
