import type { StepId } from '../plan/steps.ts';
import { CAP_SETGID } from '../sys/capabilities.ts';
import { Errno } from '../sys/errors.ts';
import { outsideOf, seenAs } from '../target/id-maps.ts';
import { hasCapability, setGid, setUid } from './credentials.ts';
import { fail, type Stage } from './stage.ts';

export function remember(stage: Stage, directory: number): void {
  const { host, result, remembered } = stage;
  const { uid, gid } = host.status(directory);
  const { maps } = result.who;
  remembered.uid = maps && seenAs(maps.uid, uid);
  remembered.gid = maps && seenAs(maps.gid, gid);
}

export function dropGroups(stage: Stage): void {
  const { who } = stage.result;
  if (!who.maps) {
    stage.result.cannotBeTold.push('whether groups can be dropped in the user namespace');
    return;
  }
  const may = hasCapability(who, CAP_SETGID);
  if (may && who.maps.setgroups !== 'deny' && who.maps.gid.length > 0) who.groups = [];
  else if (!who.groupsDropped && who.groups.length > 0)
    fail(
      stage,
      'drop supplementary groups',
      Errno.EPERM,
      may
        ? 'The user namespace denies setgroups(2): --preserve-credentials leaves ids and groups as they are.'
        : 'The caller lacks CAP_SETGID; --preserve-credentials leaves ids and groups as they are.',
    );
}

export function setGroups(stage: Stage, gids: readonly number[]): void {
  const { who, cannotBeTold } = stage.result;
  const what = 'set supplementary groups';
  if (!who.maps) {
    cannotBeTold.push('whether groups can be set in the user namespace');
    return;
  }
  const outside = gids.map((gid) => outsideOf(who.maps?.gid ?? [], gid));
  if (!hasCapability(who, CAP_SETGID))
    fail(stage, what, Errno.EPERM, 'The caller lacks CAP_SETGID in this user namespace.');
  else if (who.maps.setgroups === 'deny')
    fail(stage, what, Errno.EPERM, 'The user namespace denies setgroups(2).');
  else if (outside.includes(undefined))
    fail(
      stage,
      what,
      Errno.EINVAL,
      'The user namespace maps no such id: --explain shows its maps, --preserve-credentials leaves the ids as they are.',
    );
  else who.groups = outside.filter((gid) => gid !== undefined);
}

export function changeId(stage: Stage, kind: 'uid' | 'gid', wanted: StepId): void {
  const { result, remembered } = stage;
  const [called, capability] = kind === 'uid' ? ['user', 'CAP_SETUID'] : ['group', 'CAP_SETGID'];
  const id = wanted === 'remembered' ? remembered[kind] : wanted;
  const change =
    id === undefined ? 'unknown' : kind === 'uid' ? setUid(result.who, id) : setGid(result.who, id);
  if (change === 'unknown') result.cannotBeTold.push(`whether the user namespace maps the ${called} id`);
  if (change === 'unmapped')
    fail(
      stage,
      `set ${called} id ${id}`,
      Errno.EINVAL,
      'The user namespace maps no such id: --preserve-credentials leaves the ids as they are.',
    );
  if (change === 'not permitted')
    fail(
      stage,
      `set ${called} id ${id}`,
      Errno.EPERM,
      `The caller lacks ${capability} in this user namespace.`,
    );
}
