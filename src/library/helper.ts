import { closeSync, openSync, readSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { fromUnicode } from '../hosts/node/bytes.ts';
import { helper, placeBeside } from '../hosts/node/place.ts';
import { Errno, TsenterError } from '../sys/errors.ts';

/** What it finds as its own name. */
export const NAME = 'tsenter';

/** ELF's e_machine (elf(5)). */
const MACHINES: Readonly<Partial<Record<NodeJS.Architecture, number>>> = { x64: 62, arm64: 183 };
const IDENTITY = 20;
const checked = new Set<string>();

/**
 * The helper, once it is known to be an executable for this machine: what the kernel refuses as one, spawn(3) and execvp(3) would have
 * /bin/sh read.
 *
 * @throws TsenterError
 */
export function usableHelper(given: string | undefined): string {
  const path = given ?? helper;
  if (!checked.has(path)) check(path);
  checked.add(path);
  // With it comes koffi, of which there is one for all calls.
  if (given !== undefined) placeBeside(given);
  return path;
}

function check(path: string): void {
  const bytes = beginning(path);
  const isOurs =
    bytes.subarray(0, 6).equals(Buffer.from('\x7fELF\x02\x01', 'latin1')) &&
    bytes.readUInt16LE(18) === MACHINES[process.arch];
  if (!isOurs)
    throw new TsenterError({
      verb: 'execute',
      object: fromUnicode(path),
      cause: 'Exec format error',
      errno: Errno.ENOEXEC,
      status: 126,
      hint: `It is no executable for ${process.arch}: install tsenter on the machine that it is to run on.`,
    });
}

function beginning(path: string): Buffer {
  const bytes = Buffer.alloc(IDENTITY);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    throw notOpened(path, error);
  }
  try {
    readSync(fd, bytes);
  } finally {
    closeSync(fd);
  }
  return bytes;
}

function notOpened(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return error;
  const errno = -error.errno;
  return new TsenterError({
    verb: 'open',
    object: fromUnicode(path),
    cause: capitalized(getSystemErrorMap().get(-errno)?.[1] ?? `errno ${errno}`),
    errno,
    ...(errno === Errno.ENOENT && { hint: NOT_BESIDE }),
  });
}

/** As strerror(3) has it, which may not be there: it comes with koffi, from the same place. */
function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const NOT_BESIDE =
  'The helper is installed with the library. For a bundler, tsenter has to be external (esbuild: --external:tsenter), or helperPath the ' +
  'path of tsenter-helper, in dist/helper or in the package of this platform.';
