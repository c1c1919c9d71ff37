import type { Container, Engine } from './engine.ts';
import { fieldAt, numberAt, textAt } from './json.ts';
import { startTold } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';

/** dockerd writes each container's configuration and state into one file whenever they change. */
export const docker: Engine = {
  scheme: 'docker',
  find: (files, wanted) => {
    const found = places(files).map((place) => ({ place, ids: files.list(`${place.data}/containers`) }));
    // Who may not look there may still be one that the daemon tells.
    if (wanted !== undefined && found.every(({ ids }) => ids.length === 0)) return askDaemons(files, wanted);
    return found.flatMap(({ place, ids }) => findIn(files, place, ids, wanted));
  },
};

interface Place {
  /** --data-root */
  data: string;
  /** --exec-root */
  exec: string;
}

/** The system's daemon and the caller's own (rootless), each as its configuration says. */
function places(files: StateFiles): Place[] {
  const home = files.variable('HOME');
  const config = files.variable('XDG_CONFIG_HOME') ?? (home && `${home}/.config`);
  const data = files.variable('XDG_DATA_HOME') ?? (home && `${home}/.local/share`);
  const run = files.variable('XDG_RUNTIME_DIR');
  const found = [
    configured(files, '/etc/docker/daemon.json', { data: '/var/lib/docker', exec: '/run/docker' }),
  ];
  if (config && data && run)
    found.push(
      configured(files, `${config}/docker/daemon.json`, { data: `${data}/docker`, exec: `${run}/docker` }),
    );
  return found;
}

function configured(files: StateFiles, path: string, { data, exec }: Place): Place {
  const daemon = files.json(path);
  return { data: textAt(daemon, 'data-root') ?? data, exec: textAt(daemon, 'exec-root') ?? exec };
}

function findIn(files: StateFiles, { data, exec }: Place, ids: readonly string[], wanted = ''): Container[] {
  return ids.flatMap((id) => {
    const path = `${data}/containers/${id}/config.v2.json`;
    const text = files.read(path);
    // Most of a thousand files need not be understood: a name stands in its file as it is.
    if (text === undefined || !(id.startsWith(wanted) || text.includes(lastPart(wanted)))) return [];
    const found = containerOf(files.parse(path, text));
    const start = found[0] && startTold(files, [`${exec}/runtime-runc/moby`], id, found[0].pid);
    return start === undefined
      ? found
      : found.map((one) => ({ ...one, proof: { kind: 'start', ticks: start } }));
  });
}

/** Docker Engine API, "Inspect a container": its answer has the same fields. With HTTP/1.0 it ends where the connection does. */
function askDaemons(files: StateFiles, wanted: string): Container[] {
  if (!/^[\w.-]+$/.test(wanted)) return [];
  for (const socket of sockets(files)) {
    const answer = files.ask(socket, `GET /containers/${wanted}/json HTTP/1.0\r\nHost: docker\r\n\r\n`);
    const body = answer === undefined ? -1 : answer.indexOf('\r\n\r\n');
    if (answer && body >= 0 && /^HTTP\/1\.[01] 200 /.test(answer))
      return containerOf(files.parse(socket, answer.slice(body + 4)));
  }
  return [];
}

function sockets(files: StateFiles): string[] {
  const host = files.variable('DOCKER_HOST');
  if (host !== undefined) return host.startsWith('unix://') ? [host.slice('unix://'.length)] : [];
  const run = files.variable('XDG_RUNTIME_DIR');
  return ['/run/docker.sock', ...(run === undefined ? [] : [`${run}/docker.sock`])];
}

/** Of `PROJECT/SERVICE` each part stands by itself. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function containerOf(config: unknown): Container[] {
  const id = textAt(config, 'ID') ?? textAt(config, 'Id');
  const pid = numberAt(config, 'State', 'Pid');
  if (id === undefined || id === '' || pid === undefined) return [];
  const state = stateOf(config);
  return [
    {
      scheme: 'docker',
      id,
      names: namesOf(config),
      pid,
      ...(state && { state }),
      proof: { kind: 'cgroup-id', id },
    },
  ];
}

/** Its own, and those by which compose knows it. */
function namesOf(config: unknown): string[] {
  const name = textAt(config, 'Name')?.replace(/^\//, '');
  const label = (key: string) => textAt(config, 'Config', 'Labels', `com.docker.compose.${key}`);
  const [project, service, number] = [label('project'), label('service'), label('container-number')];
  const names = name ? [name] : [];
  if (project && service) names.push(`${project}/${service}`);
  if (project && service && number) names.push(`${project}/${service}/${number}`);
  return names;
}

function stateOf(config: unknown): string | undefined {
  const is = (state: string) => fieldAt(config, 'State', state) === true;
  if (is('Restarting')) return 'restarting';
  if (is('Paused')) return 'paused';
  if (is('Dead')) return 'dead';
  return is('Running') ? undefined : 'stopped';
}
