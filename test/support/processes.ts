/** Who runs on this machine, from /proc. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Process {
  readonly pid: number;
  /** `T` stopped, `Z` a zombie. */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** The foreground group of its controlling terminal, -1 without one. */
  readonly foreground: number;
  /** The name of its program, cut to 15 bytes. */
  readonly command: string;
}

/** What it is, while it is there. */
export function processOf(pid: number | string): Process | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const end = stat.lastIndexOf(')');
  const command = stat.slice(stat.indexOf('(') + 1, end);
  const fields = stat.slice(end + 2).split(' ');
  const [state = '', ...numbers] = fields;
  const [parent = 0, group = 0, session = 0, , foreground = -1] = numbers.map(Number);
  return { pid: Number(pid), state, parent, group, session, foreground, command };
}

/** It waits in the foreground of its terminal: what is typed there is for it. */
export function hasTerminal({ state, group, foreground }: Process): boolean {
  return state === 'S' && group === foreground;
}

export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(processOf)
    .filter((process) => process !== undefined);
}

/** Those that were started with this entry in their environment, wherever they have gone since. */
export function processesWith(entry: string): Process[] {
  return processes().filter(({ pid }) => `\0${read(`/proc/${pid}/environ`)}`.includes(`\0${entry}\0`));
}

export function argumentsOf(pid: number): readonly string[] {
  return read(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? [];
}

/** What is left ends; whatever is started meanwhile as well. */
export function killAll(found: () => readonly Process[]): void {
  for (let left = found(); left.length > 0; left = found()) {
    for (const { pid } of left) signal(pid, 'SIGKILL');
    // A zombie is its parent's to reap.
    if (left.every(({ state }) => state === 'Z')) return;
  }
}

/** False when there is no such process any more. */
export function signal(pid: number, number: NodeJS.Signals | number): boolean {
  try {
    return process.kill(pid, number);
  } catch {
    return false;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
