import {
  type KernelVersion,
  NAMESPACE_IDS,
  PIDFD_GETFD,
  PIDFD_INODES,
  SETNS_OF_PIDFD,
} from '../sys/kernel.ts';

/** What older kernels have not, from the newest. `test/kernels` tries each on kernels that have it and on some that have it not. */
export const kernelFeatures = {
  namespaceIds: {
    since: NAMESPACE_IDS,
    /** For `--version`. */
    name: 'namespaces by :nsid',
    /** What is so without it, marked up as the texts of options are. */
    without: 'A namespace cannot be given as *:*_nsid_.',
  },
  process1OfNamespace: {
    since: [6, 11],
    name: '--explain of a PID namespace in which nobody is seen',
    without:
      '*--explain* cannot tell whether a program can be forked into a PID namespace, given by its file, in which no process is seen.',
  },
  pidfdInodes: {
    since: PIDFD_INODES,
    name: 'PID:inode',
    without: 'A target cannot be given as *PID:*_inode_, for which the number alone is pinned just as well.',
  },
  coveredRoots: {
    since: [6, 8],
    name: 'a root that something was mounted over',
    without: 'The root of a target that something was mounted over is refused.',
  },
  imageClone: {
    since: [5, 12],
    name: 'the executable as a clone of its mount',
    without:
      'The executable is protected by a copy in memory instead of a clone of its mount (*--unsealed*).',
  },
  setnsOfPidfd: {
    since: SETNS_OF_PIDFD,
    name: 'namespaces joined at once',
    without: 'The namespaces of a target are joined one by one.',
  },
  timeNamespaces: {
    since: PIDFD_GETFD,
    name: 'time namespaces and --net-socket',
    without: 'There are no time namespaces, and *--net-socket* is refused.',
  },
  pidfd: {
    since: [5, 3],
    name: 'pidfd',
    without: 'A target is pinned by its directory in /proc.',
  },
} as const satisfies Readonly<Record<string, KernelFeature>>;

export interface KernelFeature {
  readonly since: KernelVersion;
  readonly name: string;
  readonly without: string;
}

export type KernelFeatureName = keyof typeof kernelFeatures;
