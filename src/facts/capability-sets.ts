import type { CapabilityEdit } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import { CAP_SETPCAP, type CapabilitySets, capabilityName } from '../sys/capabilities.ts';
import type { Target } from '../target/target.ts';
import type { Miss } from './control-facts.ts';
import type { Rights } from './rights.ts';

/**
 * The sets that the program is executed with: those of the target, or what the caller would have inside, and what was said of them.
 * Securebits are in no file of /proc, so they stay.
 *
 * @param target whose they are; undefined: not the target's
 * @param uid the program's, as far as it is known
 */
export function capabilitiesOf(
  edits: readonly CapabilityEdit[] | undefined,
  target: Target | undefined,
  rights: Rights,
  uid: number | undefined,
  request: Request,
  miss: Miss,
): CapabilitySets | undefined {
  if (!edits && !target) return undefined;
  const base = target ? takenFrom(target, rights, miss) : ofCaller(rights);
  const isRoot = isRootInside(rights, uid, request);
  return (edits ?? []).reduce((sets, edit) => edited(sets, edit, rights, isRoot), base);
}

function takenFrom(
  target: Target,
  { statusOf, own, permitted, bounding, user }: Rights,
  miss: Miss,
): CapabilitySets {
  const theirs = statusOf(target);
  const lacking = [...new Set([...theirs.permitted, ...theirs.bounding])].filter(
    (number) => !permitted.includes(number) && theirs.permitted.includes(number),
  );
  if (lacking.length > 0)
    miss(`capabilities ${lacking.map(capabilityName).join(', ')}`, 'the caller has them not');
  const mayDrop = user !== undefined || own.effective.includes(CAP_SETPCAP);
  const more = bounding.filter((number) => !theirs.bounding.includes(number));
  if (!mayDrop && more.length > 0) miss('capability bounding set', 'the caller lacks CAP_SETPCAP');
  const among = (set: readonly number[], allowed: readonly number[]) =>
    set.filter((number) => allowed.includes(number));
  const kept = among(theirs.permitted, permitted);
  return {
    bounding: mayDrop ? among(theirs.bounding, bounding) : bounding,
    permitted: kept,
    effective: among(theirs.effective, kept),
    inheritable: among(theirs.inheritable, kept),
    ambient: among(theirs.ambient, kept),
  };
}

/** What it has before an exec, inside. */
export function ofCaller({ permitted, bounding }: Rights): CapabilitySets {
  return { bounding, permitted, effective: permitted, inheritable: [], ambient: [] };
}

/** What its exec gives all that the bounding set has (capabilities(7)). */
function isRootInside({ own, user }: Rights, uid: number | undefined, request: Request): boolean {
  if (uid !== undefined) return uid === 0;
  if (request.uid === 'follow') return false;
  return user ? !request.preserveCredentials : own.uids[1] === 0;
}

function edited(
  sets: CapabilitySets,
  { sign, capabilities }: CapabilityEdit,
  { permitted }: Rights,
  isRoot: boolean,
): CapabilitySets {
  if (sign === '=') return { bounding: [], permitted: [], effective: [], inheritable: [], ambient: [] };
  const named = capabilities === 'all' ? permitted : capabilities;
  const change = (set: readonly number[]) =>
    sign === '-' ? set.filter((number) => !named.includes(number)) : [...new Set([...set, ...named])];
  const { bounding, inheritable, ambient } = sets;
  return {
    bounding: change(bounding),
    permitted: change(sets.permitted),
    effective: change(sets.effective),
    inheritable: isRoot && sign === '+' ? inheritable : change(inheritable),
    ambient: isRoot && sign === '+' ? ambient : change(ambient),
  };
}
