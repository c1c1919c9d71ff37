import { type Container, type Engine, isId, pidIn } from './engine.ts';
import { listAt, MalformedJson, pick, textAt, textsAt } from './json.ts';
import { proofOf } from './runtimes.ts';
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
  const [home, run] = [files.place('HOME'), files.place('XDG_RUNTIME_DIR')];
  if (!home || !run) return [system];
  const config = files.place('XDG_CONFIG_HOME') ?? `${home}/.config`;
  const data = files.place('XDG_DATA_HOME') ?? `${home}/.local/share`;
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
const WANTED = 'id names metadata';

function findIn(files: StateFiles, place: Place, wanted: string | undefined): Container[] {
  const drivers = files.list(place.graph).filter((name) => name.endsWith('-containers'));
  return drivers.flatMap((driver) =>
    LISTS.flatMap((list) => listAt(files.json(`${place.graph}/${driver}/${list}`, WANTED))).flatMap(
      (entry) => {
        const id = textAt(entry, 'id');
        const names = textsAt(entry, 'names').filter((name) => name !== '');
        if (id === undefined || !isId(id)) return [];
        if (![id, ...names].some((name) => name.startsWith(wanted ?? ''))) return [];
        const metadata = metadataIn(textAt(entry, 'metadata'));
        // CRI-O keeps its own here, too: who asks for all gets them as pods.
        if (wanted === undefined && textAt(metadata, 'pod-name')) return [];
        const image = textAt(metadata, 'image-name');
        const isSandbox = names.some((name) => /^[0-9a-f]{12}-infra$/.test(name));
        const found = containerOf(files, place, driver, id, names);
        return [{ ...found, ...(image && { image }), ...(isSandbox && { sandbox: true }) }];
      },
    ),
  );
}

function containerOf(
  files: StateFiles,
  { run, runtimes }: Place,
  driver: string,
  id: string,
  names: readonly string[],
): Container {
  const pid = pidIn(files.read(`${run}/${driver}/${id}/userdata/pidfile`));
  const proof = () => proofOf(files, runtimes, id, pid);
  return { scheme: 'podman', id, names, pid, ...(pid === 0 && { state: 'stopped' }), proof };
}

/** JSON within JSON. */
function metadataIn(text = '{}'): unknown {
  try {
    return pick(text, 'image-name pod-name');
  } catch (error) {
    if (error instanceof MalformedJson) return undefined;
    throw error;
  }
}
