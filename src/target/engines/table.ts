import { containerd } from './containerd.ts';
import { docker } from './docker.ts';
import type { Engine } from './engine.ts';
import { lxc } from './lxc.ts';
import { machine } from './machine.ts';
import { pod } from './pod.ts';
import { podman } from './podman.ts';
import { crun, runc } from './runtimes.ts';
import { unit } from './unit.ts';

/**
 * In the order in which one process of two engines is told: docker and podman call containerd, runc and crun. The last ones look at
 * each process or cgroup of the system, so of a name without a scheme they are asked where the others have none.
 */
export const ENGINES: readonly Engine[] = [docker, podman, pod, containerd, lxc, runc, crun, machine, unit];

export const LAST_ASKED: readonly Engine[] = [machine, unit];
