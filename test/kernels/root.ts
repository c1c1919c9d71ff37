/**
 * The root of a guest: busybox, tsenter and the test programs where they are on the host, both nsenters, and an init
 * that does what a test asks for and sends back the files of /output.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nsenter, references } from '../support/command.ts';
import { programDirectory, repository } from '../support/programs.ts';
import type { Kernel } from './kernels.ts';
import { outputDevice, type Run } from './machine.ts';
import type { Userland } from './userland.ts';

/** Where both have it: the host and the guest. */
export const guestTsenter = `${repository}/dist/native/tsenter`;
/** The system's; newer ones are at their own paths. */
export const guestNsenter = '/usr/bin/nsenter';

export interface RootOptions {
  readonly kernel: Kernel;
  /** A shell script: /proc, /sys, /dev, /dev/pts, /tmp and loopback are there. Files in /output come back. */
  readonly script: string;
  /** The host's own root, or the userland's, instead of a small one: the machine shares it (`shareOf`). */
  readonly host?: boolean;
  /** Of another architecture than the host's. */
  readonly userland?: Userland;
  /** Loaded before the script, with what they need; those that are built in are passed over. */
  readonly modules?: readonly string[];
  /** Path in the guest to a file of the host, links followed; the libraries of an executable come with it. */
  readonly files?: Readonly<Record<string, string>>;
  /** Path in the guest to text; executable. */
  readonly texts?: Readonly<Record<string, string>>;
}

export interface Root extends Disposable {
  readonly directory: string;
}

const passwd = ['root:x:0:0:root:/root:/bin/sh', 'nobody:x:65534:65534:nobody:/nonexistent:/bin/false', ''];
const group = ['root:x:0:', 'nogroup:x:65534:', ''];

/** With /etc/guest/host the root becomes the host's, and what is written to it stays in memory. */
const init = `#!/bin/sh
for module in /etc/guest/modules/*; do [ ! -e "$module" ] || insmod "$module"; done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/root /run/upper /run/work
if [ -e /etc/guest/host ]; then
	mount -t virtiofs -o ro share /mnt
	mount -t overlay -o lowerdir=/mnt,upperdir=/run/upper,workdir=/run/work overlay /run/root
	[ ! -e /etc/guest/over ] || cp -a /etc/guest/over/. /run/root/
	mkdir -p /run/root/etc/guest /run/root/output
	cp /etc/guest/start /etc/guest/script /run/root/etc/guest
else
	# Nothing can pivot away from the first root. A bind mount of it can be one like any other.
	mount -o bind / /run/root
fi
cd /run/root
mount -o move . /
exec chroot . /etc/guest/start
`;

/** The host's own tools may be others, or none. */
const start = (output: string): string => `#!/bin/busybox sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
b=/bin/busybox
# Who unmounts it finds nothing, and not what the host has there.
$b mount -t tmpfs tmpfs /proc
$b mount -t proc proc /proc
$b mount -t sysfs sysfs /sys
$b mount -t devtmpfs devtmpfs /dev
$b mkdir -p /dev/pts /dev/shm
$b mount -t devpts -o mode=0620,ptmxmode=0666 devpts /dev/pts
$b mount -t tmpfs tmpfs /dev/shm
$b mount -t tmpfs -o mode=1777 tmpfs /tmp
$b mount -t tmpfs -o mode=755 tmpfs /run
$b ln -s /proc/self/fd /dev/fd
$b hostname guest
$b ip link set lo up
$b sh /etc/guest/script
echo $? >/output/status
# Kept open: what is set may be lost with the last who has it open.
exec 3<>${output}
$b stty raw <&3
$b tar -cf - -C /output . | $b gzip -1 >&3
$b poweroff -f
`;

export function makeRoot(options: RootOptions): Root {
  const directory = mkdtempSync(`${tmpdir()}/tsenter-root-`);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    fill(directory, options);
  } catch (error) {
    remove();
    throw error;
  }
  return { directory, [Symbol.dispose]: remove };
}

function fill(directory: string, options: RootOptions): void {
  const { kernel, script, host = false, userland, modules = [], files = {}, texts = {} } = options;
  chmodSync(directory, 0o755);
  const folders = ['dev', 'etc/guest/modules', 'mnt', 'output', 'proc', 'root', 'run', 'srv', 'sys', 'tmp'];
  for (const name of folders) mkdirSync(`${directory}/${name}`, { recursive: true });
  // As Debian has it.
  for (const name of ['bin', 'lib', 'lib64', 'sbin']) {
    mkdirSync(`${directory}/usr/${name}`, { recursive: true });
    symlinkSync(`usr/${name}`, `${directory}/${name}`);
  }
  mkdirSync(`${directory}/usr/share`);
  copy(directory, userland?.busybox ?? '/bin/busybox', '/bin/busybox');
  // The one that is found in PATH is the reference.
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    if (!['busybox', 'nsenter'].includes(applet)) symlinkSync('busybox', `${directory}/bin/${applet}`);

  if (!host) fillFurther(directory, { ...userland?.files, ...files }, userland);
  else if (userland !== undefined) fillFurther(`${directory}/etc/guest/over`, userland.files, userland);

  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(directory + path), { recursive: true });
    writeFileSync(directory + path, text);
    chmodSync(directory + path, mode);
  };
  write('/init', init, 0o755);
  write('/etc/guest/start', start(outputDevice[kernel.architecture]), 0o755);
  write('/etc/guest/script', script);
  if (host) write('/etc/guest/host', '');
  for (const [path, text] of Object.entries(texts)) write(path, text, 0o755);

  const needed = host ? ['virtio_pci', 'virtiofs', 'overlay'] : [];
  modulesInOrder(kernel, [...needed, ...modules]).forEach((text, index) => {
    writeFileSync(`${directory}/etc/guest/modules/${String(index).padStart(3, '0')}.ko`, text);
  });
}

/** What the host's own root has already. */
function fillFurther(directory: string, files: Readonly<Record<string, string>>, userland?: Userland): void {
  mkdirSync(`${directory}/etc`, { recursive: true });
  writeFileSync(`${directory}/etc/passwd`, passwd.join('\n'));
  writeFileSync(`${directory}/etc/group`, group.join('\n'));
  const programs = userland?.programs ?? programDirectory;
  for (const name of readdirSync(programs).filter((one) => /^[a-z-]+$/.test(one)))
    if (name !== 'mnt') copy(directory, `${programs}/${name}`, `${programDirectory}/${name}`);
  mkdirSync(`${directory}${programDirectory}/mnt`);
  copy(directory, userland?.tsenter ?? guestTsenter, guestTsenter);
  for (const file of userland === undefined ? references : [])
    copy(directory, file, file === nsenter ? guestNsenter : file);
  for (const [path, file] of Object.entries(files)) copy(directory, file, path);
}

/** How a script for a guest with the host's root begins that runs tests: nothing is built there. */
export const inRepository = `
mount -t cgroup2 cgroup2 /sys/fs/cgroup
cd ${repository}
[ -e node_modules ] || ln -s /opt/node_modules .
export TSENTER_UNDER_TEST=${guestTsenter} TSENTER_TEST_PROGRAMS=${programDirectory}
`;

/** A folder for a machine whose guest has the host's root. */
export function shareOf(userland?: Userland): string {
  return userland?.host ?? '/';
}

/** Libraries of what is no static executable are at the same path in the guest. */
function copy(directory: string, file: string, path: string): void {
  if (existsSync(directory + path)) return;
  mkdirSync(dirname(directory + path), { recursive: true });
  if (statSync(file).isDirectory()) {
    cpSync(file, directory + path, { recursive: true, verbatimSymlinks: true });
    return;
  }
  copyFileSync(realpathSync(file), directory + path);
  const { stdout = '' } = spawnSync('ldd', [file], { encoding: 'utf8' });
  for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(0x/g)) copy(directory, library, library);
}

/** The modules themselves, each behind those that it needs. */
function modulesInOrder(kernel: Kernel, wanted: readonly string[]): Buffer[] {
  const tree = `${kernel.modules}/lib/modules/${kernel.version}`;
  const plain = (name: string): string => name.replace(/-/g, '_');
  const nameOf = (path: string): string => plain(path.replace(/^.*\//, '').replace(/\.ko.*$/, ''));
  const files = new Map(
    readdirSync(`${tree}/kernel`, { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.ko(\.xz|\.zst)?$/.test(path))
      .map((path) => [nameOf(path), `${tree}/kernel/${path}`]),
  );
  const builtIn = new Set(readFileSync(`${tree}/modules.builtin`, 'latin1').trim().split('\n').map(nameOf));
  const found = new Map<string, Buffer>();
  const add = (name: string): void => {
    if (found.has(name) || builtIn.has(name)) return;
    const file = files.get(name);
    if (file === undefined) throw new Error(`${kernel.version} has no module ${name}`);
    const text = decompressed(file);
    const needs = /\0depends=([^\0]*)\0/.exec(text.toString('latin1'))?.[1] ?? '';
    for (const other of needs.split(',')) if (other !== '') add(plain(other));
    found.set(name, text);
  };
  for (const name of wanted) add(plain(name));
  return [...found.values()];
}

function decompressed(file: string): Buffer {
  if (file.endsWith('.ko')) return readFileSync(file);
  const program = file.endsWith('.xz') ? 'xz' : 'zstd';
  return execFileSync(program, ['-dc', file], { maxBuffer: 1 << 28 });
}

/** Name to content of what the script left in /output; `status` is that of the script itself. */
export function readOutput(run: Run): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>();
  let archive: Buffer;
  try {
    archive = gunzipSync(run.output);
  } catch (error) {
    throw new Error(`the guest sent nothing that can be read (${error}): …${run.console.slice(-2000)}`);
  }
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from: number, size: number): string =>
      archive.toString('latin1', at + from, at + from + size).replace(/\0.*$/s, '');
    const size = Number.parseInt(text(124, 12), 8);
    const kind = text(156, 1);
    if (kind !== '' && kind !== '0' && kind !== '5') throw new Error(`${text(0, 100)} is no file`);
    if (kind !== '5')
      files.set(text(0, 100).replace(/^\.\//, ''), archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
