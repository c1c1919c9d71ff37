import { crioPods } from './crio.ts';
import type { Container, Engine, Proof } from './engine.ts';
import { textAt } from './json.ts';
import { startTold } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';
import { tomlText } from './toml.ts';

/** containerd: the bundle of each task, by its namespace and id, has the number of its first process. */
export const containerd: Engine = {
  scheme: 'containerd',
  find: (files, wanted) => {
    const [namespace, id] = split(wanted ?? '');
    return bundles(files)
      .filter((bundle) => bundle.namespace.startsWith(namespace) && bundle.id.startsWith(id))
      .map((bundle) => containerOf(files, bundle, 'containerd', [`${bundle.namespace}/${bundle.id}`]));
  },
};

/** The same containers as Kubernetes names them: NAMESPACE/POD/CONTAINER, and NAMESPACE/POD where it has but one. */
export const pod: Engine = {
  scheme: 'pod',
  find: (files, wanted) =>
    // A name without a slash is no pod's: their configurations need not be read.
    wanted === undefined || wanted.includes('/')
      ? [...bundles(files).flatMap((bundle) => inPod(files, bundle)), ...crioPods(files)]
      : [],
};

/** runc's own state is there whatever the configuration says. */
const USUAL = '/run/containerd';

interface Bundle {
  state: string;
  namespace: string;
  id: string;
}

function split(wanted: string): readonly [namespace: string, id: string] {
  const slash = wanted.indexOf('/');
  return slash < 0 ? ['', wanted] : [wanted.slice(0, slash), wanted.slice(slash + 1)];
}

function bundles(files: StateFiles): Bundle[] {
  const config = files.read('/etc/containerd/config.toml') ?? '';
  const state = tomlText(config, '', 'state') ?? USUAL;
  const tasks = `${state}/io.containerd.runtime.v2.task`;
  return files
    .list(tasks)
    .flatMap((namespace) => files.list(`${tasks}/${namespace}`).map((id) => ({ state, namespace, id })));
}

function directoryOf({ state, namespace, id }: Bundle): string {
  return `${state}/io.containerd.runtime.v2.task/${namespace}/${id}`;
}

function containerOf(files: StateFiles, bundle: Bundle, scheme: string, names: readonly string[]): Container {
  const { state, namespace, id } = bundle;
  const text = files.read(`${directoryOf(bundle)}/init.pid`) ?? '';
  const pid = /^\d{1,10}\s*$/.test(text) ? Number(text) : 0;
  const start =
    pid === 0
      ? undefined
      : startTold(
          files,
          [...new Set([state, USUAL])].map((root) => `${root}/runc/${namespace}`),
          id,
          pid,
        );
  const proof: Proof = start === undefined ? { kind: 'cgroup-id', id } : { kind: 'start', ticks: start };
  return { scheme, id, names, pid, ...(pid === 0 && { state: 'stopped' }), proof };
}

/** By what the CRI wrote into the configuration; a sandbox has the namespaces of its pod and no program of anybody's. */
function inPod(files: StateFiles, bundle: Bundle): Container[] {
  const config = files.json(`${directoryOf(bundle)}/config.json`);
  const note = (key: string) => textAt(config, 'annotations', `io.kubernetes.cri.${key}`);
  if (note('container-type') !== 'container') return [];
  const name = `${note('sandbox-namespace')}/${note('sandbox-name')}`;
  return [containerOf(files, bundle, 'pod', [`${name}/${note('container-name')}`, name])];
}
