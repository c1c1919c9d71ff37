/**
 * A machine without hardware support, network or disk of its own, that runs one kernel with a folder as its root until it
 * powers off. What it writes to a second port comes back; its console is for people.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setImmediate } from 'node:timers/promises';
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
  /** A folder of the host: `mount -t virtiofs share DIRECTORY` (modules virtio_pci and virtiofs). */
  readonly share?: string;
  /** In milliseconds. */
  readonly timeout?: number;
}

export interface Run {
  readonly console: string;
  /** What was written to `outputDevice`. */
  readonly output: Buffer;
  readonly milliseconds: number;
}

interface Emulator {
  readonly program: string;
  readonly machine: readonly string[];
  readonly console: string;
  /** For the kernel. */
  readonly append: string;
  /** What the guest writes to `outputDevice` is in `file`. */
  readonly output: (file: string) => readonly string[];
}

const emulators: Readonly<Record<Architecture, Emulator>> = {
  amd64: {
    program: 'qemu-system-x86_64',
    // A fifth level of page tables takes a tenth more time to emulate.
    machine: ['-cpu', 'max,la57=off'],
    console: 'ttyS0',
    // On a busy host the timer may come too late for a kernel that waits for it, and panics.
    append: 'no_timer_check',
    output: (file) => ['-serial', `file:${file}`],
  },
  arm64: {
    program: 'qemu-system-aarch64',
    // Signing pointers as the architecture describes it is slow to emulate.
    machine: ['-machine', 'virt', '-cpu', 'max,pauth-impdef=on'],
    console: 'ttyAMA0',
    append: '',
    // The machine has one serial port.
    output: (file) => [
      ...['-device', 'virtio-serial-pci', '-chardev', `file,id=output,path=${file}`],
      ...['-device', 'virtconsole,chardev=output'],
    ],
  },
};

export const outputDevice: Readonly<Record<Architecture, string>> = {
  amd64: '/dev/ttyS1',
  arm64: '/dev/hvc0',
};

/** Debian has it in qemu-system-common, and since trixie in a package of its own. */
const fileServers = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd'];

/** Why no machine can be started here, or none with a `share`. */
export function missingEmulator(
  architecture: Architecture = 'amd64',
  { share = false }: { readonly share?: boolean } = {},
): string | undefined {
  const wanted = [emulators[architecture].program, 'cpio'];
  const missing = wanted.filter((name) => spawnSync(name, ['--version']).status !== 0);
  if (share && !fileServers.some((file) => existsSync(file))) missing.push('virtiofsd');
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`;
}

/** Whatever becomes of the test, it is not left behind. */
function start(command: readonly string[], errors: 'pipe' | 'ignore'): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', 'ignore', errors] });
}

function pack(root: string, archive: string): void {
  // Not compressed: what a guest takes to decompress it is more than what it takes to load it.
  const script = `cd "$1" && find . -print0 | cpio --quiet --null -o -H newc >"$2"`;
  const result = spawnSync('bash', ['-o', 'pipefail', '-c', script, 'pack', root, archive], {
    encoding: 'utf8',
  });
  if (result.status !== 0) throw new Error(`cannot pack ${root}: ${result.stderr}`);
}

/** Who serves the folder reads the guest's memory. */
function shareWords(memory: number, directory: string): string[] {
  return [
    ...['-object', `memory-backend-memfd,id=memory,size=${memory}M,share=on`, '-numa', 'node,memdev=memory'],
    ...['-chardev', `socket,id=share,path=${directory}/share`],
    ...['-device', 'vhost-user-fs-pci,chardev=share,tag=share'],
  ];
}

/** Ends with its machine, once that has come. */
async function serve(share: string, socket: string): Promise<ChildProcess> {
  const program = fileServers.find((file) => existsSync(file));
  if (program === undefined) throw new Error(`none of ${fileServers.join(', ')}`);
  // The one of qemu and the one that came after it.
  const options = program.includes('qemu')
    ? ['-o', `source=${share},sandbox=chroot,cache=always`]
    : ['--shared-dir', share, '--sandbox', 'chroot', '--cache', 'always'];
  const child = start([program, `--socket-path=${socket}`, ...options], 'ignore');
  const ended = once(child, 'close').then(() => {
    throw new Error(`${program} has ended`);
  });
  ended.catch(() => undefined);
  while (!existsSync(socket)) await Promise.race([setImmediate(), ended]);
  return child;
}

function words(options: MachineOptions, directory: string): string[] {
  const { kernel, append = '', memory = 512, disks = [], share } = options;
  const { machine, console, append: always, output } = emulators[kernel.architecture];
  return [
    ...machine,
    ...['-accel', 'tcg,tb-size=256', '-m', String(memory)],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', `file:${directory}/console`],
    ...output(`${directory}/output`),
    ...['-kernel', kernel.image, '-initrd', `${directory}/initramfs`],
    // The emulator translates code anew for each address that it is found at.
    ...['-append', `console=${console} panic=-1 quiet norandmaps ${always} ${append}`],
    ...(share === undefined ? [] : shareWords(memory, directory)),
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

/** An emulator of processors has faults of its own: who panics once is started again, and that is told. */
export async function boot(options: MachineOptions): Promise<Run> {
  for (let again = false; ; again = true) {
    const run = await bootOnce(options);
    if (!run.console.includes('Kernel panic')) return run;
    const { version } = options.kernel;
    if (again) throw new Error(`${version}: it panics twice: …${run.console.slice(-2000)}`);
    console.warn(`${version}: started again: …${run.console.slice(-4000)}`);
  }
}

async function bootOnce(options: MachineOptions): Promise<Run> {
  const { kernel, root, share, timeout = 900_000 } = options;
  const directory = mkdtempSync(`${tmpdir()}/tsenter-machine-`);
  let server: ChildProcess | undefined;
  try {
    pack(root, `${directory}/initramfs`);
    if (share !== undefined) server = await serve(share, `${directory}/share`);
    const started = performance.now();
    const child = start([emulators[kernel.architecture].program, ...words(options, directory)], 'pipe');
    let complaints = '';
    child.stderr?.on('data', (part: Buffer) => {
      complaints += part.toString();
    });
    const inTime = await powersOff(child, timeout);
    const read = (name: string): Buffer =>
      existsSync(`${directory}/${name}`) ? readFileSync(`${directory}/${name}`) : Buffer.alloc(0);
    const run = {
      console: read('console').toString('latin1'),
      output: read('output'),
      milliseconds: Math.round(performance.now() - started),
    };
    if (inTime && child.exitCode === 0) return run;
    const what = inTime ? `qemu ended with ${child.exitCode}: ${complaints}` : `not off after ${timeout} ms`;
    throw new Error(`${kernel.version}: ${what}: …${run.console.slice(-2000)}`);
  } finally {
    server?.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
}
