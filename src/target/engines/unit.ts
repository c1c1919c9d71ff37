import { cgroupsBelow, findCgroups, inCgroup, isInCgroup, lastName } from './cgroups.ts';
import type { Container, Engine } from './engine.ts';
import type { StateFiles } from './state-files.ts';
import { type Manager, type Property, propertiesOf } from './systemd.ts';

const UNIT = /\.(service|scope|socket|mount|swap)$/;
const SLICE = /\.slice$/;
const USERS_MANAGER = /^user@(\d+)\.service$/;
/** What -t takes: `user@1000/NAME`. */
const OF_USER = /^user@(\d+)(?:\.service)?\/(.*)$/;
const LONGEST = 255;

const SYSTEM: Manager = { socket: '/run/systemd/private', uid: 0 };

/**
 * A unit of systemd by its cgroup, `.service` being what may be left out, by the process that systemd takes for its main one. Units of a user
 * are behind what runs them, `user@1000/NAME`, for their names are the user's to choose; the caller's own need not be, where the
 * system has none of the name.
 */
export const unit: Engine = {
  scheme: 'unit',
  find: (files, wanted) => {
    if (wanted === undefined) return [...ofSystem(files, isUnit), ...ofUsers(files, '', isUnit)];
    const [, uid, ofUser] = OF_USER.exec(wanted) ?? [];
    if (uid !== undefined && ofUser !== undefined) return ofUsers(files, uid, isCalled(ofUser));
    const found = ofSystem(files, isCalled(wanted));
    if (found.length > 0) return found;
    const own = ownManager(files);
    const mine = own ? ofUsers(files, String(own.uid), isCalled(wanted)) : [];
    return mine.length > 0 ? mine.map(asOwn) : withoutCgroup(files, wanted, [SYSTEM, ...(own ? [own] : [])]);
  },
};

function isUnit(name: string): boolean {
  return UNIT.test(name);
}

function isCalled(wanted: string): (name: string) => boolean {
  return (name) => {
    const id = unescaped(name);
    return (
      (UNIT.test(id) && (id === wanted || id === `${wanted}.service`)) || (SLICE.test(id) && id === wanted)
    );
  };
}

/** systemd writes `_` before what the kernel could take for a file of its own, as in `_pids.service`. */
function unescaped(name: string): string {
  return name.replace(/^_/, '');
}

function ofSystem(files: StateFiles, isWanted: (name: string) => boolean): Container[] {
  return withMainProcess(files, SYSTEM, findCgroups(files, isWanted), '');
}

/** @param wanted a user's id; '': of all of them */
function ofUsers(files: StateFiles, wanted: string, isWanted: (name: string) => boolean): Container[] {
  const own = ownManager(files);
  const managers = findCgroups(files, (name) => {
    const uid = USERS_MANAGER.exec(name)?.[1];
    return uid !== undefined && (wanted === '' || wanted === uid);
  });
  return managers.flatMap((directory) => {
    const manager = lastName(directory);
    // Somebody else's may answer what he likes, and make who asks wait.
    const asked = own && manager === `user@${own.uid}.service` ? own : undefined;
    return withMainProcess(files, asked, cgroupsBelow(files, directory, isWanted, true), `${manager}/`);
  });
}

/** Of the caller, as systemd(1) itself finds it. */
function ownManager(files: StateFiles): Manager | undefined {
  const directory = files.place('XDG_RUNTIME_DIR');
  const uid = /^\/run\/user\/(\d+)$/.exec(directory ?? '')?.[1];
  return uid === undefined ? undefined : { socket: `${directory}/systemd/private`, uid: Number(uid) };
}

/** @param before what the ids have before them */
function withMainProcess(
  files: StateFiles,
  manager: Manager | undefined,
  directories: readonly string[],
  before: string,
): Container[] {
  const ids = directories.map((directory) => unescaped(lastName(directory)));
  const isAsked = (id: string) => manager !== undefined && id.endsWith('.service');
  const asked = ids.filter(isAsked).map((id): Property => ({ unit: id, of: 'Service', name: 'MainPID' }));
  const answers = manager ? propertiesOf(files, manager, asked) : [];
  let next = 0;
  return directories.map((directory, index) => {
    const id = ids[index] ?? '';
    const main = isAsked(id) ? answers[next++] : undefined;
    // The first process is it mostly. What one that may lie, or is late, tells of another cgroup does not count.
    const isMain = typeof main === 'number' && main > 0 && isInCgroup(files, directory, main);
    return unitIn(files, directory, id, before, isMain ? main : undefined);
  });
}

function unitIn(files: StateFiles, directory: string, id: string, before: string, main?: number): Container {
  if (SLICE.test(id))
    return {
      ...{ scheme: 'unit', id: before + id, names: [], pid: 0, proof: () => ({ kind: 'none' }) as const },
      ...{ cause: 'it has no process of its own', state: 'a slice: name one of the units in it' },
    };
  const short = before.replace(/\.service\/$/, '/');
  const names = [id, id.replace(/\.service$/, '')].map((name) => short + name);
  return inCgroup(files, directory, ['unit', before + id, ...names], main);
}

/** Without the user's manager before its names, because the system has none of them. */
function asOwn(container: Container): Container {
  return { ...container, names: container.names.flatMap((name) => [name, name.replace(OF_USER, '$2')]) };
}

/** One that has no cgroup has no process: what it is instead, systemd knows. */
function withoutCgroup(files: StateFiles, wanted: string, managers: readonly Manager[]): Container[] {
  const id = UNIT.test(wanted) || SLICE.test(wanted) ? wanted : `${wanted}.service`;
  if (id.length > LONGEST) return [];
  const asked = ['LoadState', 'ActiveState', 'SubState'].map(
    (name): Property => ({ unit: id, of: 'Unit', name }),
  );
  for (const manager of managers) {
    const [load, active, sub] = propertiesOf(files, manager, asked);
    if (load !== 'loaded') continue;
    const state = active === sub ? String(active) : `${active} (${sub})`;
    const names = [id, id.replace(/\.service$/, '')];
    return [{ scheme: 'unit', id, names, pid: 0, state, proof: () => ({ kind: 'none' }) }];
  }
  return [];
}
