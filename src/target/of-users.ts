import { SystemError } from '../sys/errors.ts';
import type { Sys } from '../sys/sys.ts';
import type { Container, Engine } from './engines/engine.ts';
import type { StateFiles, User } from './engines/state-files.ts';
import type { Target } from './target.ts';

/** Those that ordinary users run without root. */
const ROOTLESS = ['docker', 'podman', 'runc', 'crun'];
/** What these make in the directory of a session. */
const STATE = /^(docker|dockerd-rootless|containers|libpod|runc|crun)/;

/**
 * What ordinary users have of their own, for root: they are called USER/NAME, so that nobody who makes a container has a say in where a name
 * alone leads to. What a user has written down counts only where the user namespace of the process is that user's.
 *
 * @param wanted such a name; undefined: all
 */
export function findOfUsers(
  sys: Sys,
  files: StateFiles,
  engines: readonly Engine[],
  wanted: string | undefined,
): Container[] {
  const rootless = engines.filter(({ scheme }) => ROOTLESS.includes(scheme));
  return usersIn(files).flatMap((user) => {
    const prefix = `${user.name}/`;
    if (wanted !== undefined && !wanted.startsWith(prefix)) return [];
    const theirs = files.of(user);
    // Their homes are somewhere else often enough: nobody's is looked at who has run nothing since the boot, or the last login.
    if (!theirs.list(user.run).some((name) => STATE.test(name))) return [];
    return rootless
      .flatMap((engine) => engine.find(theirs, wanted?.slice(prefix.length)))
      .filter(({ pid }) => pid === 0 || isOfUser(sys, { proc: `/proc/${pid}` }, user.id))
      .map((one) => {
        const names = [...one.names, one.id].map((name) => `${prefix}${name}`);
        return { ...one, names, user: user.id };
      });
  });
}

/** Whose sessions there are: pam_systemd(8) makes a directory for each. Only root may look into it. */
function usersIn(files: StateFiles): User[] {
  const ids = files.isRoot() ? files.list('/run/user').filter((name) => /^[1-9]\d{0,9}$/.test(name)) : [];
  if (ids.length === 0) return [];
  const entries = (files.read('/etc/passwd') ?? '').split('\n').map((line) => line.split(':'));
  return ids.map((id) => {
    const [name = id, , , , , home = ''] = entries.find((fields) => fields[2] === id) ?? [];
    return { id: Number(id), name, home, run: `/run/user/${id}` };
  });
}

/** Whether the user has made its user namespace, or that within which it was made. */
export function isOfUser(sys: Sys, { proc }: Pick<Target, 'proc'>, id: number): boolean {
  const own = sys.statPath('/proc/self/ns/user')?.identity;
  let [current, owner]: [number | undefined, number | undefined] = [undefined, undefined];
  try {
    current = sys.open(`${proc}/ns/user`, 'namespace');
    while (sys.stat(current).identity !== own) {
      owner = sys.askNamespace(current, 'owner');
      const inner = current;
      current = sys.askNamespace(inner, 'parent');
      sys.close(inner);
    }
    return owner === id;
  } catch (error) {
    // It has ended, or its user namespace is none below the caller's.
    if (error instanceof SystemError) return false;
    throw error;
  } finally {
    if (current !== undefined) sys.close(current);
  }
}
