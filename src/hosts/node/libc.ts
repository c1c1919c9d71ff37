import { openSync, writeSync } from 'node:fs';
import { Errno, SystemError } from '../../sys/errors.ts';
import { fromBytes, toCString } from './bytes.ts';
import { CStrings, checked, completed, EINTR, lastErrno, libc } from './koffi.ts';

// Without a wrapper in the C libraries that are in use; the numbers are the same on every architecture.
const SYS_PIDFD_OPEN = 434;
const SYS_PIDFD_GETFD = 438;
const SYS_OPENAT2 = 437;
const SYS_MEMFD_CREATE = process.arch === 'x64' ? 319 : 279;
const SYS_STATX = process.arch === 'x64' ? 332 : 291;
const SYS_IOPRIO_GET = process.arch === 'x64' ? 252 : 31;
const EAGAIN = 11;
const MOST_TRIES = 100;

/** ioprio_get(2) of a process, 0: of this one */
export function ioprioGet(pid: number): number {
  const IOPRIO_WHO_PROCESS = 1;
  return checked('ioprio_get', libc('syscall')(SYS_IOPRIO_GET, IOPRIO_WHO_PROCESS, pid, 0));
}

/** isatty(3) */
export function isTerminal(fd: number): boolean {
  return libc('isatty')(fd) === 1;
}

/** TIOCGWINSZ (ioctl_tty(2)); 0 where it says nothing */
export function columnsOf(fd: number): number {
  const TIOCGWINSZ = 0x5413;
  const size = new Uint8Array(8);
  if (libc('ioctl_pointer')(fd, TIOCGWINSZ, size) === -1) return 0;
  return new DataView(size.buffer).getUint16(2, true);
}

/** strerror(3) */
export function strerror(errno: number): string {
  return libc('strerror')(errno) as unknown as string;
}

/** uname(2)'s release. node:os has it, and takes longer to load. */
export function kernelRelease(): string {
  const FIELD = 65;
  const name = new Uint8Array(6 * FIELD);
  checked('uname', libc('uname')(name));
  const release = name.subarray(2 * FIELD, 3 * FIELD);
  return fromBytes(release.subarray(0, release.indexOf(0)));
}

/** pidfd_open(2), Linux 5.3. The descriptor is close-on-exec. */
export function pidfdOpen(pid: number, flags: number): number {
  return checked('pidfd_open', libc('syscall')(SYS_PIDFD_OPEN, pid, flags, 0));
}

/** pidfd_getfd(2), Linux 5.6. The descriptor is close-on-exec. */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return checked('pidfd_getfd', libc('syscall')(SYS_PIDFD_GETFD, pidfd, fd, 0));
}

/** openat2(2) with RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS, Linux 5.6. */
export function openInRoot(root: number, path: Buffer, flags: number): number {
  const how = new BigUint64Array([BigInt(flags), 0n, 0x12n]);
  const bytes = new Uint8Array(how.buffer);
  const name = Buffer.concat([path, Buffer.of(0)]);
  // While something is renamed or mounted, it cannot be told whether a path with .. stays below.
  for (let tries = 1; ; tries++) {
    const fd = libc('openat2')(SYS_OPENAT2, root, name, bytes, bytes.length);
    const errno = fd >= 0 ? 0 : lastErrno();
    if ((errno !== EAGAIN && errno !== EINTR) || tries === MOST_TRIES) return checked('openat2', fd);
  }
}

/** close(2). Linux releases the descriptor whatever it says. */
export function closeDescriptor(fd: number): void {
  libc('close')(fd);
}

/** poll(2): whether there is something to read, now or before performance.now() is `end`. */
export function isReadable(fd: number, end = 0): boolean {
  const POLLIN = 1;
  const request = new Uint8Array(8);
  const view = new DataView(request.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, POLLIN, true);
  // The kernel does not go on with it after a handler, and Node has one for the end of each child (signal(7)).
  completed('poll', () =>
    libc('poll')(request, 1, end === 0 ? 0 : Math.max(0, Math.ceil(end - performance.now()))),
  );
  return (view.getInt16(6, true) & POLLIN) !== 0;
}

/** What a Unix socket at a path answers, up to its end (Sys.ask): Node's own sockets answer only later. */
export function askSocket(path: Buffer, request: Buffer, most: number): Buffer {
  const [AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC, SOCK_NONBLOCK, MSG_NOSIGNAL] = [1, 1, 0o2000000, 0o4000, 0x4000];
  const SUN_PATH = 108;
  if (path.length >= SUN_PATH) throw new SystemError(Errno.ENAMETOOLONG, 'connect');
  const address = Buffer.alloc(2 + SUN_PATH);
  address.set(new Uint8Array(new Uint16Array([AF_UNIX]).buffer));
  path.copy(address, 2);
  const type = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  const fd = checked('socket', libc('socket')(AF_UNIX, type, 0));
  try {
    completed('connect', () => libc('connect')(fd, address, address.length));
    const sent = completed('send', () => libc('send')(fd, request, request.length, MSG_NOSIGNAL));
    if (sent < request.length) throw new SystemError(EAGAIN, 'send');
    return receiveAll(fd, most);
  } finally {
    closeDescriptor(fd);
  }
}

/** The whole answer comes within two seconds, or none. */
function receiveAll(fd: number, most: number): Buffer {
  const end = performance.now() + 2000;
  const parts: Buffer[] = [];
  for (let length = 0; length <= most; ) {
    if (!isReadable(fd, end)) throw new SystemError(Errno.ETIMEDOUT, 'recv');
    const part = Buffer.alloc(1 << 16);
    const count = libc('recv')(fd, part, part.length, 0);
    if (count === 0) return Buffer.concat(parts);
    if (count > 0) {
      parts.push(part.subarray(0, count));
      length += count;
      continue;
    }
    const errno = lastErrno();
    if (errno !== EINTR && errno !== EAGAIN) throw new SystemError(errno, 'recv');
  }
  throw new SystemError(Errno.EFBIG, 'recv');
}

/** ioctl(2) with a request that takes a number, or nothing. */
export function ioctl(fd: number, request: number, argument = 0): number {
  return completed('ioctl', () => libc('ioctl')(fd, request, argument));
}

/** ioctl(2) with a request that writes a number. */
export function ioctlNumber(fd: number, request: number): number {
  const number = new Uint32Array(1);
  completed('ioctl', () => libc('ioctl_pointer')(fd, request, new Uint8Array(number.buffer)));
  return number[0] ?? 0;
}

/** open_by_handle_at(2) of a handle of `type` with the bytes `handle`. */
export function openByHandle(mount: number, type: number, handle: Uint8Array, flags: number): number {
  const bytes = new Uint8Array(8 + handle.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, handle.length, true);
  view.setInt32(4, type, true);
  bytes.set(handle, 8);
  return completed('open_by_handle_at', () => libc('open_by_handle_at')(mount, bytes, flags));
}

/** Clears FD_CLOEXEC (fcntl(2)). */
export function keepOnExec(fd: number): void {
  const F_SETFD = 2;
  checked('fcntl', libc('fcntl')(fd, F_SETFD, 0));
}

const statxBytes = new Uint8Array(256);
const statxView = new DataView(statxBytes.buffer);

/**
 * Device and inode (statx(2), Linux 4.11) of an ASCII path, or of a descriptor where it is empty: node:fs makes dates of what nobody asks for, and
 * that for each namespace.
 */
export function identify(path: string, fd: number): { dev: bigint; ino: bigint } {
  const [AT_EMPTY_PATH, STATX_INO] = [0x1000, 0x100];
  const flags = path === '' ? AT_EMPTY_PATH : 0;
  completed('stat', () => libc('statx')(SYS_STATX, fd, path, flags, STATX_INO, statxBytes));
  const [major, minor] = [BigInt(statxView.getUint32(136, true)), BigInt(statxView.getUint32(140, true))];
  // gnu_dev_makedev(3)
  const dev =
    ((major & ~0xfffn) << 32n) | ((major & 0xfffn) << 8n) | ((minor & ~0xffn) << 12n) | (minor & 0xffn);
  return { dev, ino: statxView.getBigUint64(32, true) };
}

/**
 * A file in memory (memfd_create(2)) that can be executed, and that nobody can change once it was written, nor make one that cannot be. It is open by Node's own means, so that
 * it is closed with a worker that ends.
 */
export function sealedFile(bytes: Buffer): number {
  const [MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_EXEC, F_ADD_SEALS] = [1, 2, 0x10, 1033];
  const [F_SEAL_ALL, F_SEAL_EXEC] = [0xf, 0x20];
  const create = (flags: number) =>
    libc('memfd_create')(SYS_MEMFD_CREATE, 'tsenter', flags | MFD_CLOEXEC | MFD_ALLOW_SEALING);
  let fd = create(MFD_EXEC);
  // Before Linux 6.3 all can be executed, and none is asked to be.
  if (fd === -1 && lastErrno() === Errno.EINVAL) fd = create(0);
  checked('memfd_create', fd);
  try {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    const seal = (seals: number) => libc('fcntl')(fd, F_ADD_SEALS, seals);
    // Linux 6.3 as well
    if (seal(F_SEAL_ALL | F_SEAL_EXEC) === -1) checked('fcntl', seal(F_SEAL_ALL));
    return openSync(`/proc/self/fd/${fd}`, 'r');
  } finally {
    closeDescriptor(fd);
  }
}

/** Clears O_NONBLOCK (fcntl(2)); what is no descriptor stays none. */
export function blocking(fd: number): void {
  const [F_GETFL, F_SETFL, O_NONBLOCK] = [3, 4, 0o4000];
  const flags = libc('fcntl')(fd, F_GETFL, 0);
  if (flags >= 0 && (flags & O_NONBLOCK) !== 0)
    checked('fcntl', libc('fcntl')(fd, F_SETFL, flags & ~O_NONBLOCK));
}

/** execve(2). Returns only by throwing. */
export function execve(path: string, argv: readonly string[], environment: readonly string[]): never {
  const words = new CStrings(argv);
  const variables = new CStrings(environment);
  checked('execve', libc('execve')(toCString(path), words.pointers, variables.pointers));
  throw new SystemError(0, 'execve');
}
