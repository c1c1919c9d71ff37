import type { Container, Engine } from './engine.ts';
import type { StateFiles } from './state-files.ts';

/**
 * What is registered with systemd-machined, a file of shell assignments for each machine; and what systemd-nspawn(1) runs without it,
 * whose child the first process is.
 */
export const machine: Engine = {
  scheme: 'machine',
  find: (files, wanted = '') => {
    const registered = files
      .list(MACHINES)
      // Links by unit lie beside them.
      .filter((name) => name.startsWith(wanted) && !name.startsWith('unit:'))
      .flatMap((name) => machineOf(files, name));
    return registered.length > 0 ? registered : unregistered(files, wanted);
  },
};

const MACHINES = '/run/systemd/machines';
const NSPAWN = 'systemd-nspawn';

function machineOf(files: StateFiles, name: string): Container[] {
  const text = files.read(`${MACHINES}/${name}`) ?? '';
  const value = (key: string) =>
    text
      .split('\n')
      .find((line) => line.startsWith(`${key}=`))
      ?.slice(key.length + 1);
  const [leader = '', scope] = [value('LEADER'), value('SCOPE')];
  if (!/^\d{1,10}$/.test(leader) || !scope) return [];
  const proof = { kind: 'cgroup', name: scope } as const;
  return [{ scheme: 'machine', id: name, names: [], pid: Number(leader), proof }];
}

function unregistered(files: StateFiles, wanted: string): Container[] {
  return files.processes().flatMap((pid) => {
    if (files.readProc(`${pid}/comm`) !== `${NSPAWN}\n`) return [];
    const name = machineIn(files.readProc(`${pid}/cmdline`)?.split('\0') ?? []);
    const child = Number(files.readProc(`${pid}/task/${pid}/children`)?.split(' ')[0]);
    if (!name?.startsWith(wanted) || !(child > 0)) return [];
    const proof = { kind: 'child', parent: pid, comm: NSPAWN } as const;
    return [{ scheme: 'machine', id: name, names: [], pid: child, proof }];
  });
}

/** `-M NAME`, `-MNAME`, `--machine NAME` or `--machine=NAME`. */
function machineIn(words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    if (word === '-M' || word === '--machine') return words[index + 1];
    const [, glued] = /^(?:-M|--machine=)(.+)$/.exec(word) ?? [];
    if (glued !== undefined) return glued;
  }
  return undefined;
}
