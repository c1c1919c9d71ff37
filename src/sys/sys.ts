/** What fstat(2) tells of a descriptor. */
export interface Stat {
  /** device and inode in one word: two descriptors are the same object when these are equal */
  identity: string;
  /** in decimal: it may be larger than a number can hold exactly */
  inode: string;
}

/**
 * How a path is opened. All are close-on-exec and none makes a terminal the controlling one.
 *
 * - `namespace`, `file`: for reading, without waiting for a FIFO's writer
 * - `input`: for reading, and a FIFO's or a terminal's other end is waited for: what the caller named to be read
 * - `directory`: O_PATH, so that search permission is enough
 * - `listing`: a directory, for its names
 * - `write`: for writing to an existing file
 * - `path`: O_PATH, whatever it is: nothing is asked of a device or a FIFO
 */
export type OpenAs = 'namespace' | 'file' | 'input' | 'directory' | 'listing' | 'write' | 'path';

/** Who may do what with a file (inode(7)). */
export interface FileStatus {
  mode: number;
  uid: number;
  gid: number;
}

/**
 * The operating system as the core knows it. Nothing above this interface imports a host's modules.
 *
 * Every string that comes from the system or goes to it (words, paths, contents, the environment) has one
 * character per byte, 0 to 255: names are bytes on Linux, and none is lost on the way.
 *
 * Every method that fails throws a SystemError with the errno of the system call.
 */
export interface Sys {
  /** the value of a variable of the caller's environment, by which what has a name is looked up */
  variable(name: string): string | undefined;
  /** what a program gets where nothing else is asked for, as NAME=VALUE strings: all of it, unless the library was given another; what has another form is in it as well */
  variables(): readonly string[];
  /** whether this process has rights that its caller has not: set-id, or AT_SECURE (getauxval(3)) */
  isPrivileged(): boolean;
  isTerminal(fd: number): boolean;
  /** how many columns a terminal has (TIOCGWINSZ); 0: it does not say, or it is none */
  columns(fd: number): number;
  write(fd: 1 | 2, text: string): void;
  /** strerror(3)'s words */
  describe(errno: number): string;
  /** uname(2)'s release, such as `6.18.44` */
  kernelRelease(): string;

  /**
   * @param root a directory that is the path's root: no link leads out of it (openat2(2), Linux 5.6)
   */
  open(path: string, as: OpenAs, root?: number): number;
  close(fd: number): void;
  /**
   * the whole content, or only the lines that have `part` in them; ends with EFBIG where that is longer than `most` bytes. Of lines that
   * are not wanted there may be any number.
   */
  read(fd: number, most: number, part?: string): string;
  /**
   * Of a JSON text in a file what is wanted (src/target/engines/json.ts); undefined where these bytes are nowhere in it. Ends with EBADMSG where
   * it is no such text, with EFBIG as read does.
   */
  readJson(fd: number, most: number, wanted: string, part?: string): unknown;
  /** the names in a directory, without `.` and `..`, in no order; of all, or of the directories in it */
  list(fd: number, of?: 'directories'): string[];
  /**
   * What who listens at a socket of the file system answers to these bytes, up to its end; of at most `most` bytes. Fails with ETIMEDOUT
   * where that is silent for two seconds.
   */
  ask(path: string, bytes: string, most: number): string;
  /**
   * What is in a file below a directory that is open, read by a process of its own that entered this user namespace; undefined
   * where it may not be read even so. Ends with EFBIG as read does.
   */
  readInside(userNamespace: number, directory: number, file: string, most: number): string | undefined;
  /**
   * A regular file at a path below a root that others choose: no link leads out of it (openat2(2), Linux 5.6). It is read by a process of its
   * own, because their file system may hold its reader for ever. Fails with EISDIR or EINVAL for what is no file, ETIMEDOUT where nothing
   * came for two seconds, and as read does.
   */
  readInRoot(root: number, path: string, most: number): string;
  stat(fd: number): Stat;
  /** what fstat(2) tells beside */
  status(fd: number): FileStatus;
  /** the first bytes of a regular file, at most so many; its offset stays */
  beginning(fd: number, count: number): string;
  /** readlink(2) */
  readLink(path: string): string;
  /** as stat, following links; undefined where nothing is there */
  statPath(path: string): Stat | undefined;

  /** pidfd_open(2); of a thread, with PIDFD_THREAD (Linux 6.9; EINVAL before) */
  openProcess(pid: number, as?: 'thread'): number;
  /** whether the process of a pidfd has ended, a zombie's included (poll(2) on it) */
  hasEnded(pidfd: number): boolean;
  /** whether /proc counts processes as this one does: /proc/self is its own number (proc(5)) */
  countsAsProc(): boolean;
  /** pidfd_getfd(2) */
  takeDescriptor(pidfd: number, fd: number): number;
  /** NS_GET_NSTYPE (ioctl_ns(2)): the CLONE_NEW* bit; ENOTTY for what is no namespace */
  namespaceType(fd: number): number;
  /** NS_GET_USERNS (ioctl_ns(2)): a descriptor of the owning, for a user namespace the parent, user namespace */
  owningUserNamespace(fd: number): number;
  /**
   * ioctl_ns(2): a descriptor of the parent (NS_GET_PARENT), the user id that owns a user namespace (NS_GET_OWNER_UID), or the number of
   * process 1 of a PID namespace (NS_GET_PID_FROM_PIDNS, Linux 6.11: ENOTTY before; ESRCH: it has none that this one sees).
   */
  askNamespace(fd: number, what: 'parent' | 'owner' | 'init'): number;
  /** ioprio_get(2) of a process; 0: this one */
  ioPriority(pid: number): number;
  /** SIOCGSKNS: a descriptor of the network namespace of a socket */
  socketNamespace(fd: number): number;
  /** open_by_handle_at(2) on nsfs (Linux 6.19) with the namespace's 64-bit number in decimal */
  openNamespaceById(id: string): number;
}
