import type { Aspect } from '../request/controls.ts';
import type { NamespaceName } from '../sys/namespaces.ts';
import type { Held } from './held.ts';

/** What to enter, and as whom. Everything means what the option of the command line means; see tsenter(1). */
export interface EnterOptions {
  /**
   * process id, `PID:inode` with the inode of a pidfd, a container: `NAME` or `ENGINE:NAME`, or a `Target` that is open. Where it is a name and
   * nothing else says what to enter, that is `all`; of a number it has to be said
   */
  target?: number | string | Held | undefined;
  /** look for containers below this root of the host */
  hostRoot?: string | undefined;
  /** every namespace of the target that differs from the caller's */
  all?: boolean | undefined;
  /** the target's namespaces by name, or each with `true` (the target's), a file, or `:nsid` */
  namespaces?: readonly NamespaceName[] | Partial<Readonly<Record<NamespaceName, true | string>>> | undefined;
  /** enter the network namespace of this descriptor of the target, a socket */
  netSocket?: number | undefined;
  /** enter the parent of the user namespace */
  userParent?: boolean | undefined;
  /** `true`: the target's */
  root?: true | string | undefined;
  /** opened before anything is entered; `true`: the target's */
  workingDirectory?: true | string | undefined;
  /** looked up after entering */
  workingDirectoryInside?: string | undefined;
  /** the same by child_process's name, which takes a file URL as well */
  cwd?: string | URL | undefined;
  /** a number, or a user of the target: `web`, `web:staff` */
  uid?: number | string | undefined;
  /** a number, or a group of the target */
  gid?: number | string | undefined;
  /** numbers, and groups of the target */
  groups?: readonly (number | string)[] | 'follow' | 'none' | 'keep' | undefined;
  preserveCredentials?: boolean | undefined;
  keepCapabilities?: boolean | undefined;
  targetEnvironment?: boolean | undefined;
  joinCgroup?: boolean | undefined;
  followContext?: boolean | undefined;
  /** false: execute in the spawned process itself, even after entering a PID namespace */
  fork?: boolean | undefined;
  /** a pseudo-terminal for the program, of this size: what it writes to it comes out of `stdout` */
  pty?: boolean | TerminalSize | undefined;
  /**
   * behind this character, at the beginning of a line, keys are for the waiting process where its input is a terminal: `~`, `^]`;
   * default `none`
   */
  escape?: string | undefined;
  /**
   * the signal that the program gets when the process that waits for it after a fork, or this one, dies; default
   * SIGKILL, and `false`, none, where `detached`. Where nothing forks, so without a PID namespace, the program is a child of
   * this process and outlives it, as any does
   */
  killChild?: NodeJS.Signals | number | false | undefined;
  /** false: signals for the waiting process are not handed on */
  forwardSignals?: boolean | undefined;
  /**
   * The program's capabilities, in every set: names such as `net_raw` are all that it gets; `+net_raw` adds one to, `-net_raw` takes one
   * from, what it would have. Also `all`, and `none`, which an empty array is as well.
   */
  caps?: string | readonly string[] | undefined;
  /** nothing that the program executes gives it more rights */
  noNewPrivileges?: boolean | undefined;
  /** file mode creation mask of the program, as process.umask() takes it: a number, or octal digits */
  umask?: number | string | undefined;
  /** the program leads a session of its own, without a terminal */
  newSession?: boolean | undefined;
  /** of `stdio`, the program gets the first three only */
  closeDescriptors?: boolean | undefined;
  /** of `stdio`, the program gets the first three and so many more */
  preserveDescriptors?: number | undefined;
  /**
   * As the engine of the target would execute the program; with a list only those aspects, or all but `-NAME`. What could not be taken is
   * in `notTaken` of the process, and with `strict` an error. A terminal is only given with `pty`.
   */
  asTarget?: boolean | readonly AspectWord[] | undefined;
  /** true: the helper may be overwritten by whoever is inside (CVE-2019-5736) */
  unsealed?: boolean | undefined;
}

/** In characters, each up to 65535. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** An aspect of the target, or one more, or one less than usual. */
export type AspectWord = Aspect | `+${Aspect}` | `-${Aspect}` | 'strict';
