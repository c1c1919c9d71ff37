import { Errno, SystemError } from '../../errors.ts';
import type { Plan } from '../../plan.ts';
import { encodeStep } from '../../steps.ts';
import type { OpenAs, Stat, Sys } from '../sys.ts';
import type { Natives } from './natives.ts';

/** The order of enum open_as in helper-c/native/natives.h. */
const OPEN_AS: readonly OpenAs[] = ['namespace', 'file', 'directory', 'write'];

/** Linux through the natives of the executable that this code is linked into. */
export class NativeSys implements Sys {
  readonly host = 'native';
  readonly words: Sys['words'];
  readonly #native: Natives;

  constructor(native: Natives) {
    this.#native = native;
    this.words = { count: native.wordCount, at: (index) => native.word(index) };
  }

  variable(name: string): string | undefined {
    return this.#native.variable(name);
  }

  isTerminal(fd: number): boolean {
    return this.#native.isTerminal(fd);
  }

  write(fd: 1 | 2, text: string): void {
    checked('write', this.#native.write(fd, text));
  }

  describe(errno: number): string {
    return this.#native.describe(errno);
  }

  kernelRelease(): string {
    return this.#native.kernelRelease();
  }

  open(path: string, as: OpenAs): number {
    return checked('open', this.#native.open(path, OPEN_AS.indexOf(as)));
  }

  close(fd: number): void {
    checked('close', this.#native.close(fd));
  }

  read(fd: number, most: number): string {
    return checkedText('read', this.#native.read(fd, most));
  }

  stat(fd: number): Stat {
    return toStat(checkedText('fstat', this.#native.stat(fd)));
  }

  statPath(path: string): Stat | undefined {
    const stat = this.#native.statPath(path);
    if (stat === -Errno.ENOENT || stat === -Errno.ENOTDIR) return undefined;
    return toStat(checkedText('stat', stat));
  }

  openProcess(pid: number): number {
    return checked('pidfd_open', this.#native.openProcess(pid));
  }

  hasEnded(pidfd: number): boolean {
    return checked('poll', this.#native.hasEnded(pidfd)) > 0;
  }

  takeDescriptor(pidfd: number, fd: number): number {
    return checked('pidfd_getfd', this.#native.takeDescriptor(pidfd, fd));
  }

  namespaceType(fd: number): number {
    return checked('ioctl', this.#native.namespaceType(fd));
  }

  owningUserNamespace(fd: number): number {
    return checked('ioctl', this.#native.owningUserNamespace(fd));
  }

  socketNamespace(fd: number): number {
    return checked('ioctl', this.#native.socketNamespace(fd));
  }

  openNamespaceById(id: string): number {
    return checked('open_by_handle_at', this.#native.openNamespaceById(id));
  }

  run(plan: Plan): never {
    const { program } = plan;
    // Behind the last word argv ends with NULL: no program, a login shell.
    const first = program.kind === 'operands' ? program.first : this.words.count;
    const steps = plan.steps.map((step) => encodeStep(step));
    return this.#native.run(steps, first, plan.environment);
  }
}

function checked(call: string, result: number): number {
  if (result < 0) throw new SystemError(-result, call);
  return result;
}

function checkedText(call: string, result: string | number): string {
  if (typeof result === 'number') throw new SystemError(-result, call);
  return result;
}

function toStat(identity: string): Stat {
  return { identity, inode: identity.slice(identity.indexOf(':') + 1) };
}
