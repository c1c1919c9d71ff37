import type { Container } from './engine.ts';
import { numberAt, textAt } from './json.ts';
import { places } from './podman.ts';
import { startTold } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';

/**
 * Kubernetes' containers on CRI-O: it keeps them where podman does, without a list of names; each has its configuration, with what the CRI
 * calls it, and the state of its first process.
 */
export function crioPods(files: StateFiles): Container[] {
  return places(files).flatMap(({ run, runtimes }) =>
    files
      .list(run)
      .filter((driver) => driver.endsWith('-containers'))
      .flatMap((driver) =>
        files
          .list(`${run}/${driver}`)
          .flatMap((id) => podAt(files, `${run}/${driver}/${id}/userdata`, id, runtimes)),
      ),
  );
}

function podAt(files: StateFiles, directory: string, id: string, runtimes: readonly string[]): Container[] {
  const config = files.json(`${directory}/config.json`);
  const note = (key: string) => textAt(config, 'annotations', `io.kubernetes.${key}`);
  if (note('cri-o.ContainerType') !== 'container') return [];
  const pid = numberAt(files.json(`${directory}/state.json`), 'initPid') ?? 0;
  const name = `${note('pod.namespace')}/${note('pod.name')}`;
  const start = pid === 0 ? undefined : startTold(files, runtimes, id, pid);
  return [
    {
      scheme: 'pod',
      id,
      names: [`${name}/${note('container.name')}`, name],
      pid,
      ...(pid === 0 && { state: 'stopped' }),
      proof: start === undefined ? { kind: 'cgroup-id', id } : { kind: 'start', ticks: start },
    },
  ];
}
