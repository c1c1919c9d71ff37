import { containerd } from './containerd.ts';
import { docker } from './docker.ts';
import type { Engine } from './engine.ts';
import { lxc } from './lxc.ts';
import { machine } from './machine.ts';
import { pod } from './pod.ts';
import { podman } from './podman.ts';
import { crun, runc } from './runtimes.ts';
import { unit } from './unit.ts';

/** In the order in which one process of two engines is told: docker and podman call containerd, runc and crun. */
export const ENGINES: readonly Engine[] = [docker, podman, pod, containerd, lxc, runc, crun, machine, unit];

/**
 * Whether an engine is asked for a name without a scheme only where the others have none: some look at each process or cgroup of the
 * system; and a pod's name, which most often has its namespace before it, is in the configuration of each container. What may be an id is
 * asked of pods, too: containerd has it as well, and says less.
 */
export function isAskedLast(engine: Engine, name: string): boolean {
  return engine === machine || engine === unit || (engine === pod && !/\/|^[0-9a-f]+$/.test(name));
}
