import { bundles, inBundle } from './containerd.ts';
import type { Container, Engine } from './engine.ts';
import { numberAt, textAt } from './json.ts';
import { places } from './podman.ts';
import { proofOf } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';

/**
 * Kubernetes' containers, as it names them: NAMESPACE/POD/CONTAINER, and NAMESPACE/POD where it has but one. A sandbox, which has the
 * namespaces of a pod and no program of anybody's, is none.
 */
export const pod: Engine = {
  scheme: 'pod',
  find: (files, wanted) =>
    // A name without a slash is no pod's: their configurations need not be read.
    wanted === undefined || wanted.includes('/') ? [...onContainerd(files), ...onCrio(files)] : [],
};

function onContainerd(files: StateFiles): Container[] {
  return bundles(files).flatMap((bundle) => {
    const names = namesIn(files, bundle.directory, {
      type: 'io.kubernetes.cri.container-type',
      namespace: 'io.kubernetes.cri.sandbox-namespace',
      pod: 'io.kubernetes.cri.sandbox-name',
      container: 'io.kubernetes.cri.container-name',
    });
    return names.length > 0 ? [inBundle(files, bundle, 'pod', names)] : [];
  });
}

/** CRI-O keeps them where podman does, without a list of names. */
function onCrio(files: StateFiles): Container[] {
  return places(files).flatMap(({ run, runtimes }) =>
    files
      .list(run)
      .filter((driver) => driver.endsWith('-containers'))
      .flatMap((driver) => files.list(`${run}/${driver}`).map((id) => ({ driver, id })))
      .flatMap(({ driver, id }) => onCrioAt(files, `${run}/${driver}/${id}/userdata`, id, runtimes)),
  );
}

function onCrioAt(
  files: StateFiles,
  directory: string,
  id: string,
  runtimes: readonly string[],
): Container[] {
  const names = namesIn(files, directory, {
    type: 'io.kubernetes.cri-o.ContainerType',
    namespace: 'io.kubernetes.pod.namespace',
    pod: 'io.kubernetes.pod.name',
    container: 'io.kubernetes.container.name',
  });
  if (names.length === 0) return [];
  const pid = numberAt(files.json(`${directory}/state.json`, { initPid: true }), 'initPid') ?? 0;
  const proof = proofOf(files, runtimes, id, pid);
  return [{ scheme: 'pod', id, names, pid, ...(pid === 0 && { state: 'stopped' }), proof }];
}

/** From the annotations that a runtime of Kubernetes writes into the configuration of a container; none where it is no such. */
function namesIn(
  files: StateFiles,
  directory: string,
  keys: Readonly<Record<'type' | 'namespace' | 'pod' | 'container', string>>,
): string[] {
  const wanted = { annotations: Object.fromEntries(Object.values(keys).map((key) => [key, true] as const)) };
  const config = files.json(`${directory}/config.json`, wanted);
  const note = (key: string) => textAt(config, 'annotations', key);
  const [namespace, name, container] = [note(keys.namespace), note(keys.pod), note(keys.container)];
  if (note(keys.type) !== 'container' || !namespace || !name || !container) return [];
  return [`${namespace}/${name}/${container}`, `${namespace}/${name}`];
}
