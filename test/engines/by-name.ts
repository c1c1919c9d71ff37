/** Where an engine of engines.sh keeps its state, and what its container is called there. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { tsenter } from '../support/command.ts';

export interface View {
  readonly scheme: string;
  /** What is mounted over the usual place, in a mount namespace of the test: these engines run apart from the system's. */
  readonly mounts?: readonly (readonly [from: string, to: string])[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its id, where that is not its name. */
  id?(): string;
}

const only = (directory: string): string => {
  const [name = '', second] = readdirSync(directory);
  if (second !== undefined) throw new Error(`more than one in ${directory}`);
  return name;
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
    mounts: [
      [
        `${lab}/containerd/cd/state/io.containerd.runtime.v2.task`,
        '/run/containerd/io.containerd.runtime.v2.task',
      ],
    ],
  }),
  docker: (lab) => ({
    scheme: 'docker',
    mounts: [[`${lab}/docker/root`, '/var/lib/docker']],
    id: () => only(`${lab}/docker/root/containers`),
  }),
  lxc: () => ({ scheme: 'lxc' }),
  nspawn: () => ({ scheme: 'machine' }),
};

/** Runs tsenter where the state of the engine is in its usual place. */
export function enterByName(view: View, ...words: readonly string[]): string {
  // Over the folder above, so that nothing is left on the system.
  const mounts = (view.mounts ?? []).map(
    ([from, to]) =>
      `mkdir -p ${from}; mount -t tmpfs tests ${dirname(to)}; mkdir ${to}; mount --bind ${from} ${to};`,
  );
  const script = `${mounts.join('')} exec "$@"`;
  const command = mounts.length > 0 ? ['unshare', '-m', '/bin/sh', '-c', `set -e; ${script}`, 'sh'] : [];
  const [file = '', ...rest] = [...command, tsenter, ...words];
  const env = { PATH: process.env.PATH ?? '', ...view.env };
  const { status, stdout, stderr } = spawnSync(file, rest, { env, encoding: 'utf8', timeout: 30_000 });
  return `${status} ${stdout}${stderr}`.trimEnd();
}
