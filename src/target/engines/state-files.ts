import { Errno, SystemError } from '../../sys/errors.ts';
import type { Sys } from '../../sys/sys.ts';
import { attemptUnless, ifPossible, readPath } from '../../sys/system-call.ts';
import { MalformedJson, pick } from './json.ts';
import { waitingPlaces } from './waiting.ts';

/** docker's configuration of a container with thousands of variables has a megabyte. */
const MOST = 8 << 20;
/** A command line that is looked at has a name in its first words. */
const MOST_OF_PROC = 64 << 10;

/** Of what should be JSON, and is not. */
const MALFORMED = 'malformed';

/** A cgroup that is removed while it is read. */
const ENODEV = 19;

/** There is nothing, or not any more. */
const ABSENT: readonly number[] = [Errno.ENOENT, Errno.ENOTDIR, Errno.ESRCH];
const HIDDEN: readonly number[] = [...ABSENT, Errno.EACCES, Errno.EPERM];

/** What tells of containers, and is no file of an engine's. */
type Beside = 'processes' | 'daemons';

/** Somebody whose own files are looked at. */
export interface User {
  id: number;
  name: string;
  home: string;
  /** XDG_RUNTIME_DIR */
  run: string;
}

/**
 * The files of engines, below the root of this system or of the one that is seen at another place. They count where they are root's or the
 * caller's: whoever else could write them would say which process root enters.
 */
export class StateFiles {
  readonly #sys: Sys;
  readonly #root: number | undefined;
  readonly #notes: string[] = [];
  readonly #without: readonly Beside[];
  #user: User | undefined;
  #mayWait: ((path: string) => boolean) | undefined;
  #own: number | undefined;

  /**
   * @param root an open directory: no link leads out of it, and the caller's variables are not about what is there
   * @param without what is not to be looked at
   */
  constructor(sys: Sys, root: number | undefined, ...without: readonly Beside[]) {
    this.#sys = sys;
    this.#root = root;
    this.#without = without;
  }

  /** The same for what belongs to a user, and to nobody else, where who looks does not wait for others. */
  of(user: User): StateFiles {
    const files = new StateFiles(this.#sys, this.#root, 'processes', 'daemons');
    files.#user = user;
    const told = this.#notes;
    let waits: ((path: string) => string | undefined) | undefined;
    files.#mayWait = (path) => {
      waits ??= waitingPlaces(this.#sys, this.#root);
      const why = waits(path);
      const note = `files of user ${user.name}: ${why}`;
      if (why && !told.includes(note)) told.push(note);
      return why !== undefined;
    };
    return files;
  }

  /** Whether whoever may look at everything is looking. */
  isRoot(): boolean {
    return this.#ownId() === 0;
  }

  /** What could not be looked at, and why: `PATH: CAUSE`. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Of a namespace that is bound to this path. */
  inode(path: string): string | undefined {
    return this.#noting(path, () => {
      const fd = this.#sys.open(path, 'namespace', this.#root);
      try {
        return this.#sys.stat(fd).inode;
      } finally {
        this.#sys.close(fd);
      }
    });
  }

  /** Of the caller's environment, where that is its to say. */
  variable(name: string): string | undefined {
    if (this.#user) return { HOME: this.#user.home, XDG_RUNTIME_DIR: this.#user.run }[name] || undefined;
    if (this.#root !== undefined || this.#sys.isPrivileged()) return undefined;
    return this.#sys.variable(name) || undefined;
  }

  /** A directory that a variable names: of who runs as root with the variables of somebody else (sudo -E) it is not that one's to say. */
  place(name: string): string | undefined {
    const path = this.variable(name);
    const isTheirs = path === undefined ? undefined : this.#use(path, 'directory', () => true);
    return isTheirs ? path : undefined;
  }

  /** undefined where there is no such file, or it may not be read. */
  read(path: string): string | undefined {
    return this.#use(path, 'file', (fd) => this.#sys.read(fd, MOST));
  }

  /** The names in a directory; undefined where there is no such directory, or it may not be read. */
  listIfThere(path: string): readonly string[] | undefined {
    return this.#use(path, 'listing', (fd) => this.#sys.list(fd));
  }

  list(path: string): readonly string[] {
    return this.listIfThere(path) ?? [];
  }

  /** What stands first in a file, without the rest of it. */
  beginning(path: string, count: number): string | undefined {
    return this.#use(path, 'file', (fd) => this.#sys.beginning(fd, count));
  }

  /**
   * Of a JSON file what is wanted (json.ts); undefined where it is no JSON, for instance because it is being written.
   *
   * @param part a file that has not these bytes need not be understood
   */
  json(path: string, wanted: string, part?: string): unknown {
    return this.#use(path, 'file', (fd) => this.#sys.readJson(fd, MOST, wanted, part));
  }

  /** The same of what was read at a path. */
  parse(path: string, text: string, wanted: string): unknown {
    try {
      return pick(text, wanted);
    } catch (error) {
      if (!(error instanceof MalformedJson)) throw error;
      this.#notes.push(`${path}: ${MALFORMED}`);
      return undefined;
    }
  }

  /** What is told at a second place where the first cannot be looked at. Nothing is noted where that tells it, else the first of all reasons. */
  orElse<T>(first: () => T | undefined, second: () => T | undefined): T | undefined {
    const before = this.#notes.length;
    const found = first();
    if (found !== undefined) return found;
    const instead = second();
    this.#notes.splice(instead === undefined ? before + 1 : before);
    return instead;
  }

  /**
   * undefined where nobody listens there, or may be asked. Below another root nobody is asked.
   *
   * @param failure 'unnoted': nobody misses the answer
   */
  ask(path: string, bytes: string, failure: 'noted' | 'unnoted' = 'noted'): string | undefined {
    if (this.#root !== undefined || this.#user || this.#without.includes('daemons')) return undefined;
    const ask = () => this.#sys.ask(path, bytes, MOST);
    return failure === 'noted' ? this.#noting(path, ask) : ifPossible(ask);
  }

  /**
   * The directories in one of the cgroup file system. Where that belongs to somebody else it was delegated, and what is in there has the names
   * that this one gives: there are none, unless `whosever` it may be.
   */
  cgroups(path: string, whosever = false): readonly string[] {
    const names = attemptUnless(HIDDEN, () => {
      const fd = this.#sys.open(path, 'listing', this.#root);
      try {
        return whosever || this.#counts(fd) ? this.#sys.list(fd, 'directories') : [];
      } finally {
        this.#sys.close(fd);
      }
    });
    return names ?? [];
  }

  /** The processes that a cgroup lists; 0 for each that the PID namespace of the caller has not. */
  processesOf(cgroup: string): number[] {
    const text = attemptUnless([...HIDDEN, Errno.EOPNOTSUPP, ENODEV], () => {
      const fd = this.#sys.open(`${cgroup}/cgroup.procs`, 'file', this.#root);
      try {
        return this.#sys.read(fd, MOST);
      } finally {
        this.#sys.close(fd);
      }
    });
    return (text ?? '')
      .split('\n')
      .filter((line) => /^\d{1,10}$/.test(line))
      .map(Number);
  }

  /** A file of the own /proc, which counts processes as their state files do, also below another root. */
  readProc(path: string): string | undefined {
    return attemptUnless([...HIDDEN, Errno.EFBIG], () => readPath(this.#sys, `/proc/${path}`, MOST_OF_PROC));
  }

  /** The processes of the own /proc. */
  processes(): number[] {
    if (this.#without.includes('processes')) return [];
    const names = attemptUnless(HIDDEN, () => {
      const fd = this.#sys.open('/proc', 'listing');
      try {
        return this.#sys.list(fd);
      } finally {
        this.#sys.close(fd);
      }
    });
    return (names ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /** Whether a process is root's or the caller's, and in no container: in the mount namespace of the caller, or of process 1. */
  isOfHost(pid: number): boolean {
    const isTheirs = attemptUnless(HIDDEN, () => {
      const fd = this.#sys.open(`/proc/${pid}`, 'directory');
      try {
        return this.#counts(fd);
      } finally {
        this.#sys.close(fd);
      }
    });
    const mounts = (whose: number | string) =>
      attemptUnless(HIDDEN, () => this.#sys.readLink(`/proc/${whose}/ns/mnt`));
    const theirs = mounts(pid);
    return isTheirs === true && theirs !== undefined && (theirs === mounts('self') || theirs === mounts(1));
  }

  // Of a thousand containers each function that stands between costs a millisecond.
  #use<T>(path: string, as: 'file' | 'listing' | 'directory', use: (fd: number) => T): T | undefined {
    if (this.#mayWait?.(path)) return undefined;
    try {
      const fd = this.#sys.open(path, as, this.#root);
      try {
        if (this.#counts(fd)) return use(fd);
        this.#notes.push(`${path}: it belongs to user id ${this.#sys.status(fd).uid}`);
        return undefined;
      } finally {
        this.#sys.close(fd);
      }
    } catch (error) {
      return this.#note(path, error);
    }
  }

  #counts(fd: number): boolean {
    const owner = this.#sys.status(fd).uid;
    if (this.#user) return owner === this.#user.id;
    return owner === 0 || owner === this.#ownId();
  }

  /** The effective user id, as /proc tells it; root's where it does not. */
  #ownId(): number {
    this.#own ??=
      attemptUnless(HIDDEN, () => {
        const fd = this.#sys.open('/proc/self', 'directory');
        try {
          return this.#sys.status(fd).uid;
        } finally {
          this.#sys.close(fd);
        }
      }) ?? 0;
    return this.#own;
  }

  #noting<T>(path: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      return this.#note(path, error);
    }
  }

  #note(path: string, error: unknown): undefined {
    if (!(error instanceof SystemError)) throw error;
    const cause = error.errno === Errno.EBADMSG ? MALFORMED : this.#sys.describe(error.errno);
    if (!ABSENT.includes(error.errno)) this.#notes.push(`${path}: ${cause}`);
  }
}
