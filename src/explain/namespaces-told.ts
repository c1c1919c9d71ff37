import type { Facts } from '../facts/facts.ts';
import type { Request } from '../request/request.ts';
import { NAMESPACES, type NamespaceName, procFile } from '../sys/namespaces.ts';
import type { Sys } from '../sys/sys.ts';
import type { Target } from '../target/target.ts';
import type { Caller } from './credentials.ts';
import type { NamespaceTold } from './explanation.ts';
import { type Candidate, candidateOf } from './joins.ts';
import type { Rehearsal } from './stage.ts';
import { seen } from './user-namespace.ts';

/** What setns(2) will decide over: those that the facts have, and where these could not be had whatever can be opened of the target. */
export function candidatesFor(
  sys: Sys,
  target: Target | undefined,
  facts: Facts | undefined,
  caller: Caller,
): Map<NamespaceName, Candidate> {
  const found = new Map<NamespaceName, Candidate>();
  for (const { name } of NAMESPACES) {
    const wanted = facts?.namespaces.find((namespace) => namespace.name === name);
    const fd =
      wanted?.fd ?? (target && seen(() => sys.open(`${target.proc}/ns/${procFile(name)}`, 'namespace')));
    const origin = wanted?.origin ?? 'target';
    const candidate =
      fd === undefined
        ? undefined
        : seen(() =>
            candidateOf(
              sys,
              { name, fd, origin, ...(wanted?.link && { link: wanted.link }) },
              target,
              caller,
            ),
          );
    if (candidate) found.set(name, candidate);
  }
  return found;
}

export function namespacesTold(
  sys: Sys,
  request: Request,
  facts: Facts | undefined,
  candidates: ReadonlyMap<NamespaceName, Candidate>,
  rehearsal: Rehearsal | undefined,
): NamespaceTold[] {
  return NAMESPACES.flatMap(({ name }) => {
    const caller = seen(() => sys.readLink(`/proc/self/ns/${procFile(name)}`));
    const candidate = candidates.get(name);
    if (caller === undefined && !candidate) return [];
    const same = caller === undefined || !candidate ? null : caller === candidate.text;
    const action = actionOf(request, facts, name, same);
    const refusal = rehearsal?.refused.get(name);
    const isAsked = action === 'enter' || action === 'enter again';
    return [
      {
        type: name,
        caller: caller ?? null,
        target: candidate?.text ?? null,
        same,
        owner: candidate ? ownerOf(name, candidate) : null,
        action,
        // What comes after a step that fails is not looked at.
        allowed: isAsked && refusal ? false : isAsked && rehearsal?.joined.has(name) ? true : null,
        missing: refusal?.missing ?? [],
        why: refusal?.why ?? null,
      },
    ];
  });
}

function ownerOf(name: NamespaceName, { lineage }: Candidate): NamespaceTold['owner'] {
  const level = name === 'user' ? lineage?.[1] : lineage?.[0];
  if (!level) return null;
  return { namespace: level.name, uid: (name === 'user' ? lineage?.[0] : level)?.owner ?? null };
}

function actionOf(
  request: Request,
  facts: Facts | undefined,
  name: NamespaceName,
  same: boolean | null,
): NamespaceTold['action'] {
  const found = facts?.namespaces.find((namespace) => namespace.name === name);
  if (found) return found.entered ? 'enter again' : 'enter';
  const isNamed =
    request.namespaces[name] !== undefined ||
    (name === 'user' && request.userParent) ||
    (name === 'net' && request.netSocket !== undefined);
  if (isNamed) return 'enter';
  if (!request.all) return 'not asked for';
  return facts || same ? 'passed over' : 'enter';
}
