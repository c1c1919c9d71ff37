/** State files in the form in which docker, podman, containerd and runc write them, for as many containers as are wanted. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Made {
  readonly name: string;
  /** 64 hexadecimal digits */
  readonly id: string;
  readonly pid: number;
}

/** An id that is a number, so that it tells which. */
export const idOf = (number: number): string => `e${number.toString(16).padStart(63, '0')}`;

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** As runc has it: the process first, and then its configuration, most of which is the filter that docker and podman set. */
function runcState({ id, pid }: Made): string {
  const start = Number(
    readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ')[19],
  );
  const syscalls = Array.from({ length: 360 }, (_, index) => ({
    name: `system_call_${index}`,
    action: 3,
    errnoRet: null,
    args: [],
  }));
  const mounts = Array.from({ length: 12 }, (_, index) => ({
    source: '/source',
    destination: `/place/${index}`,
    device: 'bind',
    flags: 20480,
    propagation_flags: [278528],
    data: '',
    relabel: '',
    rec_attr: null,
    extensions: 0,
  }));
  return JSON.stringify({
    id,
    init_process_pid: pid,
    init_process_start: start,
    created: '2026-11-26T14:50:23.837746382Z',
    config: {
      rootfs: '/var/lib/rootfs',
      mounts,
      seccomp: { default_action: 2, architectures: ['amd64'], syscalls },
    },
    rootless: false,
    cgroup_paths: { '': `/sys/fs/cgroup/docker/${id}` },
  });
}

/** Below `root`, docker's containers: its own file, and what runc has of each. */
export function writeDocker(root: string, containers: readonly Made[]): void {
  for (const made of containers) {
    const { id, name, pid } = made;
    const config = {
      StreamConfig: {},
      State: {
        Running: pid !== 0,
        Paused: false,
        Restarting: false,
        OOMKilled: false,
        Dead: false,
        Pid: pid,
      },
      ID: id,
      Created: '2026-11-26T14:50:24.320232528Z',
      Managed: false,
      Path: '/docker-entrypoint.sh',
      Args: ['nginx', '-g', 'daemon off;'],
      Config: {
        Hostname: id.slice(0, 12),
        Env: Array.from({ length: 20 }, (_, index) => `VARIABLE_${index}=${'value'.repeat(6)}`),
        Image: 'registry.example/shop/front:1.27',
        Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': name },
      },
      NetworkSettings: { Networks: { shop_default: { Aliases: [name], IPAddress: '172.18.0.2' } } },
      Name: `/${name}`,
      Driver: 'overlay2',
      MountPoints: Object.fromEntries(
        ['/data', '/etc/nginx/conf.d', '/var/cache'].map((place) => [
          place,
          { Source: `/srv${place}`, Destination: place, RW: true, Type: 'bind', Propagation: 'rprivate' },
        ]),
      ),
    };
    write(`${root}/var/lib/docker/containers/${id}/config.v2.json`, JSON.stringify(config));
    if (pid !== 0) write(`${root}/run/docker/runtime-runc/moby/${id}/state.json`, runcState(made));
  }
}

/** runc's, which calls them by their names. */
export function writeRunc(root: string, containers: readonly Made[]): void {
  for (const made of containers) write(`${root}/run/runc/${made.id}/state.json`, runcState(made));
}

/** Podman's: one list, a file with the process, and runc's. */
export function writePodman(root: string, containers: readonly Made[]): void {
  const storage = `${root}/var/lib/containers/storage/overlay-containers`;
  const list = containers.map(({ id, name }) => ({
    id,
    names: [name],
    image: idOf(0),
    layer: idOf(1),
    metadata: JSON.stringify({ 'image-name': 'registry.example/db:16', 'image-id': idOf(0), name }),
    created: '2026-11-26T14:50:23.732537453Z',
    flags: { MountLabel: '', ProcessLabel: '' },
  }));
  write(`${storage}/containers.json`, JSON.stringify(list));
  for (const made of containers)
    write(`${root}/run/containers/storage/overlay-containers/${made.id}/userdata/pidfile`, String(made.pid));
  writeRunc(root, containers);
}

/** A pod each, of a sandbox and a container, as the CRI of containerd has them. */
export function writePods(root: string, containers: readonly (Made & { sandbox: Made })[]): void {
  const annotations = (type: string, pod: string) => ({
    'io.kubernetes.cri.container-type': type,
    'io.kubernetes.cri.sandbox-id': idOf(2),
    'io.kubernetes.cri.sandbox-name': pod,
    'io.kubernetes.cri.sandbox-namespace': 'shop',
  });
  for (const { sandbox, ...made } of containers) {
    const notes = {
      ...annotations('container', made.name),
      'io.kubernetes.cri.container-name': 'nginx',
      'io.kubernetes.cri.image-name': 'registry.example/front:1',
    };
    for (const [{ id, pid }, annotated, args] of [
      [made, notes, ['nginx', '-g', 'daemon off;']],
      [sandbox, annotations('sandbox', made.name), ['/pause']],
    ] as const) {
      const task = `${root}/run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}`;
      const mounts = Array.from({ length: 20 }, (_, index) => ({
        destination: `/place/${index}`,
        type: 'bind',
        source: `/var/lib/kubelet/pods/${id}/volumes/${index}`,
        options: ['rbind', 'rprivate', 'rw'],
      }));
      const config = {
        ociVersion: '1.1.0',
        process: { user: { uid: 0, gid: 0 }, args, env: ['PATH=/bin'], cwd: '/', capabilities: {} },
        root: { path: 'rootfs' },
        mounts,
        annotations: annotated,
        linux: { cgroupsPath: `kubepods-pod.slice:cri-containerd:${id}`, namespaces: [{ type: 'pid' }] },
      };
      write(`${task}/init.pid`, String(pid));
      write(`${task}/config.json`, JSON.stringify(config));
      write(`${root}/run/containerd/runc/k8s.io/${id}/state.json`, runcState({ id, pid, name: '' }));
    }
  }
}
