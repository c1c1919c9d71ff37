import type { Sys } from '../../sys/sys.ts';
import { ifPossible, readPath } from '../../sys/system-call.ts';
import type { StateFiles } from '../engines/state-files.ts';
import { fieldIn, START } from '../proof-text.ts';
import type { Found } from './find-all.ts';

/** Of a container with more processes the first one is among these, unless their numbers have begun anew. */
const MOST_LOOKED_AT = 256;
const MOST = 1 << 18;
/** The program of a sandbox. */
const PAUSE = 'pause';

const HEX = /^[0-9a-f]{64}$/;
const PREFIXED = /^(docker|cri-containerd|crio|libpod|libpod-payload)-([0-9a-f]{64})$/;
/** systemd's form, where it was taken literally. */
const LITERAL = /:(docker|cri-containerd|crio|libpod):([0-9a-f]{64})$/;
/** What runs a container, and is not in it. */
const RUNS_ONE = /^(lxc\.monitor\.|(libpod|crio)-conmon-|supervisor$)/;
const SCHEMES: Readonly<Record<string, string>> = {
  'cri-containerd': 'containerd',
  libpod: 'podman',
  'libpod-payload': 'podman',
};

interface InCgroup {
  scheme: string;
  id: string;
  /** its id as its cgroup has it, where that is another */
  written?: string;
}

/** The container whose cgroup a process is in, by what /proc/PID/cgroup says; of one within another the inner one. */
export function containerIn(cgroup: string): InCgroup | undefined {
  for (const line of cgroup.split('\n')) {
    const parts = line
      .slice(line.indexOf(':', line.indexOf(':') + 1) + 1)
      .split('/')
      .map((part) => part.replace(/\.scope$/, ''));
    for (let at = parts.length - 1; at > 0; at--) {
      const part = parts[at] ?? '';
      if (RUNS_ONE.test(part)) break;
      const found = namedBy(part, parts[at - 1] ?? '', line);
      if (found) return found;
    }
  }
  return undefined;
}

function namedBy(part: string, above: string, path: string): InCgroup | undefined {
  const [, engine, id] = PREFIXED.exec(part) ?? LITERAL.exec(part) ?? [];
  if (engine !== undefined && id !== undefined) return { scheme: SCHEMES[engine] ?? engine, id };
  if (HEX.test(part)) {
    if (above === 'docker') return { scheme: 'docker', id: part };
    return { scheme: path.includes('/kubepods') ? 'pod' : 'cgroup', id: part };
  }
  if (part.startsWith('lxc.payload.')) return { scheme: 'lxc', id: part.slice('lxc.payload.'.length) };
  if (part.startsWith('machine-')) {
    const written = part.slice('machine-'.length);
    const id = unescaped(written);
    return { scheme: 'machine', id, ...(id !== written && { written }) };
  }
  return undefined;
}

/** As systemd escapes what is part of a unit's name: `my\x2dmachine`. */
function unescaped(text: string): string {
  return text.replace(/\\x([0-9a-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/**
 * The containers whose engines keep their files elsewhere, or where nobody may look: by the cgroups of all processes, which everybody may
 * read.
 *
 * @param isKnown whether an engine has told of it
 */
export function findInCgroups(
  sys: Sys,
  files: StateFiles,
  isKnown: (id: string, pid: number) => boolean,
): Found[] {
  // Most processes have the cgroup of another.
  const seen = new Map<string, InCgroup | undefined>();
  const groups = new Map<string, { one: InCgroup; pids: number[] }>();
  for (const pid of files.processes()) {
    const cgroup = ofProcess(sys, pid, 'cgroup');
    if (cgroup === undefined) continue;
    if (!seen.has(cgroup)) seen.set(cgroup, containerIn(cgroup));
    const one = seen.get(cgroup);
    if (one === undefined || isKnown(one.id, pid)) continue;
    const group = groups.get(one.id);
    if (group) group.pids.push(pid);
    else groups.set(one.id, { one, pids: [pid] });
  }
  return [...groups.values()].flatMap(({ one, pids }) => {
    const first = firstOf(sys, pids);
    if (first === undefined || ofProcess(sys, first, 'comm') === `${PAUSE}\n`) return [];
    const { scheme, id, written = id } = one;
    return [{ scheme, id, names: [], pid: first, proof: () => ({ kind: 'cgroup-id', id: written }) }];
  });
}

/** The one that was there first. */
function firstOf(sys: Sys, pids: readonly number[]): number | undefined {
  if (pids.length === 1) return pids[0];
  let [first, earliest]: [number | undefined, number] = [undefined, Infinity];
  for (const pid of pids.slice(0, MOST_LOOKED_AT)) {
    const start = Number(fieldIn(ofProcess(sys, pid, 'stat') ?? '', START) ?? Infinity);
    if (start < earliest) [first, earliest] = [pid, start];
  }
  return first;
}

/** undefined where it has ended or is hidden, and of a cgroup that is too deep to be told. */
function ofProcess(sys: Sys, pid: number, file: string): string | undefined {
  return ifPossible(() => readPath(sys, `/proc/${pid}/${file}`, MOST));
}
