/** Where an engine of engines.sh keeps its state, and what its container is called there. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tsenter } from '../support/command.ts';
import { podsAt } from './pods.ts';

type Mounts = readonly (readonly [from: string, to: string])[];

export interface View {
  readonly scheme: string;
  /** What is mounted over the usual place, in a mount namespace of the test: these engines run apart from the system's. */
  readonly mounts?: Mounts;
  readonly env?: Readonly<Record<string, string>>;
  /** Its id, where that is not its name. */
  id?(): string;
}

const only = (directory: string): string => {
  const [name = '', second] = readdirSync(directory);
  if (second !== undefined) throw new Error(`more than one in ${directory}`);
  return name;
};

const TASKS = 'io.containerd.runtime.v2.task';
/** The tasks of a containerd, where one namespace is in use; and the state of what it has called, which is in its usual place. */
const tasksAt = (state: string): Mounts => {
  const tasks = `${TASKS}/${only(`${state}/${TASKS}`)}`;
  return [
    [`${state}/${tasks}`, `/run/containerd/${tasks}`],
    ['/run/containerd/runc', '/run/containerd/runc'],
  ];
};

export const views: Readonly<Record<string, (lab: string) => View>> = {
  runc: () => ({ scheme: 'runc' }),
  crun: () => ({ scheme: 'crun' }),
  podman: (lab) => ({
    scheme: 'podman',
    env: { CONTAINERS_STORAGE_CONF: `${lab}/podman/storage.conf` },
    id: () => {
      const driver = readdirSync(`${lab}/podman/root`).find((name) => name.endsWith('-containers'));
      return JSON.parse(readFileSync(`${lab}/podman/root/${driver}/containers.json`, 'utf8'))[0].id;
    },
  }),
  containerd: (lab) => ({
    scheme: 'containerd',
    mounts: tasksAt(`${lab}/containerd/cd/state`),
  }),
  pod: (lab) => ({
    scheme: 'pod',
    mounts: tasksAt(`${lab}/pod/cd/state`),
    id: () => podsAt(`${lab}/pod/cd.sock`).find(({ kind }) => kind === 'container')?.id ?? '',
  }),
  docker: (lab) => ({
    scheme: 'docker',
    mounts: [[`${lab}/docker/root`, '/var/lib/docker']],
    id: () => only(`${lab}/docker/root/containers`),
  }),
  remap: (lab) => ({
    scheme: 'docker',
    mounts: [[`${lab}/remap/root`, '/var/lib/docker']],
    id: () =>
      only(
        `${lab}/remap/root/${readdirSync(`${lab}/remap/root`).find((name) => /^\d/.test(name))}/containers`,
      ),
  }),
  lxc: () => ({ scheme: 'lxc' }),
  nspawn: () => ({ scheme: 'machine' }),
};

/** The words before a command that sees the state of the engine in its usual place, and the environment that it is to have. */
export function surroundings({ mounts, env }: View): { under: string[]; env: Record<string, string> } {
  return { under: underMounts(mounts ?? []), env: { PATH: process.env.PATH ?? '', ...env } };
}

/** All of them are kept elsewhere while the folders above are covered, so that nothing is left on the system. */
function underMounts(mounts: Mounts): string[] {
  const once = [...new Map(mounts.map(([from, to]) => [to, from]))];
  const covered = new Set(once.map(([to]) => to.split('/').slice(0, 3).join('/')));
  const script = [
    'set -e; mount -t tmpfs tests /mnt',
    ...once.map(([, from], index) => `mkdir /mnt/${index}; mount --bind ${from} /mnt/${index}`),
    ...[...covered].map((folder) => `mount -t tmpfs tests ${folder}`),
    ...once.map(([to], index) => `mkdir -p ${to}; mount --bind /mnt/${index} ${to}`),
    'umount -l /mnt; exec "$@"',
  ];
  return once.length === 0 ? [] : ['/usr/bin/env', 'unshare', '-m', 'sh', '-c', script.join('; '), 'sh'];
}

/** Runs tsenter where the state of the engine is in its usual place. */
export function enterByName(view: View, ...words: readonly string[]): string {
  const { under, env } = surroundings(view);
  const [file = '', ...rest] = [...under, tsenter, ...words];
  const { status, stdout, stderr } = spawnSync(file, rest, { env, encoding: 'utf8', timeout: 30_000 });
  return `${status} ${stdout}${stderr}`.trimEnd();
}
