import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../support/programs.ts';

const script = `${repository}/test/engines/engines.sh`;

export interface Engine {
  readonly name: string;
  /** It gives the container a user namespace of its own. */
  readonly user?: boolean;
}

export const engines: readonly Engine[] = [
  { name: 'runc' },
  { name: 'crun' },
  { name: 'podman' },
  { name: 'containerd' },
  { name: 'pod' },
  { name: 'docker' },
  { name: 'lxc' },
  { name: 'nspawn' },
  { name: 'bwrap', user: true },
  { name: 'unshare', user: true },
];

/** The links below /proc/PID/ns by name: two processes share a namespace when the links are equal. */
export type Namespaces = Readonly<Record<string, string>>;

export function namespaces(pid: number | 'self'): Namespaces {
  const folder = `/proc/${pid}/ns`;
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readlinkSync(join(folder, name))]));
}

/** One engine's container. Its directory's path is short: the engines put sockets into it. */
export class Container {
  readonly #engine: string;
  readonly lab = mkdtempSync(join(tmpdir(), 'tse-'));
  /** What its engine calls it. */
  readonly name: string;
  /** The container's process as the host sees it. */
  readonly pid: number;

  constructor(engine: string) {
    this.#engine = engine;
    try {
      this.#script('up');
      this.pid = Number(this.#script('pid'));
      this.name = this.#script('name');
    } catch (error) {
      this.down();
      throw error;
    }
  }

  /** The programs that the engine needs and that are not installed. */
  static missing(engine: string): string[] {
    const { status, stdout } = spawnSync('bash', [script, 'have', engine], {
      env: { ...process.env, LAB: '/', NODE: process.execPath },
      encoding: 'utf8',
    });
    return status === 0 ? [] : stdout.trim().split('\n');
  }

  /** Fails when anything of the container is left. May be called again. */
  down(): void {
    this.#script('down');
    rmSync(this.lab, { recursive: true, force: true });
  }

  /** The engine's own way to run a program inside, where engines.sh knows it. */
  attach(options: readonly string[] = []): string[] {
    return this.#script('attach', options).split('\n');
  }

  /** What the engine's own client tells now. */
  told(): number {
    return Number(this.#script('told'));
  }

  /** Runs the engine's client; its output. */
  client(...words: readonly string[]): string {
    return this.#script('client', words);
  }

  read(file: string): string {
    return readFileSync(`/proc/${this.pid}/${file}`, 'utf8');
  }

  #script(action: string, words: readonly string[] = []): string {
    const { status, stdout, stderr } = spawnSync('bash', [script, action, this.#engine, ...words], {
      env: { ...process.env, LAB: this.lab, NODE: process.execPath },
      encoding: 'utf8',
      timeout: 110_000,
    });
    if (status !== 0) throw new Error(`engines.sh ${action} ${this.#engine}: status ${status}\n${stderr}`);
    return stdout.trim();
  }
}
