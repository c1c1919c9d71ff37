/**
 * Throw-away targets to enter, made by test/programs/target.c: a process with the namespaces, the root, the
 * user and the environment that a test asks for. It needs no container engine, and it leaves nothing behind:
 * its mounts are in its own mount namespace, and it dies with the test process, however that ends.
 *
 *     await using target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
 *     target.pid;
 *
 * It must be stopped otherwise: `await target.stop()`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { program, programDirectory } from './programs.ts';

export const namespaceNames = ['user', 'cgroup', 'ipc', 'uts', 'net', 'pid', 'mount', 'time'] as const;
export type NamespaceName = (typeof namespaceNames)[number];

interface UserNamespace {
  /** As in /proc/PID/uid_map: `INSIDE OUTSIDE COUNT`. */
  readonly uidMap: string;
  readonly gidMap: string;
  /** `deny` is a must for a map that an unprivileged user writes. */
  readonly setgroups?: 'allow' | 'deny';
}

export interface TargetOptions {
  /** What it has of its own; a user namespace comes with `user`, and then owns the others. */
  readonly namespaces?: readonly NamespaceName[];
  readonly user?: UserNamespace;
  /** Needs `uts`. */
  readonly hostname?: string;
  /** Offset of its clocks in seconds; needs `time`. */
  readonly timeOffset?: number;
  /**
   * A small root of its own on a tmpfs (needs `mount`): /probe, /bin/busybox with the usual names, /etc/passwd,
   * /etc/group, /dev/null, and /proc. `pivot` makes it the root of the mount namespace, as in a container;
   * with `chroot` it is the root of the process only. `no-proc` is `pivot` without /proc. In a user namespace
   * /proc needs `pid`.
   */
  readonly root?: 'pivot' | 'chroot' | 'no-proc';
  /** The root has pseudo-terminals of its own (/dev/pts, /dev/ptmx, /dev/tty), as a container has. */
  readonly terminals?: boolean;
  /** The root has the probe at this place as well, below directories of its own. */
  readonly probeAt?: string;
  /** Inside the root. */
  readonly cwd?: string;
  /** Inside the user namespace. */
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  /** The whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Who starts it: an unprivileged user of the host (uid and gid). */
  readonly startedBy?: number;
}

export interface Target extends AsyncDisposable {
  /** As seen by the test. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Where targets mount their private root: an empty directory, which is never seen outside. */
const rootMountPoint = `${programDirectory}/mnt`;

const applets = [
  ...['sh', 'true', 'false', 'cat', 'echo', 'env', 'id', 'kill', 'ls', 'pwd', 'sleep'],
  ...['stty', 'tty', 'ps', 'head', 'seq', 'sha256sum', 'timeout', 'usleep', 'yes', 'mount', 'rm'],
  ...['hostname', 'tar'],
];

const passwd = ['root:x:0:0:root:/root:/bin/sh', 'guest:x:1000:1000:guest:/home/guest:/bin/sh', ''];
const group = ['root:x:0:', 'guest:x:1000:', ''];

const at = (path: string): string => `${rootMountPoint}${path}`;

function terminalWords(): string[] {
  const devices = ['tty', 'zero', 'urandom'].map((name) => `bind=/dev/${name}:${at(`/dev/${name}`)}`);
  return [
    `mkdir=${at('/dev/pts')}`,
    `devpts=${at('/dev/pts')}`,
    `symlink=pts/ptmx:${at('/dev/ptmx')}`,
    ...devices,
  ];
}

function probeWords(place: string): string[] {
  const parents = [...place.matchAll(/(?<=.)\//g)].map(({ index }) => place.slice(0, index));
  return [...parents.map((path) => `mkdir=${at(path)}`), `copy=${program('probe')}:${at(place)}`];
}

function rootWords(
  kind: 'pivot' | 'chroot' | 'no-proc',
  { terminals = false, probeAt }: TargetOptions,
): string[] {
  const directories = ['/bin', '/dev', '/etc', '/home', '/home/guest', '/proc', '/root', '/srv', '/tmp'];
  const busybox = existsSync('/bin/busybox')
    ? [
        `copy=/bin/busybox:${at('/bin/busybox')}`,
        ...applets.map((applet) => `symlink=busybox:${at(`/bin/${applet}`)}`),
      ]
    : [];
  return [
    'private',
    `tmpfs=${rootMountPoint}`,
    ...directories.map((path) => `mkdir=${at(path)}`),
    `copy=${program('probe')}:${at('/probe')}`,
    ...(probeAt === undefined ? [] : probeWords(probeAt)),
    ...busybox,
    `write=${at('/etc/passwd')}:${passwd.join('\n')}`,
    `write=${at('/etc/group')}:${group.join('\n')}`,
    `bind=/dev/null:${at('/dev/null')}`,
    ...(terminals ? terminalWords() : []),
    ...(kind === 'no-proc' ? [] : [`proc=${at('/proc')}`]),
    kind === 'chroot' ? `chroot=${rootMountPoint}` : `pivot=${rootMountPoint}`,
    ...(kind === 'chroot' ? ['cwd=/'] : []),
  ];
}

function userWords(user: UserNamespace | undefined): string[] {
  if (user === undefined) return [];
  return [
    'ns=user',
    // The kernel wants the refusal before an unprivileged gid map.
    ...(user.setgroups === 'deny' ? ['setgroups=deny'] : []),
    `uidmap=${user.uidMap}`,
    `gidmap=${user.gidMap}`,
    // Full rights over what is unshared next belong to the user that the map names first.
    `gid=${user.gidMap.split(' ')[0]}`,
    `uid=${user.uidMap.split(' ')[0]}`,
  ];
}

export const targetEnv: Readonly<Record<string, string>> = { PATH: '/bin', MARK: 'target' };

/** The words of target.c, in the order in which they have to be done. */
export function targetWords(options: TargetOptions): string[] {
  const namespaces = (options.namespaces ?? []).filter((name) => name !== 'user');
  const forks = namespaces.includes('pid') || namespaces.includes('time');
  const one = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`${name}=${value}`];
  return [
    ...userWords(options.user),
    ...(namespaces.length > 0 ? [`ns=${namespaces.join(',')}`] : []),
    ...one('time', options.timeOffset),
    ...(forks ? ['fork'] : []),
    ...one('hostname', options.hostname),
    ...(options.root === undefined ? [] : rootWords(options.root, options)),
    ...one('cwd', options.cwd),
    ...one('groups', options.groups?.join(',')),
    ...one('gid', options.gid),
    ...one('uid', options.uid),
  ];
}

/** The PID of the line `ready PID`. */
function untilReady(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    child.stdout?.on('data', (part: Buffer) => {
      output += part.toString();
      const pid = /^ready (\d+)\n/m.exec(output)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    child.stderr?.on('data', (part: Buffer) => {
      errors += part.toString();
    });
    child.once('error', reject);
    child.once('close', () => reject(new Error(`the target has not started: ${errors}`)));
  });
}

export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const startedBy = options.startedBy;
  const child = spawn(program('target'), targetWords(options), {
    cwd: '/',
    env: { ...(options.env ?? targetEnv) },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(startedBy === undefined ? {} : { uid: startedBy, gid: startedBy }),
  });
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
  });
  const pid = await untilReady(child);
  // Targets must not keep a finished test process alive.
  child.unref();
  const stop = async (): Promise<void> => {
    child.ref();
    child.stdin.destroy();
    await ended;
  };
  return { pid, stop, [Symbol.asyncDispose]: stop };
}
