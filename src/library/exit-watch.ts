import { Socket } from 'node:net';
import { closeDescriptor, pidfdOpen } from '../hosts/node/libc.ts';
import { replaceDescriptor, socketPair, statusOf } from '../hosts/node/posix-spawn.ts';

/** Milliseconds between two looks, where nothing tells. */
const PAUSE = 20;

/** As waitpid(2) has it; undefined where somebody else has waited for the child. */
export type WaitStatus = number | undefined;

/**
 * Tells of the end of a child that child_process does not know. A pidfd is readable then (pidfd_open(2), Linux 5.3), but none of the descriptors for
 * which Node has a class: so it takes the place of a socket that has one. The loop asks for readiness only later, and to read from it is an error.
 */
export class ExitWatch {
  readonly #ends = socketPair();
  #teller: Socket | NodeJS.Timeout | undefined;
  #keepsAlive = true;

  /** @param ended is called once, later */
  watch(pid: number, ended: (status: WaitStatus) => void): void {
    const [own, other] = this.#ends;
    // The number of the other end is free then, where no descriptor is left.
    closeDescriptor(other);
    const look = (): void => {
      const status = statusOf(pid);
      if (status === 'goes on') lookLater();
      else ended(status === 'lost' ? undefined : status);
    };
    const lookLater = (): void => this.#waitFor(setTimeout(look, PAUSE));
    const pidfd = openOrNone(pid);
    if (pidfd === undefined) {
      closeDescriptor(own);
      lookLater();
      return;
    }
    const socket = new Socket({ fd: own, readable: true, writable: false });
    replaceDescriptor(own, pidfd);
    closeDescriptor(pidfd);
    this.#waitFor(socket.once('error', look));
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
    for (const end of this.#ends) closeDescriptor(end);
  }
}

function openOrNone(pid: number): number | undefined {
  try {
    return pidfdOpen(pid, 0);
  } catch {
    return undefined;
  }
}
