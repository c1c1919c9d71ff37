import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Errno, SystemError, TsenterError } from '../../sys/errors.ts';
import { fromUnicode, toCString } from './bytes.ts';
import { directories, load } from './place.ts';

/** The only importer of koffi. It is loaded at the first call that Node itself does not offer. */

type Value = number | bigint | string | Uint8Array | Int32Array | BigUint64Array | null;
type Call = (...values: Value[]) => number;

interface Library {
  func(prototype: string): Call;
}

interface Koffi {
  load(path: null): Library;
  address(bytes: Uint8Array): bigint;
  errno(): number;
}

const PROTOTYPES = {
  dlsym: 'void *dlsym(void *library, const char *name)',
  dup3: 'int dup3(int fd, int other, int flags)',
  execve: 'int execve(void *path, void *argv, void *envp)',
  close: 'int close(int fd)',
  connect: 'int connect(int fd, void *address, unsigned int length)',
  fcntl: 'int fcntl(int fd, int command, long argument)',
  ioctl: 'int ioctl(int fd, unsigned long request, long argument)',
  ioctl_pointer: 'int ioctl(int fd, unsigned long request, void *argument)',
  isatty: 'int isatty(int fd)',
  open_by_handle_at: 'int open_by_handle_at(int mount, void *handle, int flags)',
  recv: 'long recv(int fd, void *bytes, unsigned long length, int flags)',
  send: 'long send(int fd, void *bytes, unsigned long length, int flags)',
  socket: 'int socket(int domain, int type, int protocol)',
  memcpy: 'void *memcpy(void *to, void *from, unsigned long count)',
  poll: 'int poll(void *fds, unsigned long count, int timeout)',
  posix_spawn:
    'int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *argv, void *envp)',
  posix_spawn_file_actions_adddup2: 'int posix_spawn_file_actions_adddup2(void *actions, int fd, int number)',
  posix_spawn_file_actions_addopen:
    'int posix_spawn_file_actions_addopen(void *actions, int number, const char *path, int flags, unsigned int mode)',
  posix_spawn_file_actions_destroy: 'int posix_spawn_file_actions_destroy(void *actions)',
  posix_spawn_file_actions_init: 'int posix_spawn_file_actions_init(void *actions)',
  posix_spawnattr_init: 'int posix_spawnattr_init(void *attributes)',
  posix_spawnattr_setflags: 'int posix_spawnattr_setflags(void *attributes, short flags)',
  posix_spawnattr_setsigdefault: 'int posix_spawnattr_setsigdefault(void *attributes, void *signals)',
  posix_spawnattr_setsigmask: 'int posix_spawnattr_setsigmask(void *attributes, void *signals)',
  socketpair: 'int socketpair(int domain, int type, int protocol, void *ends)',
  strerror: 'const char *strerror(int error)',
  syscall: 'long syscall(long number, long first, long second, long third)',
  openat2: 'long syscall(long number, long root, void *path, void *how, unsigned long size)',
  statx: 'long syscall(long number, long directory, const char *path, long flags, long mask, void *status)',
  memfd_create: 'long syscall(long number, const char *name, long flags)',
  uname: 'int uname(void *name)',
  waitpid: 'int waitpid(int pid, void *status, int options)',
} as const;

let koffi: Koffi | undefined;
let library: Library | undefined;
const calls: Partial<Record<keyof typeof PROTOTYPES, Call>> = {};

/** A function of the C library that Node is linked with; each is declared when it is first called. */
export function libc(name: keyof typeof PROTOTYPES): Call {
  const call = calls[name] ?? openLibrary().func(PROTOTYPES[name]);
  calls[name] = call;
  return call;
}

function openLibrary(): Library {
  library ??= loadKoffi().load(null);
  return library;
}

function loadKoffi(): Koffi {
  koffi ??= findKoffi();
  return koffi;
}

/**
 * From where it is installed together with this, and from nowhere else: require() would go on to every directory above, and
 * to those in $HOME, which may be another's.
 */
function findKoffi(): Koffi {
  for (const directory of directories) {
    const own = placesBeside(directory);
    const found = findAddon(own) ?? findAddon(placesOfKoffi(own));
    if (found !== undefined) return dlopenKoffi(found) ?? requireKoffi(found);
  }
  throw notLoaded('it is not installed with tsenter');
}

function placesBeside(directory: string): string[] {
  const dist = dirname(directory);
  const root = dirname(dist);
  const above = dirname(root);
  const own = [`${root}/node_modules`, `${dist}/node_modules`];
  for (const place of [root, above]) if (basename(place) === 'node_modules') own.push(place);
  return own;
}

function findAddon(places: readonly string[]): string | undefined {
  return places
    .map((place) => `${place}/@koromix/koffi-linux-${process.arch}`)
    .find((path) => existsSync(path));
}

/** Where koffi has packages of its own, or lies elsewhere with them (pnpm). */
function placesOfKoffi(own: readonly string[]): string[] {
  const koffis = own.map((place) => `${place}/koffi`).filter((path) => existsSync(path));
  return koffis.flatMap((path) => [`${path}/node_modules`, dirname(realpathSync(path))]);
}

/** The addon alone, without the package's JavaScript around it: a third of the time. */
function dlopenKoffi(path: string): Koffi | undefined {
  const addon = { exports: {} as Koffi };
  try {
    process.dlopen(addon, `${path}/linux_${process.arch}/koffi.node`);
    return addon.exports;
  } catch {
    // Another C library: the package knows the addon for it.
    return undefined;
  }
}

/** Of an absolute path, whose JavaScript asks for nothing but its own files. */
function requireKoffi(path: string): Koffi {
  try {
    return load(path) as Koffi;
  } catch (error) {
    throw notLoaded(
      fromUnicode(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)),
    );
  }
}

function notLoaded(cause: string): TsenterError {
  return new TsenterError({
    verb: 'load',
    object: 'koffi',
    cause,
    hint: 'On Node, tsenter needs the package koffi where it is installed; the native executable needs nothing.',
  });
}

/** errno(3) of the last call. */
export function lastErrno(): number {
  return loadKoffi().errno();
}

export const EINTR = 4;

export function checked(name: string, result: number): number {
  if (result === -1) throw new SystemError(lastErrno(), name);
  return result;
}

/** Again where a signal came in between. */
export function completed(name: string, call: () => number): number {
  for (;;) {
    const result = call();
    if (result !== -1 || lastErrno() !== EINTR) return checked(name, result);
  }
}

/** An array of pointers to C strings, with NULL at its end. */
export class CStrings {
  /** It keeps what it points to, as long as a call has it. */
  readonly pointers: Uint8Array & { readonly bytes: Buffer };

  /** @throws SystemError for a text that a NUL would cut short */
  constructor(texts: readonly string[]) {
    if (texts.some((text) => text.includes('\0'))) throw new SystemError(Errno.EINVAL, 'execve');
    const bytes = toCString(texts.join('\0'));
    const start = loadKoffi().address(bytes);
    const addresses = new BigUint64Array(texts.length + 1);
    let offset = 0;
    texts.forEach((text, index) => {
      addresses[index] = start + BigInt(offset);
      offset += text.length + 1;
    });
    this.pointers = Object.assign(new Uint8Array(addresses.buffer), { bytes });
  }
}
