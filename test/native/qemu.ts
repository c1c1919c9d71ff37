/** What qemu's user emulation (7.2, Debian 12) does otherwise than a machine: rows of the conformance table. */

export const qemu = '/usr/bin/qemu-aarch64-static';

interface Beyond {
  readonly reason: string;
  readonly rows: readonly string[];
}

export const beyondQemu: readonly Beyond[] = [
  {
    reason:
      'NS_GET_NSTYPE is not in the table of ioctls that it hands on (ENOSYS), so that the type of a file that is ' +
      'named cannot be found out',
    rows: [
      ...['mount', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'time', 'user'].flatMap((name) => [
        `${name}: file glued`,
        `${name}: file with =`,
      ]),
      'all: one replaced by a file',
      'files: two, no target',
      'files: mixed with the target',
      'files: mount and pid by file',
      'files: same one twice',
      'files: last one wins',
      'files: own namespaces',
      'selinux context without a target',
      'user: a namespace of another owner',
      'user: by file, others by target',
      'owner: by file',
      'killed by 15: as process 1',
      'status 3: as process 1',
      'stdin closed: files',
      'nsenter --net=FILES/file true',
      'nsenter --net=/proc/PID/ns/uts true',
      'nsenter --mount=/proc/PID/ns/pid true',
      'nsenter --net=/proc/self/ns/net true, by another',
    ],
  },
  {
    reason:
      'it catches the signals that end a process, ignored ones as well: the program starts with the default',
    rows: [
      'ignored: SIGHUP',
      'ignored: SIGINT',
      'ignored: SIGPIPE',
      'ignored: SIGUSR1',
      'ignored: several, forked',
      'ignored: several, no fork',
      'ignored: those that a C library hides',
      'ignored: those that a C library hides, forked',
      'blocked and ignored',
    ],
  },
  {
    reason: 'it has signals 32 and 33 for itself and moves the others',
    rows: ['killed by 32: forked'],
  },
  {
    reason: 'some of the rows above have intended differences, which are not seen',
    rows: ['lists no intended difference that is stale'],
  },
];
