import { Socket } from 'node:net';
import { closeDescriptor, pidfdOpen } from '../hosts/node/libc.ts';
import { replaceDescriptor, socketPair, statusOf } from '../hosts/node/posix-spawn.ts';
import { later } from './timers.ts';

/** Milliseconds between two looks, where nothing tells. */
const PAUSE = 20;

/** As waitpid(2) has it; undefined where somebody else has waited for the child. */
export type WaitStatus = number | undefined;

/**
 * Tells of the end of a child that child_process does not know. A pidfd is readable then (pidfd_open(2), Linux 5.3), but none of the descriptors for
 * which Node has a class: so it takes the place of a socket that has one. The loop asks for readiness only later, and to read from it is an error.
 */
export class ExitWatch {
  readonly #socket: Socket;
  readonly #own: number;
  readonly #other: number;
  #teller: Socket | NodeJS.Timeout | undefined;
  #keepsAlive = true;

  /**
   * Whatever it takes is there before the child is.
   *
   * @throws SystemError where it is not to be had
   */
  constructor() {
    [this.#own, this.#other] = socketPair();
    this.#socket = new Socket({ fd: this.#own, readable: true, writable: false });
  }

  /** @param ended is called once, later */
  watch(pid: number, ended: (status: WaitStatus) => void): void {
    const look = (): void => {
      const status = statusOf(pid);
      if (status === 'goes on') {
        lookLater();
        return;
      }
      this.#teller = undefined;
      ended(status === 'lost' ? undefined : status);
    };
    const lookLater = (): void => this.#waitFor(later(look, PAUSE));
    // The number of the other end is free then, where no descriptor is left.
    closeDescriptor(this.#other);
    if (becomesPidfd(this.#own, pid)) {
      this.#waitFor(this.#socket.once('error', look));
      return;
    }
    this.#socket.destroy();
    lookLater();
  }

  #waitFor(teller: Socket | NodeJS.Timeout): void {
    this.#teller = teller;
    if (!this.#keepsAlive) teller.unref();
  }

  ref(): void {
    this.#keepsAlive = true;
    this.#teller?.ref();
  }

  unref(): void {
    this.#keepsAlive = false;
    this.#teller?.unref();
  }

  /** Where there is no child after all. */
  close(): void {
    closeDescriptor(this.#other);
    this.#socket.destroy();
  }
}

/** Where it does not, because a filter denies it, nothing is lost but time. */
function becomesPidfd(fd: number, pid: number): boolean {
  let pidfd: number | undefined;
  try {
    pidfd = pidfdOpen(pid, 0);
    replaceDescriptor(fd, pidfd);
    return true;
  } catch {
    return false;
  } finally {
    if (pidfd !== undefined) closeDescriptor(pidfd);
  }
}
