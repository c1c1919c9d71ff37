import { type Container, type Engine, pidIn } from './engine.ts';
import { proofOf } from './runtimes.ts';
import type { StateFiles } from './state-files.ts';
import { tomlText } from './toml.ts';

/** containerd: the bundle of each task, by its namespace and id, has the number of its first process. */
export const containerd: Engine = {
  scheme: 'containerd',
  find: (files, wanted = '') => {
    const slash = wanted.indexOf('/');
    const [namespace, id] = slash < 0 ? ['', wanted] : [wanted.slice(0, slash), wanted.slice(slash + 1)];
    return bundles(files)
      .filter((bundle) => bundle.namespace.startsWith(namespace) && bundle.id.startsWith(id))
      .map((bundle) => inBundle(files, bundle, 'containerd', [`${bundle.namespace}/${bundle.id}`]));
  },
};

/** runc's own state is there whatever the configuration says. */
const USUAL = '/run/containerd';

export interface Bundle {
  /** of the daemon */
  state: string;
  namespace: string;
  id: string;
  directory: string;
}

export function bundles(files: StateFiles): Bundle[] {
  const config = files.read('/etc/containerd/config.toml') ?? '';
  const state = tomlText(config, '', 'state') ?? USUAL;
  const tasks = `${state}/io.containerd.runtime.v2.task`;
  return files.list(tasks).flatMap((namespace) =>
    files.list(`${tasks}/${namespace}`).map((id) => {
      return { state, namespace, id, directory: `${tasks}/${namespace}/${id}` };
    }),
  );
}

export function inBundle(
  files: StateFiles,
  { state, namespace, id, directory }: Bundle,
  scheme: string,
  names: readonly string[],
): Container {
  const pid = pidIn(files.read(`${directory}/init.pid`));
  const runtimes = [...new Set([state, USUAL])].map((root) => `${root}/runc/${namespace}`);
  const proof = () => proofOf(files, runtimes, id, pid);
  return { scheme, id, names, pid, ...(pid === 0 && { state: 'stopped' }), proof };
}
