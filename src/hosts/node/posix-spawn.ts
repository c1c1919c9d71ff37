import { SystemError } from '../../sys/errors.ts';
import { CStrings, checked, EINTR, lastErrno, libc } from './koffi.ts';
import { blocking, closeDescriptor } from './libc.ts';

/** What becomes the child's of a number: a descriptor of this process, /dev/null, or whatever it had there. */
export type Handed = number | 'null' | undefined;

export interface Spawn {
  file: string;
  words: readonly string[];
  /** NAME=VALUE, byte for byte; undefined: what this process has */
  environment: readonly string[] | undefined;
  /** by the child's numbers */
  descriptors: readonly Handed[];
  leadsSession: boolean;
}

/** Larger than what the C libraries' posix_spawnattr_t and posix_spawn_file_actions_t are. */
const OPAQUE = 512;
const SIGNAL_SET = 128;
const [POSIX_SPAWN_SETSIGDEF, POSIX_SPAWN_SETSIGMASK, POSIX_SPAWN_SETSID] = [0x04, 0x08, 0x80];
const [O_RDONLY, O_RDWR] = [0, 2];
const [F_GETFD, FD_CLOEXEC, F_DUPFD_CLOEXEC] = [1, 1, 1030];

/**
 * posix_spawn(3). The child shares this process's memory until it executes the file, so that it takes the same time however much memory that
 * is; fork(2) copies the tables of all of it. Signals have their defaults, and none is blocked.
 *
 * @returns the child's process id
 * @throws SystemError where there is no child then
 */
export function posixSpawn({ file, words, environment, descriptors, leadsSession }: Spawn): number {
  const actions = new Uint8Array(OPAQUE);
  spawned(libc('posix_spawn_file_actions_init')(actions));
  const copies: number[] = [];
  try {
    const outOfTheWay = (fd: number): number => {
      if (fd >= descriptors.length) return fd;
      const copy = checked('fcntl', libc('fcntl')(fd, F_DUPFD_CLOEXEC, descriptors.length));
      copies.push(copy);
      return copy;
    };
    descriptors.forEach((fd, number) => {
      hand(actions, fd, number, outOfTheWay);
    });
    const pid = new Int32Array(1);
    spawned(
      libc('posix_spawn')(
        pid,
        file,
        actions,
        attributes(leadsSession),
        new CStrings(words).pointers,
        environment === undefined ? ownEnvironment() : new CStrings(environment).pointers,
      ),
    );
    return pid[0] ?? 0;
  } finally {
    for (const copy of copies) closeDescriptor(copy);
    libc('posix_spawn_file_actions_destroy')(actions);
  }
}

/** @param outOfTheWay gives the same with a number that none of the child's takes */
function hand(actions: Uint8Array, fd: Handed, number: number, outOfTheWay: (fd: number) => number): void {
  if (fd === undefined) return;
  if (fd === 'null') {
    const flags = number === 0 ? O_RDONLY : O_RDWR;
    spawned(libc('posix_spawn_file_actions_addopen')(actions, number, '/dev/null', flags, 0));
    return;
  }
  // This process may have it so for itself; what the child executes expects to wait.
  if (number <= 2) blocking(fd);
  if (fd === number && !isClosedOnExec(fd)) return;
  spawned(libc('posix_spawn_file_actions_adddup2')(actions, outOfTheWay(fd), number));
}

function isClosedOnExec(fd: number): boolean {
  return (checked('fcntl', libc('fcntl')(fd, F_GETFD, 0)) & FD_CLOEXEC) !== 0;
}

/** By their flags, made when they are first used. */
const kept = new Map<number, Uint8Array>();

function attributes(leadsSession: boolean): Uint8Array {
  const flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (leadsSession ? POSIX_SPAWN_SETSID : 0);
  const made = kept.get(flags) ?? newAttributes(flags);
  kept.set(flags, made);
  return made;
}

function newAttributes(flags: number): Uint8Array {
  const made = new Uint8Array(OPAQUE);
  spawned(libc('posix_spawnattr_init')(made));
  spawned(libc('posix_spawnattr_setflags')(made, flags));
  spawned(libc('posix_spawnattr_setsigdefault')(made, new Uint8Array(SIGNAL_SET).fill(0xff)));
  spawned(libc('posix_spawnattr_setsigmask')(made, new Uint8Array(SIGNAL_SET)));
  return made;
}

/** Where environ(7) is. */
let environ: number | undefined;

/** What it leads to, which setenv(3) moves. */
function ownEnvironment(): bigint {
  environ ??= libc('dlsym')(null, 'environ');
  const pointer = new BigUint64Array(1);
  libc('memcpy')(pointer, environ, pointer.byteLength);
  return pointer[0] ?? 0n;
}

/** These answer with the error itself. */
function spawned(errno: number): void {
  if (errno !== 0) throw new SystemError(errno, 'posix_spawn');
}

/** Two ends, both close-on-exec, of a socket (socketpair(2)). */
export function socketPair(): [number, number] {
  const [AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC] = [1, 1, 0o2000000];
  const ends = new Int32Array(2);
  checked('socketpair', libc('socketpair')(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  const [one = -1, other = -1] = ends;
  return [one, other];
}

/** dup3(2): `fd` is then what `by` is, and close-on-exec. */
export function replaceDescriptor(fd: number, by: number): void {
  const O_CLOEXEC = 0o2000000;
  checked('dup3', libc('dup3')(by, fd, O_CLOEXEC));
}

/** What waitpid(2) says of a child: its status, that it goes on, or that somebody else has waited for it. */
export function statusOf(pid: number): number | 'goes on' | 'lost' {
  const WNOHANG = 1;
  const status = new Int32Array(1);
  const found = libc('waitpid')(pid, status, WNOHANG);
  if (found === 0) return 'goes on';
  if (found === -1) return lastErrno() === EINTR ? 'goes on' : 'lost';
  return status[0] ?? 0;
}
