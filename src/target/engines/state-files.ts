import { Errno, SystemError } from '../../sys/errors.ts';
import type { Sys } from '../../sys/sys.ts';
import { readPath } from '../../sys/system-call.ts';

/** docker's configuration of a container with thousands of variables has a megabyte. */
const MOST = 8 << 20;

/** There is nothing, or not any more. */
const ABSENT: readonly number[] = [Errno.ENOENT, Errno.ENOTDIR, Errno.ESRCH];

/** The files of engines, below the root of this system or of the one that is seen at another place. */
export class StateFiles {
  readonly #sys: Sys;
  readonly #root: number | undefined;
  readonly #notes: string[] = [];

  /** @param root an open directory: no link leads out of it, and the caller's variables are not about what is there */
  constructor(sys: Sys, root: number | undefined) {
    this.#sys = sys;
    this.#root = root;
  }

  /** What could not be looked at, and why: `PATH: CAUSE`. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** Of the caller's environment, where that is its to say. */
  variable(name: string): string | undefined {
    if (this.#root !== undefined || this.#sys.isPrivileged()) return undefined;
    return this.#sys.variable(name) || undefined;
  }

  /** undefined where there is no such file, or it may not be read. */
  read(path: string): string | undefined {
    return this.#use(path, 'file', (fd) => this.#sys.read(fd, MOST));
  }

  /** A file of the own /proc, which counts processes as their state files do, also below another root. */
  readProc(path: string): string | undefined {
    return this.#noting(`/proc/${path}`, () => readPath(this.#sys, `/proc/${path}`, MOST));
  }

  /** The processes of the own /proc. */
  processes(): number[] {
    const names = this.#noting('/proc', () => {
      const fd = this.#sys.open('/proc', 'listing');
      try {
        return this.#sys.list(fd);
      } finally {
        this.#sys.close(fd);
      }
    });
    return (names ?? []).filter((name) => /^\d+$/.test(name)).map(Number);
  }

  /** The names in a directory, or of the directories in it; none where there is no such directory, or it may not be read. */
  list(path: string, of?: 'directories'): readonly string[] {
    return this.#use(path, 'listing', (fd) => this.#sys.list(fd, of)) ?? [];
  }

  json(path: string): unknown {
    const text = this.read(path);
    return text === undefined ? undefined : this.parse(path, text);
  }

  /** What was read at a path; undefined where it is no JSON, for instance because it is being written. */
  parse(path: string, text: string): unknown {
    try {
      return JSON.parse(text);
    } catch {
      this.#notes.push(`${path}: malformed`);
      return undefined;
    }
  }

  /** undefined where nobody listens there, or may be asked. Below another root nobody is asked. */
  ask(path: string, bytes: string): string | undefined {
    if (this.#root !== undefined) return undefined;
    return this.#noting(path, () => this.#sys.ask(path, bytes, MOST));
  }

  #use<T>(path: string, as: 'file' | 'listing', use: (fd: number) => T): T | undefined {
    return this.#noting(path, () => {
      const fd = this.#sys.open(path, as, this.#root);
      try {
        return use(fd);
      } finally {
        this.#sys.close(fd);
      }
    });
  }

  #noting<T>(path: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (!ABSENT.includes(error.errno)) this.#notes.push(`${path}: ${this.#sys.describe(error.errno)}`);
      return undefined;
    }
  }
}
