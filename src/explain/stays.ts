import type { Host } from '../plan/host.ts';
import type { Plan } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import type { Request } from '../request/request.ts';
import { ALL_CAPABILITIES, CAPABILITIES } from '../sys/capabilities.ts';
import type { Sys } from '../sys/sys.ts';
import { readIfPossible } from '../sys/system-call.ts';
import { type ProcessStatus, statusOf } from '../target/process-status.ts';
import { confinementOf } from '../target/security-module.ts';
import { type Caller, type Credentials, rootOf } from './credentials.ts';
import type { Stay } from './explanation.ts';

const MOST = 1 << 16;

/** What is no namespace, so that the program has it from the caller, beside what the target has. */
export function whatStays(
  sys: Host,
  caller: Caller,
  who: Credentials,
  request: Request,
  proc: string | undefined,
  plan: Plan | undefined,
): Stay[] {
  const its = proc === undefined ? undefined : statusOf(sys, proc);
  const { status } = caller;
  const stays: Stay[] = [
    {
      what: 'capabilities',
      program: who.maps ? setOf(capabilitiesInside(caller, who, request)) : 'cannot be told',
      target: its ? setOf(its.permitted) : null,
    },
    { what: 'seccomp', program: filtersOf(status), target: its ? filtersOf(its) : null },
    {
      what: 'no_new_privs',
      program: status.noNewPrivileges ? 'set' : 'not set',
      target: its ? (its.noNewPrivileges ? 'set' : 'not set') : null,
    },
  ];
  const own = confinementOf(sys, '/proc/self');
  if (own)
    stays.push({
      what: 'security module',
      // Of no other module than SELinux there is a context to follow.
      program: has(plan, 'exec-context') ? 'the context of the target' : own.context,
      target: (proc === undefined ? undefined : confinementOf(sys, proc)?.context) ?? null,
    });
  stays.push({
    what: 'session keyring',
    program: has(plan, 'session-keyring') ? 'a new one' : "the caller's",
    target: null,
  });
  return [...stays, ...limits(sys, proc)];
}

/** capabilities(7): what the exec leaves. */
function capabilitiesInside(
  { status }: Caller,
  { uid, entered, permitted, ...rest }: Credentials,
  { keepCapabilities }: Request,
): readonly number[] {
  const isRoot = uid === rootOf({ uid, entered, permitted, ...rest });
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

function has(plan: Plan | undefined, name: Step['step']): boolean {
  return plan?.steps.some(({ step }) => step === name) ?? false;
}

/** Only those that differ: getrlimit(2) has sixteen. */
function limits(sys: Host, proc: string | undefined): Stay[] {
  if (proc === undefined) return [];
  const own = limitsOf(sys, '/proc/self', sys.openFiles?.());
  return limitsOf(sys, proc).flatMap(([what, target]) => {
    const program = own.find(([name]) => name === what)?.[1];
    return program === undefined || program === target ? [] : [{ what: `limit: ${what}`, program, target }];
  });
}

/** proc_pid_limits(5): columns of 26, 21 and 21 characters. */
function limitsOf(sys: Sys, proc: string, openFiles?: string): [name: string, soft: string][] {
  const [, ...lines] = (readIfPossible(sys, `${proc}/limits`, MOST) ?? '').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const name = line.slice(0, 26).trim().replace(/^Max /, '');
      const [soft, hard] = [line.slice(26, 47).trim(), line.slice(47, 68).trim()];
      const own = name === 'open files' ? (openFiles ?? soft) : soft;
      return [name, own === hard ? own : `${own} (at most ${hard})`];
    });
}
