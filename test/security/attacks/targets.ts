/**
 * What is entered, under the control of an attacker.
 *
 *  - runc: a container of runc as `runc spec` makes it (three capabilities, no_new_privs, no user namespace)
 *  - lxc: a container of lxc without a user namespace
 *  - priv: namespaces and a root of its own with all capabilities, as a privileged container
 *  - shared: the same, but with the processes of the host in its /proc, of which the attacker may trace none
 *  - uns: in a user namespace in which no id is one of the host's
 *  - ido: in a user namespace whose ids are the host's
 *  - rootless: of an ordinary user, who is also who enters, with a tool that is their own
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { Container } from '../../engines/container.ts';
import { nsenter } from '../../support/command.ts';
import { identityUser, someone } from '../../support/enter.ts';
import { defaultEnv } from '../../support/launch.ts';
import { startTarget, type TargetOptions } from '../../support/targets.ts';

export type Kind = 'runc' | 'lxc' | 'priv' | 'shared' | 'uns' | 'ido' | 'rootless';

interface Ids {
  readonly uid?: number;
  readonly gid?: number;
}

export interface AttackTarget extends AsyncDisposable {
  readonly kind: Kind;
  readonly pid: number;
  /** Its root, as the host sees it. */
  readonly root: string;
  /** Who enters: nothing for root. */
  readonly caller: Ids;
  /** The engine's own words to enter it. */
  attach?(options: readonly string[]): string[];
  /** A process of the attacker's inside, with the rights that processes have there. */
  start(program: readonly string[], uid?: number): ChildProcess;
  /** The same, to its end: what it says. */
  do(script: string, input?: Buffer | string): string;
}

/** Makes a file inside; what it has of a host's file is a copy. */
export function put(target: AttackTarget, path: string, content: Buffer | string): void {
  const script = `b=/bin/busybox; $b mkdir -p "$($b dirname ${path})"; $b cat >${path}.new; $b chmod 755 ${path}.new`;
  target.do(`${script}; $b mv ${path}.new ${path}`, content);
}

const namespaces = ['mount', 'pid', 'uts', 'ipc'] as const;
const options: Readonly<Record<Exclude<Kind, 'runc' | 'lxc'>, TargetOptions>> = {
  priv: { namespaces, root: 'pivot', terminals: true },
  shared: { namespaces: ['mount', 'uts', 'ipc'], root: 'pivot', terminals: true },
  uns: {
    namespaces: ['user', ...namespaces],
    user: { uidMap: '0 100000 65536', gidMap: '0 100000 65536' },
    root: 'pivot',
  },
  ido: { namespaces: ['user', ...namespaces], user: identityUser, root: 'pivot', terminals: true },
  rootless: {
    // All of them: who is no root of the host may enter none of the host's.
    namespaces: ['user', ...namespaces, 'net', 'cgroup', 'time'],
    user: { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' },
    root: 'pivot',
    startedBy: someone,
  },
};

/** Why there can be no such target on this machine. */
export function missingFor(kind: Kind): string | undefined {
  if (kind !== 'runc' && kind !== 'lxc') return undefined;
  const missing = Container.missing(kind);
  return missing.length === 0 ? undefined : `not installed: ${missing.join(' ')}`;
}

export async function attackTarget(kind: Kind, more: TargetOptions = {}): Promise<AttackTarget> {
  if (kind === 'runc' || kind === 'lxc') return engineTarget(kind);
  const target = await startTarget({ ...options[kind], ...more });
  const caller = kind === 'rootless' ? { uid: someone, gid: someone } : {};
  const words = (program: readonly string[], uid?: number): string[] => {
    const ids = uid === undefined ? [] : ['-S', String(uid), '-G', String(uid)];
    const own = kind === 'rootless' ? ['--preserve-credentials'] : ids;
    return [nsenter, '-t', String(target.pid), '-a', ...own, ...program];
  };
  return {
    kind,
    pid: target.pid,
    root: `/proc/${target.pid}/root`,
    caller,
    start: (program, uid) => spawned(words(program, uid), caller),
    do: (script, input) => done(words(shell(script)), caller, input),
    [Symbol.asyncDispose]: () => target.stop(),
  };
}

function engineTarget(kind: 'runc' | 'lxc'): AttackTarget {
  const container = new Container(kind);
  const attach = (words: readonly string[]): string[] => container.attach(words);
  const words = (program: readonly string[], uid?: number): string[] => [
    ...attach(engineIds(kind, uid)),
    ...program,
  ];
  return {
    kind,
    pid: container.pid,
    root: `/proc/${container.pid}/root`,
    caller: {},
    attach,
    start: (program, uid) => spawned(words(program, uid), {}),
    do: (script, input) => done(words(shell(script)), {}, input),
    [Symbol.asyncDispose]: async () => container.down(),
  };
}

/** The engine's words for the user that a program is to be. */
export function engineIds(kind: Kind, uid: number | undefined): string[] {
  if (uid === undefined) return [];
  return kind === 'runc' ? ['-u', `${uid}:${uid}`] : ['-u', String(uid), '-g', String(uid)];
}

function spawned([file = '', ...words]: readonly string[], ids: Ids): ChildProcess {
  return spawn(file, words, { cwd: '/', env: { ...defaultEnv }, stdio: 'pipe', ...ids });
}

const shell = (script: string): string[] => ['/bin/busybox', 'sh', '-c', script];

function done([file = '', ...words]: readonly string[], ids: Ids, input: Buffer | string = ''): string {
  const around = { cwd: '/', env: { ...defaultEnv }, ...ids };
  const { status, stdout, stderr } = spawnSync(file, words, { ...around, input, timeout: 10_000 });
  if (status !== 0) throw new Error(`${words.join(' ')}: status ${status}: ${stderr}`);
  return stdout.toString('latin1');
}
