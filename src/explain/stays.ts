import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Request } from '../request/request.ts';
import { ALL_CAPABILITIES, CAPABILITIES } from '../sys/capabilities.ts';
import { type ProcessStatus, statusOf } from '../target/process-status.ts';
import { confinementOf } from '../target/security-module.ts';
import type { Target } from '../target/target.ts';
import { type Caller, type Credentials, rootOf } from './credentials.ts';
import type { Stay } from './explanation.ts';
import { handedOn } from './handed-on.ts';
import { limitsBeside, surroundingsBeside } from './surroundings.ts';

/** What is no namespace: as the program will have it, from the caller or by a step, beside what the target has. */
export function whatStays(
  sys: Host,
  caller: Caller,
  who: Credentials,
  request: Request,
  target: Target | undefined,
  plan: Plan | undefined,
  notTaken: readonly string[],
): Stay[] {
  const proc = target?.proc;
  const its = proc === undefined ? undefined : statusOf(sys, proc);
  const { status } = caller;
  const noNewPrivileges = status.noNewPrivileges || has(plan, 'no-new-privs');
  const stay = (what: string, program: string, ofTarget: (theirs: ProcessStatus) => string): Stay => ({
    what,
    program,
    target: its ? ofTarget(its) : null,
  });
  const stays = [
    stay(
      'capabilities',
      who.maps ? setOf(capabilitiesInside(caller, who, request, !noNewPrivileges)) : 'cannot be told',
      ({ permitted }) => setOf(permitted),
    ),
    stay('seccomp', its && has(plan, 'filters') ? filtersOf(its) : filtersOf(status), filtersOf),
    stay('no_new_privs', isSet(noNewPrivileges), (theirs) => isSet(theirs.noNewPrivileges)),
  ];
  const own = confinementOf(sys, '/proc/self');
  if (own)
    stays.push({
      what: 'security module',
      program: has(plan, 'exec-context')
        ? 'the context of the target'
        : has(plan, 'exec-profile')
          ? 'the profile of the target'
          : own.context,
      target: (proc === undefined ? undefined : confinementOf(sys, proc)?.context) ?? null,
    });
  stays.push({
    what: 'session keyring',
    program: has(plan, 'session-keyring') ? 'a new one' : "the caller's",
    target: null,
  });
  return [
    ...stays,
    ...handedOn(request, plan, notTaken),
    ...limitsBeside(sys, proc, plan),
    ...surroundingsBeside(sys, status, its, target, plan),
  ];
}

/** capabilities(7): what the exec leaves. */
function capabilitiesInside(
  { status }: Caller,
  { uid, entered, permitted, ...rest }: Credentials,
  { keepCapabilities }: Request,
  gains: boolean,
): readonly number[] {
  const isRoot = uid === rootOf({ uid, entered, permitted, ...rest });
  const { sets } = rest;
  if (sets && !isRoot) return sets.ambient;
  if (sets) {
    const given = [...new Set([...sets.bounding, ...sets.inheritable])];
    // With no_new_privs an exec gives nothing that is not permitted (prctl(2)).
    return gains ? given : given.filter((number) => sets.permitted.includes(number));
  }
  if (isRoot) return entered ? ALL_CAPABILITIES : status.bounding;
  if (keepCapabilities && entered) return permitted;
  return uid === status.uids[1] && !entered ? status.ambient : [];
}

function setOf(capabilities: readonly number[]): string {
  const known = capabilities.filter((number) => number < CAPABILITIES.length);
  if (known.length === 0) return 'none';
  if (known.length === CAPABILITIES.length) return 'all';
  const missing = ALL_CAPABILITIES.filter((number) => !known.includes(number));
  const named = (list: readonly number[]) =>
    list.map((number) => (CAPABILITIES[number] ?? '').toLowerCase()).join(' ');
  return missing.length < known.length ? `all but ${named(missing)}` : named(known);
}

/** seccomp(2) */
function filtersOf({ seccomp, filters }: ProcessStatus): string {
  if (seccomp === 0) return 'no filter';
  return seccomp === 1 ? 'strict' : `${filters || 'a'} filter${filters > 1 ? 's' : ''}`;
}

function isSet(value: boolean): string {
  return value ? 'set' : 'not set';
}

function has(plan: Plan | undefined, name: Step['step']): boolean {
  return plan?.steps.some(({ step }) => step === name) ?? false;
}
