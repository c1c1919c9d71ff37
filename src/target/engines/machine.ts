import { type Container, type Engine, pidIn } from './engine.ts';
import type { StateFiles } from './state-files.ts';

/**
 * What is registered with systemd-machined, a file of assignments for each machine; and what systemd-nspawn(1) runs without it, whose child
 * the first process is.
 */
export const machine: Engine = {
  scheme: 'machine',
  find: (files, wanted = '') => {
    const registered = files
      .list(MACHINES)
      // Links by unit lie beside them.
      .filter((name) => name.startsWith(wanted) && !name.startsWith('unit:'))
      .flatMap((name) => machineOf(files, name));
    if (registered.some(({ id }) => id === wanted)) return registered;
    const isKnown = (id: string) => registered.some((one) => one.id === id);
    return [...registered, ...unregistered(files, wanted).filter(({ id }) => !isKnown(id))];
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
  const pid = pidIn(value('LEADER'));
  const scope = unescaped(value('SCOPE') ?? '');
  if (pid === 0 || scope === '') return [];
  return [{ scheme: 'machine', id: name, names: [], pid, proof: () => ({ kind: 'cgroup', name: scope }) }];
}

/** As machined writes a value: in quotes, or not; with `\` before what has a meaning there, and `\x2d` for some. */
function unescaped(value: string): string {
  return value
    .replace(/^"(.*)"$/, '$1')
    .replace(/\\(\\|x([0-9a-f]{2})|.)/g, (_, other: string, code?: string) =>
      code === undefined ? other : `\\x${code}`,
    );
}

/** A process of the host alone counts: anybody may call itself so. */
function unregistered(files: StateFiles, wanted: string): Container[] {
  return files.processes().flatMap((parent) => {
    if (files.readProc(`${parent}/comm`) !== `${NSPAWN}\n` || !files.isOfHost(parent)) return [];
    const name = machineIn(files.readProc(`${parent}/cmdline`)?.split('\0', 200) ?? []);
    const pid = pidIn(files.readProc(`${parent}/task/${parent}/children`)?.split(' ')[0]);
    if (!name?.startsWith(wanted) || pid === 0) return [];
    const proof = { kind: 'child', parent, comm: NSPAWN } as const;
    return [{ scheme: 'machine', id: name, names: [], pid, proof: () => proof }];
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
