import type { CapabilityEdit } from '../request/controls.ts';
import type { Request } from '../request/request.ts';
import { CAP_SETPCAP, type CapabilitySets, capabilityName } from '../sys/capabilities.ts';
import { Errno, TsenterError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import { insideOf, mapsOf } from '../target/id-maps.ts';
import type { Target } from '../target/target.ts';
import type { Miss } from './control-facts.ts';
import type { Rights } from './rights.ts';

/**
 * The sets that the program is executed with: those of the target, or what the caller would have inside, and what was said of them.
 * Securebits are in no file of /proc, so they stay.
 *
 * @param target whose they are; undefined: not the target's
 * @param uid the program's, as far as it is known
 * @throws TsenterError for what the caller has not to give, or may not take away
 */
export function capabilitiesOf(
  sys: Sys,
  edits: readonly CapabilityEdit[] | undefined,
  target: Target | undefined,
  rights: Rights,
  uid: number | undefined,
  request: Request,
  noNewPrivileges: boolean,
  miss: Miss,
): CapabilitySets | undefined {
  if (!edits && !target) return undefined;
  const isRoot = isRootInside(rights, uid, request);
  const isMeant = target !== undefined && countsFor(target, rights, request, miss);
  if (!isMeant && !edits) return undefined;
  const base = isMeant
    ? takenFrom(target, rights, hasRootOf(sys, target, rights, isRoot, request), miss)
    : wouldBe(rights, isRoot, request);
  const sets = (edits ?? []).reduce((changed, edit) => edited(changed, edit, rights, isRoot), base);
  if (mayBound(rights)) return sets;
  // With no_new_privs an exec gives nothing that is not permitted already, whatever the bounding set has.
  if (noNewPrivileges) return { ...sets, bounding: rights.bounding };
  if (rights.bounding.every((number) => sets.bounding.includes(number))) return sets;
  throw new TsenterError({
    verb: 'drop',
    object: 'capabilities from the bounding set',
    cause: sys.describe(Errno.EPERM),
    errno: Errno.EPERM,
    hint: 'The caller lacks CAP_SETPCAP; with --no-new-privs the bounding set may stay.',
  });
}

/**
 * A target that has just made a user namespace has all of them there, and had few in the one that the program is going to be in.
 *
 * @throws TsenterError where it has gone to another one since its own was opened
 */
function countsFor(target: Target, rights: Rights, { all, namespaces }: Request, miss: Miss): boolean {
  if (rights.isInSameUser(target)) return true;
  if (all || namespaces.user?.from === 'target')
    throw new TsenterError({
      verb: 'take',
      object: `capabilities of ${target.label}`,
      cause: 'it has gone to another user namespace meanwhile',
    });
  miss('capabilities', "they count in another user namespace than the program's");
  return false;
}

/** The program is root because the target is, or because the caller is and nobody else was said: it is to have no more than that root. */
function hasRootOf(
  sys: Sys,
  target: Target,
  rights: Rights,
  isRoot: boolean,
  { uid, controls }: Request,
): boolean {
  const isSaid = typeof uid === 'number' || controls?.user !== undefined;
  if (isSaid || !(isRoot || uid === 'follow')) return false;
  const { user } = rights;
  const [, effective = -1] = rights.statusOf(target).uids;
  const ranges = user && mapsOf(sys, target.proc)?.uid;
  return (ranges ? insideOf(ranges, effective) : effective) === 0;
}

/** prctl(2), PR_CAPBSET_DROP. */
function mayBound({ own, user }: Rights): boolean {
  return user !== undefined || own.effective.includes(CAP_SETPCAP);
}

/**
 * @param isRoot it is root, and so the program: to that an exec gives back what the bounding set has, although the target has given it up, or
 *   has securebits, which no file tells of
 */
function takenFrom(target: Target, rights: Rights, isRoot: boolean, miss: Miss): CapabilitySets {
  const { statusOf, permitted, bounding } = rights;
  const theirs = statusOf(target);
  const lacking = theirs.permitted.filter((number) => !permitted.includes(number));
  if (lacking.length > 0)
    miss(`capabilities ${lacking.map(capabilityName).join(', ')}`, 'the caller has them not');
  const mayDrop = mayBound(rights);
  const more = bounding.filter((number) => !theirs.bounding.includes(number));
  if (!mayDrop && more.length > 0) miss('capability bounding set', 'the caller lacks CAP_SETPCAP');
  const among = (set: readonly number[], allowed: readonly number[]) =>
    set.filter((number) => allowed.includes(number));
  const kept = among(theirs.permitted, permitted);
  const most = isRoot ? [...kept, ...theirs.inheritable] : theirs.bounding;
  return {
    bounding: mayDrop ? among(among(theirs.bounding, most), bounding) : bounding,
    permitted: kept,
    effective: among(theirs.effective, kept),
    inheritable: among(theirs.inheritable, kept),
    ambient: among(theirs.ambient, kept),
  };
}

/** What it has before an exec, inside. */
function ofCaller({ permitted, bounding }: Rights): CapabilitySets {
  return { bounding, permitted, effective: permitted, inheritable: [], ambient: [] };
}

/** What nothing was said of yet: the ambient ones do not survive that root becomes another (capabilities(7)). */
function wouldBe(rights: Rights, isRoot: boolean, request: Request): CapabilitySets {
  const { own, user, permitted } = rights;
  const sets = ofCaller(rights);
  if (user) return request.keepCapabilities ? { ...sets, inheritable: permitted, ambient: permitted } : sets;
  const isLeft = own.uids.includes(0) && !isRoot;
  return { ...sets, inheritable: own.inheritable, ambient: isLeft ? [] : own.ambient };
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
  const lacking = sign === '+' && named.find((number) => !permitted.includes(number));
  if (typeof lacking === 'number')
    throw new TsenterError({
      verb: 'give',
      object: capabilityName(lacking),
      cause: 'the caller has it not',
      hint: 'Nobody can give more than is permitted to him: CapPrm of /proc/self/status.',
    });
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
