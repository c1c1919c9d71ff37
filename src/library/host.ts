import { NodeSys } from '../hosts/node/node-sys.ts';
import type { Host } from '../plan/host.ts';
import { Errno, SystemError } from '../sys/errors.ts';

/** What lists and explains knows a command line; here there is none. */
export class LibraryHost extends NodeSys implements Host {
  readonly host = 'node';
  readonly words = { count: 0, at: () => '' };

  calledAs(): string {
    return '';
  }

  run(): never {
    throw new SystemError(Errno.ENOSYS, 'execve');
  }
}
