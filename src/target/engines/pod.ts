import { bundles, inBundle } from './containerd.ts';
import type { Container, Engine } from './engine.ts';
import { fieldAt, numberAt, textAt, textsAt } from './json.ts';
import { places } from './podman.ts';
import { proofOf } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';

/** The namespace of whatever the CRI plugin of containerd runs. */
const KUBERNETES = 'k8s.io';

/**
 * Kubernetes' containers, as it names them: NAMESPACE/POD/CONTAINER, NAMESPACE/POD where it has but one, and POD where no other namespace has
 * such a one. A sandbox, which has the namespaces of a pod and no program of anybody's, has no name; who asks for all gets it, to know
 * what to leave out.
 */
export const pod: Engine = {
  scheme: 'pod',
  find: (files, wanted) =>
    [...onContainerd(files), ...onCrio(files)].filter(({ sandbox }) => wanted === undefined || !sandbox),
};

function onContainerd(files: StateFiles): Container[] {
  return bundles(files)
    .filter(({ namespace }) => namespace === KUBERNETES)
    .flatMap((bundle) => {
      const told = toldIn(files, bundle.directory, {
        type: 'io.kubernetes.cri.container-type',
        namespace: 'io.kubernetes.cri.sandbox-namespace',
        pod: 'io.kubernetes.cri.sandbox-name',
        container: 'io.kubernetes.cri.container-name',
        image: 'io.kubernetes.cri.image-name',
      });
      return told ? [{ ...inBundle(files, bundle, 'pod', []), ...told }] : [];
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
  const told = toldIn(files, directory, {
    type: 'io.kubernetes.cri-o.ContainerType',
    namespace: 'io.kubernetes.pod.namespace',
    pod: 'io.kubernetes.pod.name',
    container: 'io.kubernetes.container.name',
    image: 'io.kubernetes.cri-o.ImageName',
  });
  if (!told) return [];
  const pid = numberAt(files.json(`${directory}/state.json`, 'initPid'), 'initPid') ?? 0;
  const proof = () => proofOf(files, runtimes, id, pid);
  return [{ scheme: 'pod', id, pid, ...(pid === 0 && { state: 'stopped' }), ...told, proof }];
}

/** From the annotations that a runtime of Kubernetes writes into the configuration of a container; undefined where it is no such. */
function toldIn(
  files: StateFiles,
  directory: string,
  keys: Readonly<Record<'type' | 'namespace' | 'pod' | 'container' | 'image', string>>,
): Pick<Container, 'names' | 'image' | 'command' | 'sandbox'> | undefined {
  const wanted = `annotations{${Object.values(keys).join(' ')}} process{args}`;
  const config = files.json(`${directory}/config.json`, wanted);
  const note = (key: string) => textAt(fieldAt(config, 'annotations'), key);
  const [namespace, name, container] = [note(keys.namespace), note(keys.pod), note(keys.container)];
  if (note(keys.type) === 'sandbox') return { names: [], sandbox: true };
  if (note(keys.type) !== 'container' || !namespace || !name || !container) return undefined;
  const [image, command] = [note(keys.image), textsAt(fieldAt(config, 'process'), 'args')];
  return {
    names: [`${namespace}/${name}/${container}`, `${namespace}/${name}`, name],
    ...(image && { image }),
    ...(command.length > 0 && { command }),
  };
}
