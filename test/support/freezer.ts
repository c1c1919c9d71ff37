/** Cgroups whose members are frozen, of each version that this machine has. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { until } from './enter.ts';

export interface Freezer {
  readonly version: 1 | 2;
  readonly mountpoint: string;
}

export const freezers: readonly Freezer[] = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .map((line) => line.split(' '))
  .filter((fields) => fields[3] === '/')
  .flatMap((fields): Freezer[] => {
    const mountpoint = fields[4] ?? '';
    if (fields.includes('cgroup2')) return [{ version: 2, mountpoint }];
    return fields.includes('cgroup') && fields.at(-1)?.split(',').includes('freezer')
      ? [{ version: 1, mountpoint }]
      : [];
  });

let counter = 0;

/** Removed once its members have ended: so it is to be made before they are. */
export class FreezableCgroup implements AsyncDisposable {
  readonly path: string;
  readonly #version: 1 | 2;

  constructor({ version, mountpoint }: Freezer, name = '') {
    counter += 1;
    this.path = `${mountpoint}/tsenter-test-${process.pid}-freezer${counter}${name}`;
    this.#version = version;
    mkdirSync(this.path);
  }

  /** As long as the result is there. */
  async freeze(pid: number): Promise<Disposable> {
    writeFileSync(`${this.path}/cgroup.procs`, String(pid));
    if (this.#version === 1) writeFileSync(`${this.path}/freezer.state`, 'FROZEN');
    else writeFileSync(`${this.path}/cgroup.freeze`, '1');
    await until('it is frozen', () =>
      this.#version === 1
        ? readFileSync(`${this.path}/freezer.state`, 'utf8') === 'FROZEN\n'
        : readFileSync(`${this.path}/cgroup.events`, 'utf8').includes('frozen 1'),
    );
    return { [Symbol.dispose]: () => this.thaw() };
  }

  thaw(): void {
    if (this.#version === 1) writeFileSync(`${this.path}/freezer.state`, 'THAWED');
    else writeFileSync(`${this.path}/cgroup.freeze`, '0');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await until(`the end of ${this.path}`, () => {
      try {
        rmdirSync(this.path);
        return true;
      } catch {
        return !existsSync(this.path);
      }
    });
  }
}
