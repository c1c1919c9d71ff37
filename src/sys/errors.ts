/** What failed, in the words of the message `tsenter: VERB OBJECT: CAUSE`. */
export interface Failure {
  verb: string;
  object: string;
  /** strerror's words for a failed system call, else a short phrase */
  cause: string;
  /** what the user can do about it: the message's second line */
  hint?: string;
  /** the errno of the failed system call */
  errno?: number;
  /** the exit status of the command line: 1 unless execution failed (127 not found, 126 not executable) */
  status?: number;
}

/**
 * Every failure of tsenter itself: of the command line and of the library alike. What others wrote is in `object` and `reason` as it was found;
 * `message` and `hint`, which are for people, are escaped (by `renderFailure` and by the library).
 */
export class TsenterError extends Error {
  readonly verb: string;
  readonly object: string;
  /** strerror's words for a failed system call, else a short phrase */
  readonly reason: string;
  /** what can be done about it */
  readonly hint: string | undefined;
  /** of the failed system call */
  readonly errno: number | undefined;
  /** of the command line: 1 unless execution failed (127 not found, 126 not executable) */
  readonly status: number;
  /** in the library: the name of `errno`, such as ENOENT, or ERR_INVALID_ARG_VALUE for what cannot be understood */
  declare readonly code?: string;

  constructor(failure: Failure) {
    super(`${failure.verb} ${failure.object}: ${failure.cause}`);
    this.name = 'TsenterError';
    this.verb = failure.verb;
    this.object = failure.object;
    this.reason = failure.cause;
    this.hint = failure.hint;
    this.errno = failure.errno;
    this.status = failure.status ?? 1;
  }
}

/** As hints name it; who is called by another name says that one. */
export const HELP_COMMAND = 'tsenter --help';

/** A command line, or options of the library, that cannot be understood. */
export class UsageError extends TsenterError {
  constructor(
    verb: string,
    object: string,
    cause: string,
    hint = `Try '${HELP_COMMAND}' for more information.`,
  ) {
    super({ verb, object, cause, hint });
    this.name = 'UsageError';
  }
}

/** A UsageError, for modules that are to be loaded without the classes: only the native host's failing starts read them. */
export function usageError(verb: string, object: string, cause: string, hint?: string): UsageError {
  return new UsageError(verb, object, cause, hint);
}

/**
 * A system call that failed, as a host reports it. The caller knows what it was for and turns it into a
 * TsenterError.
 */
export class SystemError extends Error {
  readonly errno: number;
  readonly call: string;

  constructor(errno: number, call: string) {
    super(`${call}: errno ${errno}`);
    this.name = 'SystemError';
    this.errno = errno;
    this.call = call;
  }
}

/** The errno values that decide something here. Linux's generic numbers: x86, arm, riscv, powerpc, s390. */
export const Errno = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  ENODEV: 19,
  ENOTDIR: 20,
  EINVAL: 22,
  ENOTTY: 25,
  EFBIG: 27,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ELOOP: 40,
  EBADMSG: 74,
  ENOTSOCK: 88,
  EOPNOTSUPP: 95,
  ETIMEDOUT: 110,
  ESTALE: 116,
} as const;
