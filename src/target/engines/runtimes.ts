import type { Container, Engine, Proof } from './engine.ts';
import { numberAt } from './json.ts';
import type { StateFiles } from './state-files.ts';

/** runc and crun: a directory of each container's, by its id, with a file that has the first process and its start. */
interface Runtime {
  scheme: string;
  file: string;
  pid: string;
  start: string;
}

const RUNC = { scheme: 'runc', file: 'state.json', pid: 'init_process_pid', start: 'init_process_start' };
const CRUN = { scheme: 'crun', file: 'status', pid: 'pid', start: 'process-start-time' };

export const runc: Engine = { scheme: 'runc', find: (files, wanted) => findIn(files, RUNC, wanted) };
export const crun: Engine = { scheme: 'crun', find: (files, wanted) => findIn(files, CRUN, wanted) };

function findIn(files: StateFiles, runtime: Runtime, wanted = ''): Container[] {
  const own = files.place('XDG_RUNTIME_DIR');
  const roots = [`/run/${runtime.scheme}`, ...(own === undefined ? [] : [`${own}/${runtime.scheme}`])];
  return roots.flatMap((root) =>
    files
      .list(root)
      .filter((id) => id.startsWith(wanted))
      .flatMap((id) => containerAt(files, runtime, root, id)),
  );
}

/** runc writes these first, and then some thirty kilobytes of configuration. */
const BEGINNING = /^\{"id":"[\w+.-]*","init_process_pid":(\d{1,10}),"init_process_start":(\d{1,15}),/;
const LONGEST_BEGINNING = 1024;

function containerAt(files: StateFiles, runtime: Runtime, root: string, id: string): Container[] {
  const { scheme, file } = runtime;
  const path = `${root}/${id}/${file}`;
  const text = runtime === RUNC ? files.beginning(path, LONGEST_BEGINNING) : '';
  if (text === undefined) return [];
  const begun = BEGINNING.exec(text);
  const state = begun ? undefined : files.json(path, `${runtime.pid} ${runtime.start}`);
  const pid = begun ? Number(begun[1]) : numberAt(state, runtime.pid);
  const start = begun ? Number(begun[2]) : numberAt(state, runtime.start);
  if (pid === undefined || start === undefined) return [];
  return [{ scheme, id, names: [], pid, proof: () => ({ kind: 'start', ticks: String(start) }) }];
}

/**
 * What proves a process of an engine that has called one of these: the start that was written down, where its state is found; else that its
 * cgroup has the container's id.
 */
export function proofOf(files: StateFiles, roots: readonly string[], id: string, pid: number): Proof {
  if (pid !== 0)
    for (const root of roots)
      for (const runtime of [RUNC, CRUN]) {
        const [told] = containerAt(files, runtime, root, id);
        if (told) return told.pid === pid ? told.proof() : { kind: 'none' };
      }
  return { kind: 'cgroup-id', id };
}
