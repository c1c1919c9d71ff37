import { type Facts, gatherFacts, pin } from '../facts/facts.ts';
import type { Host } from '../plan/host.ts';
import { makePlan } from '../plan/plan.ts';
import type { Request } from '../request/request.ts';
import { TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { variableIn } from '../sys/variables.ts';
import type { Proof } from '../target/engines/engine.ts';
import { type Maps, seenAs } from '../target/id-maps.ts';
import { statusOf } from '../target/process-status.ts';
import { confinementOf } from '../target/security-module.ts';
import type { Target } from '../target/target.ts';
import { type Caller, type Credentials, callerOf } from './credentials.ts';
import type { Explanation, Identity, Ids, TargetTold, Verdict } from './explanation.ts';
import { candidatesFor, namespacesTold } from './namespaces-told.ts';
import { notesOn } from './notes.ts';
import { cgroupTold, directoryTold, rootTold } from './places.ts';
import { planInWords } from './reasons.ts';
import { rehearse } from './rehearsal.ts';
import type { Rehearsal } from './stage.ts';
import { whatStays } from './stays.ts';

/**
 * Looks at all that decides over an entry, and enters nothing. What cannot be had, so that entering would fail, is the verdict and no
 * failure.
 *
 * @param held the target, where it was pinned before
 */
export function explain(host: Host, request: Request, held?: Target): Explanation {
  const found = attemptFacts(host, request, held);
  const { facts, failure } = found;
  const target = facts ? facts.target : pinIfPossible(host, request, held);
  const plan = facts && makePlan(request, facts, variableIn(host.variables(), 'SHELL'));
  const caller = callerOf(host);
  const candidates = caller ? candidatesFor(host, target, facts, caller) : new Map();
  const rehearsal =
    caller && facts && plan ? rehearse(host, request, facts, plan, caller, candidates) : undefined;
  const cgroup = target ? cgroupTold(host, request, target) : null;
  return {
    version: 1,
    verdict: verdictOf(host, failure, rehearsal, caller),
    target: target ? targetTold(host, target) : null,
    namespaces: namespacesTold(host, request, facts, candidates, rehearsal),
    ids: idsTold(caller, rehearsal),
    root: rootTold(host, request, rehearsal, target),
    directory: directoryTold(host, request, rehearsal, target),
    cgroup,
    stays: caller
      ? whatStays(
          host,
          caller,
          rehearsal && !rehearsal.failure ? rehearsal.who : caller,
          request,
          target,
          plan,
          facts?.controls?.notTaken ?? [],
        )
      : [],
    plan: plan ? planInWords(plan, nameOfProgram(host, request, rehearsal)) : [],
    notes: target ? notesOn(host, request, target, facts, cgroup) : [],
  };
}

function attemptFacts(
  host: Host,
  request: Request,
  held: Target | undefined,
): { facts: Facts; failure?: undefined } | { facts?: undefined; failure: TsenterError } {
  try {
    return { facts: gatherFacts(host, request, held) };
  } catch (error) {
    if (error instanceof TsenterError) return { failure: error };
    throw error;
  }
}

/** What is wrong with it was told already. */
function pinIfPossible(
  sys: Sys,
  { target, hostRoot }: Request,
  held: Target | undefined,
): Target | undefined {
  // What has its number by now is another.
  if (held) return held.pidfd !== undefined && sys.hasEnded(held.pidfd) ? undefined : held;
  try {
    return target && pin(sys, target, hostRoot);
  } catch (error) {
    if (error instanceof TsenterError) return undefined;
    throw error;
  }
}

function verdictOf(
  sys: Sys,
  failure: TsenterError | undefined,
  rehearsal: Rehearsal | undefined,
  caller: Caller | undefined,
): Verdict {
  if (failure)
    return {
      enters: false,
      reason: failure.message,
      hint: failure.hint ?? null,
      cannotBeTold: [],
    };
  if (rehearsal?.failure) return { enters: false, cannotBeTold: [], ...rehearsal.failure };
  return { enters: true, reason: null, hint: null, cannotBeTold: unknown(sys, rehearsal, caller) };
}

/** What the kernel asks others about decides when it is asked. */
function unknown(sys: Sys, rehearsal: Rehearsal | undefined, caller: Caller | undefined): string[] {
  const found = [...(rehearsal?.cannotBeTold ?? [])];
  if (!caller) return [...found, 'what the caller may do, for /proc/self tells nothing'];
  if (caller.status.seccomp !== 0) found.push('whether the seccomp filter of the caller allows it');
  const by = confinementOf(sys, '/proc/self');
  if (by?.denies) found.push(`whether ${by.module}, in which the caller is ${by.context}, allows it`);
  return found;
}

function targetTold(sys: Sys, { pid, proc, container }: Target): TargetTold {
  const status = statusOf(sys, proc);
  return {
    pid,
    name: status?.name ?? null,
    state: status?.state ?? null,
    uid: status?.uids[1] ?? null,
    gid: status?.gids[1] ?? null,
    container: container
      ? {
          engine: container.scheme,
          id: container.id,
          names: container.names,
          proof: proofInWords(container.proof()),
        }
      : null,
  };
}

function proofInWords(proof: Proof): string {
  switch (proof.kind) {
    case 'start':
      return `it was started at the clock tick ${proof.ticks}, as its runtime has written down`;
    case 'cgroup':
      return `it is in the cgroup ${proof.name}`;
    case 'cgroup-id':
      return `its cgroup has the id ${proof.id} in its name`;
    case 'child':
      return `it is a child of ${proof.comm} (${proof.parent})`;
    case 'none':
      return 'nothing';
  }
}

function idsTold(caller: Caller | undefined, rehearsal: Rehearsal | undefined): Ids {
  const who = rehearsal?.who;
  const { uid, gid, groups } = caller ?? { uid: 0, gid: 0, groups: [] };
  return {
    caller: { uid, gid, groups },
    program: who?.maps && !rehearsal?.failure ? identityInside(who, who.maps) : null,
    maps: who?.entered ? (who.maps ?? null) : null,
  };
}

/** As getuid(2) and its like tell inside. */
function identityInside({ uid, gid, groups }: Credentials, maps: Maps): Identity {
  return {
    uid: seenAs(maps.uid, uid),
    gid: seenAs(maps.gid, gid),
    groups: groups.map((group) => seenAs(maps.gid, group)),
  };
}

function nameOfProgram(host: Host, { program }: Request, rehearsal: Rehearsal | undefined): string {
  const found = rehearsal?.program;
  if (found && 'path' in found) return found.path;
  if (program.kind === 'operands') return host.words.at(program.first);
  return program.kind === 'words' ? (program.words[0] ?? '') : 'the first that is there';
}
