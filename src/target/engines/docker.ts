import { type Container, type Engine, isId, type Proof } from './engine.ts';
import { fieldAt, listAt, numberAt, textAt, textsAt } from './json.ts';
import { proofOf } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';

/** dockerd writes each container's configuration and state into one file whenever they change. */
export const docker: Engine = {
  scheme: 'docker',
  find: (files, wanted) => {
    if (wanted === undefined) return findAll(files);
    const found: Container[] = [];
    const hidden: string[] = [];
    for (const place of places(files)) {
      const here = findIn(files, place, wanted);
      if (here) found.push(...here);
      else hidden.push(place.socket);
    }
    // Who may not look there may still be one that the daemon tells.
    return found.length > 0 ? found : askDaemons(files, hidden, wanted);
  },
};

/** The daemon is asked where its files cannot be looked at. */
function findAll(files: StateFiles): Container[] {
  const asked = new Set<string>();
  const ask = (socket: string) => {
    if (asked.has(socket)) return undefined;
    asked.add(socket);
    return askForAll(files, socket);
  };
  return places(files).flatMap((place) => {
    const inFiles = () => findIn(files, place);
    return files.orElse(inFiles, () => socketsFor(files, [place.socket]).map(ask)[0]) ?? [];
  });
}

interface Place {
  /** --data-root */
  data: string;
  /** --exec-root */
  exec: string;
  socket: string;
}

/** The system's daemon and the caller's own (rootless), each as its configuration says. */
function places(files: StateFiles): Place[] {
  const home = files.place('HOME');
  const config = files.place('XDG_CONFIG_HOME') ?? (home && `${home}/.config`);
  const data = files.place('XDG_DATA_HOME') ?? (home && `${home}/.local/share`);
  const run = files.place('XDG_RUNTIME_DIR');
  const system = { data: '/var/lib/docker', exec: '/run/docker', socket: '/run/docker.sock' };
  const found = [configured(files, '/etc/docker/daemon.json', system)];
  if (config && data && run) {
    const own = { data: `${data}/docker`, exec: `${run}/docker`, socket: `${run}/docker.sock` };
    found.push(configured(files, `${config}/docker/daemon.json`, own));
  }
  return found;
}

function configured(files: StateFiles, path: string, usual: Place): Place {
  const daemon = files.json(path, 'data-root exec-root');
  const [data, exec] = [textAt(daemon, 'data-root'), textAt(daemon, 'exec-root')];
  return { ...usual, data: data ?? usual.data, exec: exec ?? usual.exec };
}

/** With userns-remap the daemon keeps all in a directory that is called by the ids which root inside is mapped to. */
function remappedPlaces(files: StateFiles, place: Place): Place[] {
  return files
    .list(place.data)
    .filter((name) => /^\d+\.\d+$/.test(name))
    .map((name) => ({ ...place, data: `${place.data}/${name}` }));
}

const COMPOSE = 'com.docker.compose';
const [PROJECT, SERVICE, NUMBER] = [
  `${COMPOSE}.project`,
  `${COMPOSE}.service`,
  `${COMPOSE}.container-number`,
];
const LABELS = `Labels{${PROJECT} ${SERVICE} ${NUMBER}}`;
const WANTED = `ID Id Name State{Pid Running Paused Restarting Dead} Path Args Config{Image ${LABELS}}`;

/** undefined where nothing may be looked at, or is there. */
function findIn(files: StateFiles, place: Place, wanted = ''): Container[] | undefined {
  const { length } = files.notes;
  const ids = files.listIfThere(`${place.data}/containers`);
  const remapped = files.notes.length === length ? remappedPlaces(files, place) : [];
  if (!ids && remapped.length === 0) return undefined;
  return [
    ...findAmong(files, place, ids ?? [], wanted),
    ...remapped.flatMap((each) => findAmong(files, each, files.list(`${each.data}/containers`), wanted)),
  ];
}

function findAmong(
  files: StateFiles,
  { data, exec }: Place,
  ids: readonly string[],
  wanted: string,
): Container[] {
  const found: Container[] = [];
  const runtimes = [`${exec}/runtime-runc/moby`];
  for (const id of ids) {
    if (!isId(id)) continue;
    // Most of a thousand files need not be understood: a name stands in its file as it is.
    const part = id.startsWith(wanted) ? undefined : lastPart(wanted);
    const config = files.json(`${data}/containers/${id}/config.v2.json`, WANTED, part);
    const one =
      config === undefined ? undefined : containerOf(config, (pid) => proofOf(files, runtimes, id, pid));
    if (one?.id === id) found.push(one);
  }
  return found;
}

/** Docker Engine API, "Inspect a container": its answer has the same fields. With HTTP/1.0 it ends where the connection does. */
function askDaemons(files: StateFiles, hidden: readonly string[], wanted: string): Container[] {
  if (!/^[\w.-]+$/.test(wanted)) return [];
  for (const socket of socketsFor(files, hidden)) {
    const answer = get(files, socket, `/containers/${wanted}/json`, WANTED);
    const one = answer === undefined ? undefined : containerOf(answer);
    if (answer !== undefined) return one ? [one] : [];
  }
  return [];
}

const LISTED = `Id Names State Image ${LABELS}`;

/** "List containers": of each what it is called, and not its process. */
function askForAll(files: StateFiles, socket: string): Container[] | undefined {
  const answer = get(files, socket, '/containers/json?all=1', LISTED);
  if (answer === undefined) return undefined;
  return listAt(answer).flatMap((one) => {
    const state = textAt(one, 'State');
    const is = (word: string) => state === word;
    const config = {
      Id: fieldAt(one, 'Id'),
      Name: textsAt(one, 'Names')[0],
      State: {
        Pid: 0,
        Running: is('running'),
        Paused: is('paused'),
        Restarting: is('restarting'),
        Dead: is('dead'),
      },
      Config: { Image: fieldAt(one, 'Image'), Labels: fieldAt(one, 'Labels') },
    };
    const found = containerOf(config);
    if (!found) return [];
    return [is('running') || is('paused') ? { ...found, isOnlyInCgroup: true } : found];
  });
}

function get(files: StateFiles, socket: string, path: string, wanted: string): unknown {
  const answer = files.ask(socket, `GET ${path} HTTP/1.0\r\nHost: docker\r\n\r\n`);
  const body = answer === undefined ? -1 : answer.indexOf('\r\n\r\n');
  if (!answer || body < 0 || !/^HTTP\/1\.[01] 200 /.test(answer)) return undefined;
  return files.parse(socket, answer.slice(body + 4), wanted);
}

function socketsFor(files: StateFiles, usual: readonly string[]): readonly string[] {
  const host = files.variable('DOCKER_HOST');
  if (host === undefined) return usual;
  return host.startsWith('unix://') ? [host.slice('unix://'.length)] : [];
}

/** Of `PROJECT/SERVICE` each part stands by itself. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** @param proof of its process; none: that its cgroup has the id */
function containerOf(config: unknown, proof?: (pid: number) => Proof): Container | undefined {
  const id = textAt(config, 'ID') ?? textAt(config, 'Id');
  const pid = numberAt(fieldAt(config, 'State'), 'Pid');
  if (id === undefined || !isId(id) || pid === undefined) return undefined;
  const names = namesOf(config);
  const container: Container = {
    scheme: 'docker',
    id,
    names,
    pid,
    proof: () => proof?.(pid) ?? { kind: 'cgroup-id', id },
  };
  const state = stateOf(fieldAt(config, 'State'));
  if (state) container.state = state;
  const image = textAt(fieldAt(config, 'Config'), 'Image');
  if (image) container.image = image;
  const program = textAt(config, 'Path');
  if (program) container.command = [program, ...textsAt(config, 'Args')];
  // By dockershim and cri-dockerd.
  if (names[0]?.startsWith('k8s_POD_')) container.sandbox = true;
  return container;
}

/** Its own, and those by which compose knows it: an image may have such labels, too, but says nothing of what a container is called. */
function namesOf(config: unknown): string[] {
  const written = textAt(config, 'Name') ?? '';
  const name = written.startsWith('/') ? written.slice(1) : written;
  if (name === '') return [];
  const labels = fieldAt(fieldAt(config, 'Config'), 'Labels');
  const [project, service] = [textAt(labels, PROJECT), textAt(labels, SERVICE)];
  if (!project || !service || !isOfCompose(name, project, service)) return [name];
  const [known, number] = [`${project}/${service}`, textAt(labels, NUMBER)];
  return number ? [name, known, `${known}/${number}`] : [name, known];
}

function isOfCompose(name: string, project: string, service: string): boolean {
  return name.startsWith(`${project}-${service}-`) || name.startsWith(`${project}_${service}_`);
}

function stateOf(state: unknown): string | undefined {
  if (fieldAt(state, 'Restarting') === true) return 'restarting';
  if (fieldAt(state, 'Paused') === true) return 'paused';
  if (fieldAt(state, 'Dead') === true) return 'dead';
  return fieldAt(state, 'Running') === true ? undefined : 'stopped';
}
