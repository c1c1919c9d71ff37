/** The shape of one row of the table, and the targets that rows name. */
import type { RunOptions } from '../support/command.ts';
import type { TargetOptions } from '../support/targets.ts';

/** An ordinary user of the host: not in /etc/passwd, which must not matter. */
export const ordinaryUser = 4242;

const inner = ['cgroup', 'ipc', 'uts', 'net', 'pid', 'mount', 'time'] as const;
const shift = 1_000_000;

/**
 * Every row names one of these; each is started once and shared, so rows must not change them.
 */
export const targets = {
  /** Nothing of its own: the namespaces and the root are the caller's. */
  host: { cwd: '/usr/share' },
  /** Like a container of root: every namespace but user, its own root. */
  full: { namespaces: inner, hostname: 'full', timeOffset: shift, root: 'pivot', cwd: '/srv' },
  /** Every namespace but user, on the file system of the host. */
  shared: { namespaces: inner, hostname: 'shared', timeOffset: shift, cwd: '/usr/share' },
  /** Its root is not the root of its mount namespace. */
  chroot: { namespaces: ['mount'], root: 'chroot', cwd: '/srv' },
  /** Without /proc inside. */
  noproc: { namespaces: ['mount', 'pid'], root: 'no-proc' },
  /** Like a container with a user namespace, made by root. */
  ranged: {
    user: { uidMap: '0 100000 65536', gidMap: '0 100000 65536' },
    namespaces: inner,
    hostname: 'ranged',
    root: 'pivot',
    cwd: '/srv',
  },
  /** No uid 0 inside. */
  unmapped: {
    user: { uidMap: '1000 4242 1', gidMap: '1000 4242 1' },
    namespaces: ['mount', 'uts', 'pid'],
    root: 'pivot',
  },
  /** Like a rootless container: made by an ordinary user, with that single id. */
  rootless: {
    startedBy: ordinaryUser,
    user: { uidMap: '0 4242 1', gidMap: '0 4242 1', setgroups: 'deny' },
    namespaces: inner,
    hostname: 'rootless',
    root: 'pivot',
    cwd: '/srv',
  },
  /** Only a user namespace, made by an ordinary user; uid and gid are mapped to themselves. */
  useronly: {
    startedBy: ordinaryUser,
    user: { uidMap: '4242 4242 1', gidMap: '4242 4242 1', setgroups: 'deny' },
  },
  /** A process of the ordinary user without anything of its own. */
  owned: { startedBy: ordinaryUser, cwd: '/usr/share' },
  /** Root's container in which an ordinary user runs, with its own environment. */
  service: {
    namespaces: ['mount', 'uts', 'pid'],
    hostname: 'service',
    root: 'pivot',
    uid: 1001,
    gid: 1002,
    env: { PATH: '/bin', MARK: 'service' },
  },
} as const satisfies Record<string, TargetOptions>;

export type TargetName = keyof typeof targets;

export interface Row {
  /** Unique: intended.ts refers to it. */
  readonly name: string;
  readonly target: TargetName;
  /**
   * What follows the name of the command, percent-encoded, with these placeholders: {pid} of the target, {probe}
   * (its path on the host), {files} (see fixtures.ts), {ns:NAME} (the file in /proc/PID/ns).
   */
  readonly argv: readonly string[];
  /** Placeholders are replaced in the values of `env`, in `cwd` and in the paths of `open`, too. */
  readonly around: RunOptions;
  /** The program writes to stderr itself: compare the text. Otherwise only whether there was any. */
  readonly stderr?: 'exact';
}

/** A row; a string of arguments is cut at its spaces. */
export function row(
  name: string,
  target: TargetName,
  argv: string | readonly string[],
  around: RunOptions & { readonly exactStderr?: true } = {},
): Row {
  const { exactStderr, ...surroundings } = around;
  const words = typeof argv === 'string' ? argv.split(' ').filter((word) => word !== '') : argv;
  return {
    name,
    target,
    argv: words,
    around: surroundings,
    ...(exactStderr === undefined ? {} : { stderr: 'exact' }),
  };
}
