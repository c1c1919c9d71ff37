import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { Errno, SystemError } from '../../sys/errors.ts';
import type { FileStatus, OpenAs, Stat, Sys } from '../../sys/sys.ts';
import { variableIn } from '../../sys/variables.ts';
import { MalformedJson } from '../../target/engines/json.ts';
import { fromBytes, toBytes, toPath } from './bytes.ts';
import { callerEnvironment, isPrivileged } from './caller.ts';
import {
  askSocket,
  closeDescriptor,
  columnsOf,
  identify,
  ioctl,
  ioctlNumber,
  ioprioGet,
  isReadable,
  isTerminal,
  kernelRelease,
  openByHandle,
  openInRoot,
  pidfdGetfd,
  pidfdOpen,
  strerror,
} from './libc.ts';
import { pickParsed } from './pick-parsed.ts';
import { helper } from './place.ts';
import { printInRoot, printInside } from './print-inside.ts';

const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const { O_RDONLY, O_WRONLY, O_DIRECTORY, O_EXCL, O_NONBLOCK, O_NOCTTY } = constants;

const OPEN_FLAGS: Readonly<Record<OpenAs, number>> = {
  namespace: O_RDONLY | O_NONBLOCK | O_NOCTTY,
  file: O_RDONLY | O_NONBLOCK | O_NOCTTY,
  input: O_RDONLY | O_NOCTTY,
  directory: O_PATH | O_DIRECTORY,
  listing: O_RDONLY | O_DIRECTORY,
  write: O_WRONLY | O_NOCTTY,
  path: O_PATH,
};

const NS_GET_USERNS = 0xb701;
const NS_GET_PARENT = 0xb702;
const NS_GET_NSTYPE = 0xb703;
const NS_GET_OWNER_UID = 0xb704;
const NS_GET_PID_FROM_PIDNS = 0x8004b706;
const SIOCGSKNS = 0x894c;
const PIDFD_THREAD = O_EXCL;
const FILEID_NSFS = 0xf1;
const AT_FDCWD = -100;
/** What statSync() takes for an answer. */
const NOT_THERE: readonly number[] = [Errno.ENOENT, Errno.ENOTDIR];
const EINTR = 4;
const EAGAIN = 11;

/** By what the system is seen; environments are NAME=VALUE strings, read when they are asked for. */
export interface Seen {
  /** what looks where Node cannot */
  readonly helper: string;
  readonly callers: () => readonly string[];
  /** what the program gets; for a command line the caller's */
  readonly programs: () => readonly string[];
}

const AS_COMMAND: Seen = { helper, callers: callerEnvironment, programs: callerEnvironment };

/** Linux as Node sees it, with koffi for the system calls that Node does not offer. */
export class NodeSys implements Sys {
  #programs: readonly string[] | undefined;
  #callers: readonly string[] | undefined;
  readonly #seen: Seen;
  readonly #open = new Set<number>();
  /** of these, those that Node did not open: in a worker it warns of one that is closed by it all the same */
  readonly #foreign = new Set<number>();
  #chunk: Buffer | undefined;

  constructor(seen: Seen = AS_COMMAND) {
    this.#seen = seen;
  }

  variables(): readonly string[] {
    const { programs, callers } = this.#seen;
    this.#programs ??= programs === callers ? this.#ofCaller() : programs();
    return this.#programs;
  }

  variable(name: string): string | undefined {
    return variableIn(this.#ofCaller(), name);
  }

  #ofCaller(): readonly string[] {
    this.#callers ??= this.#seen.callers();
    return this.#callers;
  }

  get #helper(): string {
    return this.#seen.helper;
  }

  isPrivileged(): boolean {
    return isPrivileged();
  }

  isTerminal(fd: number): boolean {
    // node:tty would load Node's whole network code.
    return isCharacterDevice(fd) && isTerminal(fd);
  }

  columns(fd: number): number {
    return columnsOf(fd);
  }

  write(fd: 1 | 2, text: string): void {
    const bytes = toBytes(text);
    let done = 0;
    while (done < bytes.length) {
      try {
        done += writeSync(fd, bytes, done);
      } catch (error) {
        // A caller's non-blocking pipe that is full: nothing else is to be done here but to try again.
        if (numberOf(error) !== EAGAIN) throw toSystemError(error, 'write');
      }
    }
  }

  describe(errno: number): string {
    return strerror(errno);
  }

  kernelRelease(): string {
    return kernelRelease();
  }

  open(path: string, as: OpenAs, root?: number): number {
    const flags = OPEN_FLAGS[as] | O_CLOEXEC;
    if (root !== undefined) return this.#noteForeign(openInRoot(root, toBytes(path), flags));
    const fd = system('open', () => openSync(toPath(path), flags));
    this.#open.add(fd);
    return fd;
  }

  close(fd: number): void {
    this.#open.delete(fd);
    if (this.#foreign.delete(fd)) closeDescriptor(fd);
    else system('close', () => closeSync(fd));
  }

  read(fd: number, most: number, part?: string): string {
    // A new one for each of a thousand files takes longer than to read them.
    this.#chunk ??= Buffer.allocUnsafeSlow(1 << 16);
    const chunk = this.#chunk;
    const kept: string[] = [];
    let length = 0;
    let unfinished = '';
    for (;;) {
      const count = system('read', () => readSync(fd, chunk));
      const text = chunk.toString('latin1', 0, count);
      // A line may go on in what is read next.
      const end = part === undefined || count === 0 ? count : text.lastIndexOf('\n') + 1;
      if (end > 0 || count === 0) {
        const complete = unfinished + text.slice(0, end);
        const piece = part === undefined ? complete : linesWith(part, complete);
        kept.push(piece);
        length += piece.length;
        unfinished = '';
      }
      unfinished += text.slice(end);
      if (count === 0) return kept.join('');
      if (length + unfinished.length > most) throw new SystemError(Errno.EFBIG, 'read');
    }
  }

  readJson(fd: number, most: number, wanted: string, part = ''): unknown {
    const text = this.read(fd, most);
    try {
      return text.includes(part) ? pickParsed(text, wanted) : undefined;
    } catch (error) {
      if (error instanceof MalformedJson) throw new SystemError(Errno.EBADMSG, 'read');
      throw error;
    }
  }

  list(fd: number, of?: 'directories'): string[] {
    const path = `/proc/self/fd/${fd}`;
    if (of === undefined) return system('getdents64', () => readdirSync(path, 'latin1'));
    const entries = system('getdents64', () =>
      readdirSync(path, { encoding: 'buffer', withFileTypes: true }),
    );
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => fromBytes(name));
  }

  ask(path: string, bytes: string, most: number): string {
    return fromBytes(askSocket(toBytes(path), toBytes(bytes), most));
  }

  readInside(userNamespace: number, directory: number, file: string, most: number): string | undefined {
    return printInside(this.#helper, userNamespace, directory, file, most);
  }

  readInRoot(root: number, path: string, most: number): string {
    return printInRoot(this.#helper, root, path, most);
  }

  stat(fd: number): Stat {
    return identityOf('', fd) ?? toStat(system('fstat', () => fstatSync(fd, { bigint: true })));
  }

  status(fd: number): FileStatus {
    const { mode, uid, gid } = system('fstat', () => fstatSync(fd));
    return { mode, uid, gid };
  }

  beginning(fd: number, count: number): string {
    const bytes = Buffer.alloc(count);
    const length = system('pread', () => readSync(fd, bytes, 0, count, 0));
    return fromBytes(bytes.subarray(0, length));
  }

  readLink(path: string): string {
    return fromBytes(system('readlink', () => readlinkSync(toBytes(path), { encoding: 'buffer' })));
  }

  statPath(path: string): Stat | undefined {
    const name = toPath(path);
    try {
      const found = typeof name === 'string' && name !== '' ? identityOf(name, AT_FDCWD) : undefined;
      if (found) return found;
    } catch (error) {
      if (error instanceof SystemError && NOT_THERE.includes(error.errno)) return undefined;
      throw error;
    }
    const stat = system('stat', () => statSync(name, { bigint: true, throwIfNoEntry: false }));
    return stat && toStat(stat);
  }

  openProcess(pid: number, as?: 'thread'): number {
    return this.#noteForeign(pidfdOpen(pid, as === undefined ? 0 : PIDFD_THREAD));
  }

  hasEnded(pidfd: number): boolean {
    return isReadable(pidfd);
  }

  countsAsProc(): boolean {
    return system('readlink', () => readlinkSync('/proc/self')) === String(process.pid);
  }

  takeDescriptor(pidfd: number, fd: number): number {
    return this.#noteForeign(pidfdGetfd(pidfd, fd));
  }

  namespaceType(fd: number): number {
    return ioctl(fd, NS_GET_NSTYPE);
  }

  owningUserNamespace(fd: number): number {
    return this.#noteForeign(ioctl(fd, NS_GET_USERNS));
  }

  askNamespace(fd: number, what: 'parent' | 'owner' | 'init'): number {
    if (what === 'parent') return this.#noteForeign(ioctl(fd, NS_GET_PARENT));
    return what === 'owner' ? ioctlNumber(fd, NS_GET_OWNER_UID) : ioctl(fd, NS_GET_PID_FROM_PIDNS, 1);
  }

  ioPriority(pid: number): number {
    return ioprioGet(pid);
  }

  socketNamespace(fd: number): number {
    return this.#noteForeign(ioctl(fd, SIOCGSKNS));
  }

  openNamespaceById(id: string): number {
    // struct nsfs_file_handle: the id; type and inode 0 stand for any (linux/nsfs.h).
    const handle = new Uint8Array(16);
    const number = BigInt(id);
    if (number >= 1n << 64n) throw new SystemError(Errno.ESTALE, 'open_by_handle_at');
    new DataView(handle.buffer).setBigUint64(0, number, true);
    const mount = this.open('/proc/self/ns/mnt', 'namespace');
    try {
      return this.#noteForeign(openByHandle(mount, FILEID_NSFS, handle, O_RDONLY | O_CLOEXEC));
    } finally {
      this.close(mount);
    }
  }

  /** Closes whatever was opened through this object and is open still. */
  closeAll(): void {
    for (const fd of this.#open) this.close(fd);
  }

  #noteForeign(fd: number): number {
    this.#foreign.add(fd);
    this.#open.add(fd);
    return fd;
  }
}

function linesWith(part: string, text: string): string {
  const kept: string[] = [];
  let end = 0;
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, end)) {
    const start = text.lastIndexOf('\n', at) + 1;
    const newline = text.indexOf('\n', at);
    end = newline < 0 ? text.length : newline + 1;
    kept.push(text.slice(start, end));
  }
  return kept.join('');
}

function isCharacterDevice(fd: number): boolean {
  try {
    return fstatSync(fd).isCharacterDevice();
  } catch {
    return false;
  }
}

/** undefined where a filter does not know statx(2), which Node does without then. */
function identityOf(path: string, fd: number): Stat | undefined {
  try {
    return toStat(identify(path, fd));
  } catch (error) {
    if (error instanceof SystemError && (error.errno === Errno.ENOSYS || error.errno === Errno.EPERM))
      return undefined;
    throw error;
  }
}

function toStat(stat: { dev: bigint; ino: bigint }): Stat {
  return { identity: `${stat.dev}:${stat.ino}`, inode: String(stat.ino) };
}

/** Of what Node does not begin again itself after a signal, reading is all that matters: its child_process has a handler for each that ends. */
function system<T>(name: string, call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (numberOf(error) !== EINTR) throw toSystemError(error, name);
    }
  }
}

function toSystemError(error: unknown, name: string): unknown {
  const errno = numberOf(error);
  return errno === undefined ? error : new SystemError(errno, name);
}

function numberOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined;
  return Math.abs(error.errno);
}
