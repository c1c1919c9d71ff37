import { chmodSync, copyFileSync } from 'node:fs';
import type { Container } from '../engines/container.ts';
import { program } from '../support/programs.ts';

/** A container, and how its engine executes a program in it. */
export interface Place {
  readonly pid: number;
  readonly engine: readonly string[];
}

export interface Case {
  readonly name: string;
  readonly engine: string;
  /** of its own container; undefined: the engine's usual one */
  readonly run?: readonly string[];
}

/** What people confine containers with, as docker and podman have it. */
const CONFINED = [
  ...['--user', '1000:1000', '--group-add', '27', '--cap-drop', 'ALL', '--cap-add', 'NET_RAW'],
  ...['--security-opt', 'no-new-privileges', '--oom-score-adj', '500', '--ulimit', 'nofile=512:1024'],
  ...['--ulimit', 'nproc=900:1000'],
  ...['--cpuset-cpus', '0', '-w', '/tmp', '-e', 'CONFINED=yes', '--network', 'none'],
];

export const CASES: readonly Case[] = [
  { name: 'runc exec', engine: 'runc' },
  { name: 'crun exec', engine: 'crun' },
  { name: 'podman exec', engine: 'podman' },
  { name: 'podman exec, confined', engine: 'podman', run: [...CONFINED, '--cgroup-parent', '/NAME'] },
  { name: 'docker exec', engine: 'docker' },
  { name: 'docker exec, confined', engine: 'docker', run: CONFINED },
  { name: 'docker exec, user namespace', engine: 'remap' },
  { name: 'podman exec, rootless', engine: 'rootless' },
  { name: 'lxc-attach', engine: 'lxc' },
];

/** Starts what the case wants in an engine's container; `end` removes it. */
export function placeOf({ engine, run }: Case, container: Container): { place: Place; end: () => void } {
  if (!run) return { place: placed(container.pid, container.attach()), end: () => {} };
  const name = `${container.name}-more`;
  const options = run.map((word) => word.replace('NAME', container.name));
  container.client('run', '-d', '--name', name, ...options, 'lab/bb:1', '/bin/sleep', '1000');
  const pid = Number(container.client('inspect', '-f', '{{.State.Pid}}', name));
  const words = container.attach().map((word) => (word === container.name ? name : word));
  return {
    place: placed(pid, words),
    end: () => void container.client('rm', '-f', ...(engine === 'podman' ? ['-t', '0'] : []), name),
  };
}

/** With what the look needs beside busybox. */
function placed(pid: number, engine: readonly string[]): Place {
  const copy = `/proc/${pid}/root/tmp/insider`;
  copyFileSync(program('insider'), copy);
  chmodSync(copy, 0o755);
  return { pid, engine };
}
