import type { Host } from '../../../src/plan/host.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { Errno, SystemError } from '../../../src/sys/errors.ts';
import { NAMESPACES, type NamespaceName, namespace, procFile } from '../../../src/sys/namespaces.ts';
import type { FileStatus, OpenAs, Stat } from '../../../src/sys/sys.ts';
import { MalformedJson, pick } from '../../../src/target/engines/json.ts';
import type { Target } from '../../../src/target/target.ts';

/** A line of mountinfo where SELinux is in use. */
export const SELINUXFS = '30 25 0:20 / /sys/fs/selinux rw,nosuid shared:6 - selinuxfs selinuxfs rw\n';

/** The same type and id: the same namespace. */
interface FakeNamespace {
  type: NamespaceName;
  id: string;
  /** what NS_GET_USERNS gives, and of a user namespace NS_GET_PARENT */
  owner?: FakeNamespace;
  /** what NS_GET_OWNER_UID gives; root where there is none */
  madeBy?: number;
}

export interface FakeFile {
  text?: string;
  namespace?: FakeNamespace;
  /** what NS_GET_NSTYPE gives, for a type that no table has */
  flag?: number;
  /** it is a socket, of this network namespace */
  socketIn?: FakeNamespace;
  inode?: string;
  /** it is a link, of which only readLink() knows */
  link?: string;
  /** its user id; root's where there is none */
  owner?: number;
  /** a directory that all may search, unless told otherwise */
  status?: FileStatus;
  /** it is a socket, and this is what is answered there */
  answer?: (bytes: string) => string;
}

export interface FakeProcess {
  /** the types of which it has namespaces of its own; the others are the caller's */
  own?: readonly NamespaceName[];
  cgroup?: string;
  environ?: string;
  /** of its pidfd */
  inode?: string;
  /** the number of its thread group's leader, where it is a thread */
  leader?: number;
}

/** What FakeSys.run throws: the program would be running now. */
export class Executed extends Error {
  readonly plan: Plan;

  constructor(plan: Plan) {
    super('executed');
    this.plan = plan;
  }
}

interface OpenFile extends FakeFile {
  name: string;
  pid?: number;
  /** it is in this process's directory of /proc, and not that of who has its number later */
  of?: FakeLife;
}

interface FakeLife {
  inode: string;
  ended: boolean;
  isThread: boolean;
}

const WORDS: Readonly<Record<number, string>> = {
  [Errno.EPERM]: 'Operation not permitted',
  [Errno.ENOENT]: 'No such file or directory',
  [Errno.ESRCH]: 'No such process',
  [Errno.E2BIG]: 'Argument list too long',
  [Errno.EBADF]: 'Bad file descriptor',
  [Errno.ENOTSOCK]: 'Socket operation on non-socket',
  [Errno.EACCES]: 'Permission denied',
  [Errno.ENODEV]: 'No such device',
  [Errno.ENOTDIR]: 'Not a directory',
  [Errno.EINVAL]: 'Invalid argument',
  [Errno.ENOTTY]: 'Inappropriate ioctl for device',
  [Errno.ENOSYS]: 'Function not implemented',
  [Errno.EOPNOTSUPP]: 'Operation not supported',
  [Errno.ESTALE]: 'Stale file handle',
  [Errno.EFBIG]: 'File too large',
  28: 'No space left on device',
};

/**
 * An operating system in memory: the caller's own /proc entries, and what a test adds to them. Every call is a line of
 * `calls`, such as `open namespace /proc/7/ns/net`; `when` and `fail` name calls by the same text.
 */
export class FakeSys implements Host {
  readonly host = 'node';
  name = 'tsenter';
  privileged = false;
  readonly words: { readonly count: number; at(index: number): string };
  readonly files = new Map<string, FakeFile>();
  readonly environment: Record<string, string> = {};
  readonly terminals = new Set<number>();
  width = 80;
  release = '6.18.44';
  /** whether /proc is of the caller's PID namespace */
  ownProc = true;

  readonly calls: string[] = [];
  /** what was written to stdout and stderr */
  readonly written = { 1: '', 2: '' };
  /** what was to be run */
  plan: Plan | undefined;

  readonly #processes = new Map<number, FakeLife>();
  readonly #descriptors = new Map<number, OpenFile>();
  readonly #actions = new Map<string, () => void>();
  #next = 10;

  constructor(words: readonly string[] = []) {
    this.words = { count: words.length, at: (index) => words[index] ?? '' };
    this.#addEntries('self', { cgroup: '0::/own\n' });
    this.files.set('/proc/self/ns', {});
    this.files.set('/proc/self/ns/pid_for_children', { namespace: { type: 'pid', id: 'host' } });
    this.files.set('/proc/self/ns/time_for_children', { namespace: { type: 'time', id: 'host' } });
    this.files.set('/proc/self/mountinfo', { text: '' });
    this.limitStack(8 << 20);
  }

  isPrivileged(): boolean {
    return this.privileged;
  }

  calledAs(): string {
    return this.name;
  }

  // What a test says about the world.

  addProcess(pid: number, process: FakeProcess = {}): void {
    this.#processes.set(pid, {
      inode: process.inode ?? `${pid}000`,
      ended: false,
      isThread: process.leader !== undefined,
    });
    this.#addEntries(String(pid), process);
  }

  /** The process ends, and its parent waits for it; or its number is another's at once, /proc/PID with it. */
  endProcess(pid: number, then: 'gone' | 'reused' = 'gone'): void {
    const process = this.#processes.get(pid);
    if (process) process.ended = true;
    if (then === 'reused') return;
    for (const path of this.files.keys())
      if (path === `/proc/${pid}` || path.startsWith(`/proc/${pid}/`)) this.files.delete(path);
  }

  /** The soft limit, as the kernel writes it. */
  limitStack(bytes: number | 'unlimited'): void {
    const text = `Limit                     Soft Limit           Hard Limit           Units     \nMax stack size            ${String(bytes).padEnd(20)} unlimited            bytes     \n`;
    this.files.set('/proc/self/limits', { text });
  }

  /** Does something at the moment of a call, before it has its effect. */
  when(call: string, action: () => void): void {
    this.#actions.set(call, action);
  }

  fail(call: string, errno: number): void {
    this.when(call, () => {
      throw new SystemError(errno, call);
    });
  }

  // What a test asks afterwards.

  nameOf(fd: number | undefined): string | undefined {
    return fd === undefined ? undefined : this.#descriptors.get(fd)?.name;
  }

  /** The names of the descriptors that were not closed. */
  stillOpen(): string[] {
    return [...this.#descriptors.values()].map(({ name }) => name);
  }

  /** What was opened by path and how, in order, such as `namespace /proc/7/ns/net`. */
  opened(): string[] {
    return this.calls
      .filter((call) => /^open (namespace|file|input|directory|listing|write) /.test(call))
      .map((call) => call.slice('open '.length));
  }

  /** The device that the last mount over a path has, as stat(2) numbers it; for minors below 256. */
  #deviceOf(path: string): number | undefined {
    const mounts = (this.files.get('/proc/self/mountinfo')?.text ?? '')
      .split('\n')
      .map((line) => line.split(' '));
    const unescaped = (text = '') =>
      text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    const over = mounts.filter(
      ([, , , , mountpoint]) => mountpoint && path.startsWith(`${unescaped(mountpoint)}/`),
    );
    const [major, minor] = over[over.length - 1]?.[2]?.split(':').map(Number) ?? [];
    return major === undefined || minor === undefined ? undefined : major * 256 + minor;
  }

  // The interface.

  variable(name: string): string | undefined {
    return this.environment[name];
  }

  isTerminal(fd: number): boolean {
    return this.terminals.has(fd);
  }

  columns(fd: number): number {
    return this.terminals.has(fd) ? this.width : 0;
  }

  write(fd: 1 | 2, text: string): void {
    this.#call(`write ${fd}`);
    this.written[fd] += text;
  }

  describe(errno: number): string {
    return WORDS[errno] ?? `error ${errno}`;
  }

  kernelRelease(): string {
    return this.release;
  }

  open(path: string, as: OpenAs, root?: number): number {
    const { name, of } = this.#resolve(root === undefined ? path : `${this.nameOf(root)}${path}`);
    this.#call(`open ${as} ${name}`);
    if (of?.ended) throw new SystemError(Errno.ESRCH, 'open');
    const pid = /^\/proc\/(\d+)/.exec(name)?.[1];
    const life = of ?? this.#processes.get(Number(pid));
    return this.#descriptor({ ...this.#file(name), name, ...(life && { of: life }) });
  }

  close(fd: number): void {
    this.#call(`close ${this.#opened(fd).name}`);
    this.#descriptors.delete(fd);
  }

  read(fd: number, most: number, part = ''): string {
    const { name, text = '' } = this.#opened(fd);
    this.#call(`read ${name}`);
    const kept = text
      .split(/(?<=\n)/)
      .filter((line) => line.includes(part))
      .join('');
    if (kept.length > most) throw new SystemError(Errno.EFBIG, 'read');
    return kept;
  }

  readJson(fd: number, most: number, wanted: string, part = ''): unknown {
    const text = this.read(fd, most);
    try {
      return text.includes(part) ? pick(text, wanted) : undefined;
    } catch (error) {
      if (error instanceof MalformedJson) throw new SystemError(Errno.EBADMSG, 'read');
      throw error;
    }
  }

  list(fd: number, of?: 'directories'): string[] {
    const { name } = this.#opened(fd);
    this.#call(`list ${name}`);
    const below = [...this.files.keys()]
      .filter((path) => path.startsWith(`${name}/`))
      .map((path) => path.slice(name.length + 1));
    const names = below
      .filter((path) => of === undefined || path.includes('/'))
      .map((path) => path.split('/')[0] ?? '');
    return [...new Set(names)];
  }

  ask(path: string, bytes: string, _most: number): string {
    this.#call(`ask ${path} ${bytes.split('\r\n')[0]}`);
    const answer = this.files.get(path)?.answer;
    if (answer === undefined) throw new SystemError(Errno.ENOENT, 'connect');
    return answer(bytes);
  }

  readInside(userNamespace: number, directory: number, file: string, most: number): string | undefined {
    const path = `${this.#opened(directory).name}${file}`;
    this.#call(`read ${path} in ${this.#opened(userNamespace).name}`);
    const { text } = this.#file(path);
    if (text !== undefined && text.length > most) throw new SystemError(Errno.EFBIG, 'read');
    return text;
  }

  readInRoot(root: number, path: string, most: number): string {
    const name = this.#opened(root).name;
    this.#call(`read ${path} below ${name}`);
    const { text = '' } = this.#file(`${name === '/' ? '' : name}/${path}`);
    if (text.length > most) throw new SystemError(Errno.EFBIG, 'read');
    return text;
  }

  stat(fd: number): Stat {
    const file = this.#opened(fd);
    this.#call(`stat ${file.name}`);
    if (file.name.endsWith('/cgroup.procs'))
      return { identity: `${this.#deviceOf(file.name)}:1`, inode: '1' };
    return statOf(file.name, file);
  }

  status(fd: number): FileStatus {
    const { name, owner = 0, status = { mode: 0o40755, uid: owner, gid: 0 } } = this.#opened(fd);
    this.#call(`status ${name}`);
    return status;
  }

  beginning(fd: number, count: number): string {
    const { name, text = '' } = this.#opened(fd);
    this.#call(`beginning ${name}`);
    return text.slice(0, count);
  }

  statPath(path: string): Stat | undefined {
    this.#call(`stat ${path}`);
    const file = this.files.get(path);
    return file && statOf(path, file);
  }

  readLink(path: string): string {
    this.#call(`readlink ${path}`);
    const file = this.files.get(path);
    if (!file) throw new SystemError(Errno.ENOENT, 'readlink');
    if (file.namespace) return `${procFile(file.namespace.type)}:[${inodeOf(file.namespace, file.inode)}]`;
    if (file.socketIn) return 'socket:[1]';
    if (path.startsWith('/proc/')) return path;
    if (file.link === undefined) throw new SystemError(Errno.EINVAL, 'readlink');
    return file.link;
  }

  openProcess(pid: number, as: 'process' | 'thread' = 'process'): number {
    this.#call(`open ${as} ${pid}`);
    const process = this.#processes.get(pid);
    if (!process) throw new SystemError(Errno.ESRCH, 'pidfd_open');
    // Before Linux 6.9 it was EINVAL, as it was for the flag.
    if (process.isThread && as === 'process') throw new SystemError(Errno.ENOENT, 'pidfd_open');
    return this.#descriptor({ name: `pidfd of ${pid}`, pid, inode: process.inode });
  }

  hasEnded(pidfd: number): boolean {
    const { pid } = this.#pidfd(pidfd);
    this.#call(`poll ${pid}`);
    return this.#processes.get(pid)?.ended ?? true;
  }

  countsAsProc(): boolean {
    this.#call('count');
    return this.ownProc;
  }

  takeDescriptor(pidfd: number, fd: number): number {
    const { pid } = this.#pidfd(pidfd);
    const path = `/proc/${pid}/fd/${fd}`;
    this.#call(`take ${path}`);
    if (this.#processes.get(pid)?.ended) throw new SystemError(Errno.ESRCH, 'pidfd_getfd');
    const file = this.files.get(path);
    if (!file) throw new SystemError(Errno.EBADF, 'pidfd_getfd');
    return this.#descriptor({ ...file, name: path });
  }

  namespaceType(fd: number): number {
    const { name, namespace: found, flag } = this.#opened(fd);
    this.#call(`type ${name}`);
    if (flag !== undefined) return flag;
    if (!found) throw new SystemError(Errno.ENOTTY, 'ioctl');
    return namespace(found.type).flag;
  }

  owningUserNamespace(fd: number): number {
    const { name, namespace } = this.#opened(fd);
    this.#call(`owner ${name}`);
    if (!namespace?.owner) throw new SystemError(Errno.EPERM, 'ioctl');
    return this.#descriptor({ name: `owner of ${name}`, namespace: namespace.owner });
  }

  askNamespace(fd: number, what: 'parent' | 'owner' | 'init'): number {
    const { name, namespace } = this.#opened(fd);
    this.#call(`${what} ${name}`);
    if (!namespace) throw new SystemError(Errno.ENOTTY, 'ioctl');
    if (what === 'owner') return namespace.madeBy ?? 0;
    if (what === 'init') throw new SystemError(Errno.ENOTTY, 'ioctl');
    if (!namespace.owner) throw new SystemError(Errno.EPERM, 'ioctl');
    return this.#descriptor({ name: `parent of ${name}`, namespace: namespace.owner });
  }

  variables(): readonly string[] {
    return Object.entries(this.environment).map(([name, value]) => `${name}=${value}`);
  }

  ioPriority(): number {
    return 0;
  }

  socketNamespace(fd: number): number {
    const { name, socketIn } = this.#opened(fd);
    this.#call(`socket namespace ${name}`);
    if (!socketIn) throw new SystemError(Errno.ENOTTY, 'ioctl');
    return this.#descriptor({ name: `namespace of ${name}`, namespace: socketIn });
  }

  openNamespaceById(id: string): number {
    this.#call(`open id ${id}`);
    const file = this.files.get(`:${id}`);
    if (!file) throw new SystemError(Errno.ESTALE, 'open_by_handle_at');
    return this.#descriptor({ ...file, name: `:${id}` });
  }

  run(plan: Plan): never {
    this.#call('run');
    this.plan = plan;
    throw new Executed(plan);
  }

  #addEntries(pid: string, { own = [], cgroup = '0::/own\n', environ = '' }: FakeProcess): void {
    for (const { name } of NAMESPACES) {
      const id = own.includes(name) ? pid : 'host';
      const inode = id === 'host' ? '1' : pid;
      this.files.set(`/proc/${pid}/ns/${procFile(name)}`, { namespace: { type: name, id }, inode });
    }
    this.files.set(`/proc/${pid}`, {});
    this.files.set(`/proc/${pid}/`, {});
    this.files.set(`/proc/${pid}/stat`, { text: `${pid} (a) b) S 1 1` });
    this.files.set(`/proc/${pid}/root`, {});
    this.files.set(`/proc/${pid}/cwd`, {});
    this.files.set(`/proc/${pid}/environ`, { text: environ });
    this.files.set(`/proc/${pid}/cgroup`, { text: cgroup });
  }

  #call(text: string): void {
    this.calls.push(text);
    this.#actions.get(text)?.();
  }

  /** A path through a descriptor of the caller's is one of what that has open. */
  #resolve(path: string): { name: string; of: FakeLife | undefined } {
    const [, fd, rest = ''] = /^\/proc\/self\/fd\/(\d+)(\/.*)?$/.exec(path) ?? [];
    if (fd === undefined) return { name: path, of: undefined };
    const { name, of } = this.#opened(Number(fd));
    return { name: name + rest, of };
  }

  #file(path: string): FakeFile {
    const file = this.files.get(path);
    if (!file) throw new SystemError(Errno.ENOENT, 'open');
    return file;
  }

  #descriptor(file: OpenFile): number {
    const fd = this.#next++;
    this.#descriptors.set(fd, file);
    return fd;
  }

  #opened(fd: number): OpenFile {
    const file = this.#descriptors.get(fd);
    if (!file) throw new SystemError(Errno.EBADF, 'fd');
    return file;
  }

  #pidfd(fd: number): OpenFile & { pid: number } {
    const file = this.#opened(fd);
    if (file.pid === undefined) throw new SystemError(Errno.EBADF, 'pidfd');
    return { ...file, pid: file.pid };
  }
}

function inodeOf({ id }: FakeNamespace, inode = id === 'host' ? '1' : id): string {
  return inode;
}

function statOf(name: string, { namespace, inode = '1' }: FakeFile): Stat {
  return { identity: namespace ? `${namespace.type}:${namespace.id}` : name, inode };
}

/** A process that is pinned already. */
export function pinned(sys: FakeSys, pid = 7, process: FakeProcess = {}): Target {
  sys.addProcess(pid, process);
  return { pid, pidfd: sys.openProcess(pid), proc: `/proc/${pid}`, label: `target ${pid}` };
}
