import type { Container, Engine, Proof } from './engine.ts';
import { listAt, textAt } from './json.ts';
import { startTold } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';
import { tomlText } from './toml.ts';

/** containers-storage(5): what exists is below graphroot, what runs below runroot, each in a directory of the storage driver. */
export const podman: Engine = {
  scheme: 'podman',
  find: (files, wanted) => places(files).flatMap((place) => findIn(files, place, wanted)),
};

interface Place {
  graph: string;
  run: string;
  /** where the OCI runtime has its state */
  runtimes: readonly string[];
}

/** Of the system's containers, and of the caller's own (rootless). */
export function places(files: StateFiles): Place[] {
  const own = files.variable('CONTAINERS_STORAGE_CONF');
  const system = configured(
    files,
    [own, '/etc/containers/storage.conf', '/usr/share/containers/storage.conf'],
    {
      graph: '/var/lib/containers/storage',
      run: '/run/containers/storage',
      runtimes: ['/run/crun', '/run/runc'],
    },
  );
  const [home, run] = [files.variable('HOME'), files.variable('XDG_RUNTIME_DIR')];
  if (!home || !run) return [system];
  const config = files.variable('XDG_CONFIG_HOME') ?? `${home}/.config`;
  const data = files.variable('XDG_DATA_HOME') ?? `${home}/.local/share`;
  const rootless = configured(files, [`${config}/containers/storage.conf`], {
    graph: `${data}/containers/storage`,
    run: `${run}/containers`,
    runtimes: [`${run}/crun`, `${run}/runc`],
  });
  return [system, rootless];
}

function configured(files: StateFiles, paths: readonly (string | undefined)[], usual: Place): Place {
  for (const path of paths) {
    const text = path === undefined ? undefined : files.read(path);
    if (text === undefined) continue;
    const value = (key: string) => tomlText(text, 'storage', key);
    return { ...usual, graph: value('graphroot') ?? usual.graph, run: value('runroot') ?? usual.run };
  }
  return usual;
}

const LISTS = ['containers.json', 'volatile-containers.json'];

function findIn(files: StateFiles, place: Place, wanted = ''): Container[] {
  const drivers = files.list(place.graph).filter((name) => name.endsWith('-containers'));
  return drivers.flatMap((driver) =>
    LISTS.flatMap((list) => listAt(files.json(`${place.graph}/${driver}/${list}`))).flatMap((entry) => {
      const id = textAt(entry, 'id');
      const names = listAt(entry, 'names').filter((name) => typeof name === 'string');
      if (!id || ![id, ...names].some((name) => name.startsWith(wanted))) return [];
      return [containerOf(files, place, driver, id, names)];
    }),
  );
}

function containerOf(
  files: StateFiles,
  { run, runtimes }: Place,
  driver: string,
  id: string,
  names: readonly string[],
): Container {
  const text = files.read(`${run}/${driver}/${id}/userdata/pidfile`) ?? '';
  const pid = /^\d{1,10}\s*$/.test(text) ? Number(text) : 0;
  const start = pid === 0 ? undefined : startTold(files, runtimes, id, pid);
  const proof: Proof = start === undefined ? { kind: 'cgroup-id', id } : { kind: 'start', ticks: start };
  return { scheme: 'podman', id, names, pid, ...(pid === 0 && { state: 'stopped' }), proof };
}
