/**
 * A machine without hardware support, network or disk of its own, that runs one kernel with a folder as its root until it
 * powers off. What it writes to its second serial port comes back; its console is for people.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Architecture, Kernel } from './kernels.ts';

export interface MachineOptions {
  readonly kernel: Kernel;
  /** Becomes the initramfs, so its /init is executed; see root.ts. */
  readonly root: string;
  /** More words for the kernel. */
  readonly append?: string;
  /** In MiB. */
  readonly memory?: number;
  /** Raw images: /dev/vda and so on (module virtio_blk). What the guest writes to them is lost. */
  readonly disks?: readonly string[];
  /** In milliseconds. */
  readonly timeout?: number;
}

export interface Run {
  readonly console: string;
  /** What was written to /dev/ttyS1 (on arm64 /dev/hvc0). */
  readonly output: Buffer;
  readonly milliseconds: number;
}

const emulators: Readonly<
  Record<Architecture, { program: string; machine: readonly string[]; console: string }>
> = {
  amd64: { program: 'qemu-system-x86_64', machine: [], console: 'ttyS0' },
  arm64: { program: 'qemu-system-aarch64', machine: ['-machine', 'virt'], console: 'ttyAMA0' },
};

/** Why no machine can be started here. */
export function missingEmulator(architecture: Architecture = 'amd64'): string | undefined {
  const wanted = [emulators[architecture].program, 'cpio'];
  const missing = wanted.filter((name) => spawnSync(name, ['--version']).status !== 0);
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

function pack(root: string, archive: string): void {
  // Not compressed: what a guest takes to decompress it is more than what it takes to load it.
  const script = `cd "$1" && find . -print0 | cpio --quiet --null -o -H newc >"$2"`;
  const result = spawnSync('bash', ['-o', 'pipefail', '-c', script, 'pack', root, archive], {
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`cannot pack ${root}: ${result.stderr}`);
}

function words(options: MachineOptions, directory: string): string[] {
  const { kernel, append = '', memory = 512, disks = [] } = options;
  const { machine, console } = emulators[kernel.architecture];
  return [
    ...machine,
    ...['-accel', 'tcg', '-cpu', 'max', '-m', String(memory)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${directory}/console`, '-serial', `file:${directory}/output`],
    ...['-kernel', kernel.image, '-initrd', `${directory}/initramfs`],
    ...['-append', `console=${console} panic=-1 quiet ${append}`],
    ...disks.flatMap((file) => ['-drive', `file=${file},format=raw,if=virtio,snapshot=on`]),
  ];
}

/** False where it had to be killed. */
function powersOff(child: ChildProcess, timeout: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeout);
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      resolve(!late);
    });
  });
}

export async function boot(options: MachineOptions): Promise<Run> {
  const { kernel, root, timeout = 300_000 } = options;
  const directory = mkdtempSync(`${tmpdir()}/tsenter-machine-`);
  try {
    pack(root, `${directory}/initramfs`);
    const started = performance.now();
    const child = spawn(emulators[kernel.architecture].program, words(options, directory), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let complaints = '';
    child.stderr.on('data', (part: Buffer) => {
      complaints += part.toString();
    });
    // A test run that is given up leaves no machine behind.
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    const inTime = await powersOff(child, timeout);
    process.removeListener('exit', end);
    const said =
      child.exitCode === 0 || !inTime ? readFileSync(`${directory}/console`, 'latin1') : complaints;
    const run = {
      console: said,
      output: readFileSync(`${directory}/output`),
      milliseconds: Math.round(performance.now() - started),
    };
    if (inTime && child.exitCode === 0) return run;
    const what = inTime ? `qemu ended with ${child.exitCode}` : `not off after ${timeout} ms`;
    throw new Error(`${kernel.version}: ${what}: …${said.slice(-2000)}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
