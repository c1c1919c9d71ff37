import type { ControlFacts } from '../facts/control-facts.ts';
import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import type { Step } from './steps.ts';

/**
 * Before this process hides, which makes its files in /proc root's, and before any namespace is entered: the kernel asks about these in the
 * first user namespace (capable()), over which nobody inside has a right. They count for the waiting parent as well.
 */
export function hostSteps({ controls }: Facts): Step[] {
  if (!controls) return [];
  const { closedAbove, oomScore, nice, scheduler, ioPriority, filtersOf } = controls;
  const steps: Step[] = [];
  if (closedAbove !== undefined) steps.push({ step: 'close-above', last: closedAbove });
  if (filtersOf) steps.push({ step: 'copy-filters', ...filtersOf });
  if (oomScore !== undefined) steps.push({ step: 'oom-score', value: oomScore });
  if (nice !== undefined) steps.push({ step: 'nice', value: nice });
  if (scheduler) steps.push({ step: 'scheduler', ...scheduler });
  if (ioPriority !== undefined) steps.push({ step: 'io-priority', value: ioPriority });
  for (const limit of controls.raisedLimits) steps.push({ step: 'limit', ...limit });
  return steps;
}

/** After the cgroup was joined, which sets the processors to its own (cpuset(7)). */
export function sessionSteps({ pty }: Request, { controls }: Facts): Step[] {
  const steps: Step[] = [];
  if (controls?.affinity !== undefined) steps.push({ step: 'affinity', mask: controls.affinity });
  // attach-pty begins one, too.
  if (controls?.newSession && !pty) steps.push({ step: 'new-session' });
  return steps;
}

/**
 * Right before the program: until then low limits and filters would be those of tsenter's own steps as well. Filters last, and they need
 * no_new_privs or CAP_SYS_ADMIN (seccomp(2)): without the former they stand before the credentials (credentialSteps).
 */
export function closingSteps(controls: ControlFacts): Step[] {
  const steps: Step[] = [];
  if (controls.umask !== undefined) steps.push({ step: 'umask', mask: controls.umask });
  for (const limit of controls.limits) steps.push({ step: 'limit', ...limit });
  if (controls.noNewPrivileges) steps.push({ step: 'no-new-privs' });
  if (controls.noNewPrivileges && controls.filtersOf) steps.push({ step: 'filters' });
  return steps;
}
