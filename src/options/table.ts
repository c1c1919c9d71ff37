import type { NamespaceName } from '../sys/namespaces.ts';

/**
 * The option table: what the parser needs to know of each option. What people read about them stands beside it,
 * in text.ts, so that the path from argv to the program does not carry it; `--help`, the man page and
 * the README's table are rendered from the two and from nothing else.
 *
 * Letters, arity and meaning of the rows are those of util-linux 2.43, whose order this is. A row of origin
 * `tsenter` never changes what an abbreviation of one of nsenter's options means.
 */
interface Row {
  long: string;
  short?: string | undefined;
  /** none: the option takes no value */
  value?: 'optional' | 'required' | undefined;
  /** the namespace type that the option enters */
  namespace?: NamespaceName;
  /** what is to be looked at once all options are known */
  further?: Further | undefined;
  /** the option that says the contrary: of the two the last one counts */
  contrary?: string | undefined;
  /** what is found at a path is the target's to say, then */
  files?: true;
  /**
   * TSENTER_OPTIONS may say it: it is about the waiting parent only, or about failures. None that changes what is entered, what the program gets, or how
   * tsenter is protected: --pty makes one stream of two.
   */
  preset?: true;
  /** a second occurrence is an error; otherwise the last one counts */
  once?: true | undefined;
  origin?: 'tsenter' | undefined;
}

interface Further {
  /** an option that cannot be given as well */
  excludes?: string;
  /** it says what the program is to be, beside what nsenter's options say: each occurrence counts, in its order */
  control?: true;
}

const CONTROL: Further = { control: true };

const OPTIONS = [
  { long: 'all', short: 'a', files: true },
  { long: 'target', short: 't', value: 'required', once: true },
  { long: 'mount', short: 'm', value: 'optional', namespace: 'mount', files: true },
  { long: 'uts', short: 'u', value: 'optional', namespace: 'uts' },
  { long: 'ipc', short: 'i', value: 'optional', namespace: 'ipc' },
  { long: 'net', short: 'n', value: 'optional', namespace: 'net' },
  { long: 'net-socket', short: 'N', value: 'required' },
  { long: 'pid', short: 'p', value: 'optional', namespace: 'pid' },
  { long: 'cgroup', short: 'C', value: 'optional', namespace: 'cgroup' },
  { long: 'user', short: 'U', value: 'optional', namespace: 'user' },
  { long: 'user-parent' },
  { long: 'time', short: 'T', value: 'optional', namespace: 'time' },
  { long: 'setuid', short: 'S', value: 'required' },
  { long: 'setgid', short: 'G', value: 'required' },
  { long: 'preserve-credentials' },
  { long: 'keep-caps' },
  { long: 'root', short: 'r', value: 'optional', files: true },
  { long: 'wd', short: 'w', value: 'optional' },
  { long: 'wdns', short: 'W', value: 'optional', further: { excludes: 'wd' } },
  { long: 'env', short: 'e' },
  { long: 'no-fork', short: 'F' },
  { long: 'join-cgroup', short: 'c' },
  { long: 'follow-context', short: 'Z' },
  { long: 'pty', further: { excludes: 'no-fork' }, contrary: 'no-pty', origin: 'tsenter' },
  { long: 'no-pty', contrary: 'pty', origin: 'tsenter' },
  { long: 'escape', value: 'required', preset: true, origin: 'tsenter' },
  { long: 'kill-child', value: 'optional', contrary: 'no-kill-child', preset: true, origin: 'tsenter' },
  { long: 'no-kill-child', contrary: 'kill-child', preset: true, origin: 'tsenter' },
  { long: 'no-forward-signals', preset: true, origin: 'tsenter' },
  { long: 'failure-status', value: 'required', further: CONTROL, preset: true, origin: 'tsenter' },
  { long: 'groups', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'caps', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'no-new-privs', further: CONTROL, origin: 'tsenter' },
  { long: 'umask', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'new-session', further: { excludes: 'no-fork', control: true }, origin: 'tsenter' },
  { long: 'setenv', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'unsetenv', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'clear-env', further: CONTROL, origin: 'tsenter' },
  { long: 'env-file', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'close-fds', further: CONTROL, origin: 'tsenter' },
  { long: 'preserve-fds', value: 'required', further: CONTROL, origin: 'tsenter' },
  { long: 'as-target', value: 'optional', further: CONTROL, origin: 'tsenter' },
  { long: 'unsealed', origin: 'tsenter' },
  { long: 'host-root', value: 'required', origin: 'tsenter' },
  { long: 'list', value: 'optional', origin: 'tsenter' },
  { long: 'explain', value: 'optional', origin: 'tsenter' },
  { long: 'completion', value: 'required', origin: 'tsenter' },
  { long: 'help', short: 'h' },
  { long: 'version', short: 'V' },
] as const satisfies readonly Row[];

export type OptionName = (typeof OPTIONS)[number]['long'];

/** Those that take a value, which has a name for people to read. */
export type OptionWithValue = Extract<(typeof OPTIONS)[number], { value: string }>['long'];

/** A row whose every column may be asked for. */
export interface OptionRow extends Row {
  long: OptionName;
}

export const OPTION_ROWS: readonly OptionRow[] = OPTIONS;

/** What a command line says: each option's last value, or true where it was given without one. */
export interface OptionValues extends Partial<Record<OptionName, string | true>> {
  controls?: Control[];
}

/** An option that controls what the program is to be, as it was given. */
export interface Control {
  long: OptionName;
  value: string | true;
}
