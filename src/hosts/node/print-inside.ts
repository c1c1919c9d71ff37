import { encodeStep } from '../../plan/encode.ts';
import type { Step } from '../../plan/steps.ts';
import { Errno, SystemError } from '../../sys/errors.ts';
import { fromBytes } from './bytes.ts';
import { load } from './place.ts';

const SIGKILL = 9;
const DIRECTORY = 3;
const USERS = 4;

/** Sys.readInside: Node cannot enter a user namespace, because it has several threads (setns(2)), but a helper can. */
export function printInside(
  helper: string,
  userNamespace: number,
  directory: number,
  file: string,
  most: number,
): string | undefined {
  const { status, text } = print(
    helper,
    [
      { step: 'undumpable' },
      // Whoever is inside may stop it; to enter undoes the first.
      { step: 'die-with-parent', signal: SIGKILL },
      { step: 'setns', pidfd: undefined, joins: [{ namespace: 'user', fd: USERS }] },
      { step: 'die-with-parent', signal: SIGKILL },
      { step: 'print', directory: DIRECTORY, file },
    ],
    [directory, userNamespace],
    most,
  );
  return status === 0 ? text : undefined;
}

/** Sys.readInRoot */
export function printInRoot(helper: string, root: number, path: string, most: number): string {
  const { status, text } = print(
    helper,
    [
      { step: 'die-with-parent', signal: SIGKILL },
      { step: 'print-in-root', directory: DIRECTORY, file: path },
    ],
    [root],
    most,
  );
  if (status !== 0) throw new SystemError(status ?? Errno.ETIMEDOUT, 'open');
  return text;
}

function print(
  helper: string,
  steps: readonly Step[],
  descriptors: readonly number[],
  most: number,
): { status: number | null; text: string } {
  const { spawnSync } = load('node:child_process') as typeof import('node:child_process');
  const { status, stdout, error } = spawnSync(helper, [...steps.map((step) => encodeStep(step)), '--'], {
    stdio: ['ignore', 'pipe', 'ignore', ...descriptors],
    env: {},
    maxBuffer: most,
    timeout: 2000,
    killSignal: 'SIGKILL',
  });
  if (error) {
    const { code, errno }: NodeJS.ErrnoException = error;
    if (code === 'ENOBUFS') throw new SystemError(Errno.EFBIG, 'read');
    if (code !== 'ETIMEDOUT' && errno !== undefined) throw new SystemError(-errno, 'clone');
  }
  return { status, text: fromBytes(stdout) };
}
