/**
 * The root of a guest: busybox, tsenter and the test programs where they are on the host, both nsenters, and an init
 * that does what a test asks for and sends back the files of /output.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { nsenter, references } from '../support/command.ts';
import { programDirectory, repository } from '../support/programs.ts';
import type { Kernel } from './kernels.ts';
import type { Run } from './machine.ts';

/** Where both have it: the host and the guest. */
export const guestTsenter = `${repository}/dist/native/tsenter`;

export interface RootOptions {
  readonly kernel: Kernel;
  /** A shell script: /proc, /sys, /dev, /dev/pts, /tmp and loopback are there. Files in /output come back. */
  readonly script: string;
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

const init = `#!/bin/sh
# Nothing can pivot away from the first root. A bind mount of it can be one like any other.
mount -o bind / /mnt
cd /mnt
mount -o move . /
exec chroot . /etc/guest/start
`;

const start = `#!/bin/sh
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=0620,ptmxmode=0666 devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs -o mode=1777 tmpfs /tmp
ln -s /proc/self/fd /dev/fd
hostname guest
ip link set lo up
for module in /etc/guest/modules/*; do [ ! -e "$module" ] || insmod "$module"; done
sh /etc/guest/script
echo $? >/output/status
stty raw </dev/ttyS1
tar -cf - -C /output . | gzip -1 >/dev/ttyS1
poweroff -f
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

function fill(
  directory: string,
  { kernel, script, modules = [], files = {}, texts = {} }: RootOptions,
): void {
  chmodSync(directory, 0o755);
  const folders = ['bin', 'dev', 'etc/guest/modules', 'mnt', 'output', 'proc', 'root', 'run', 'sys', 'tmp'];
  for (const name of folders) mkdirSync(`${directory}/${name}`, { recursive: true });
  for (const name of ['lib', 'share', 'sbin']) mkdirSync(`${directory}/usr/${name}`, { recursive: true });
  symlinkSync('../bin', `${directory}/usr/bin`);
  symlinkSync('usr/sbin', `${directory}/sbin`);
  copy(directory, '/bin/busybox', '/bin/busybox');
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n'))
    if (applet !== 'busybox') symlinkSync('busybox', `${directory}/bin/${applet}`);

  const write = (path: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(directory + path), { recursive: true });
    writeFileSync(directory + path, text);
    chmodSync(directory + path, mode);
  };
  write('/etc/passwd', passwd.join('\n'));
  write('/etc/group', group.join('\n'));
  write('/init', init, 0o755);
  write('/etc/guest/start', start, 0o755);
  write('/etc/guest/script', script);
  for (const [path, text] of Object.entries(texts)) write(path, text, 0o755);

  for (const name of readdirSync(programDirectory).filter((one) => /^[a-z]/.test(one)))
    if (name !== 'mnt') copy(directory, `${programDirectory}/${name}`, `${programDirectory}/${name}`);
  mkdirSync(`${directory}${programDirectory}/mnt`);
  copy(directory, guestTsenter, guestTsenter);
  // Where busybox's is not: the one that is found in PATH comes first.
  rmSync(`${directory}/bin/nsenter`, { force: true });
  for (const file of references) copy(directory, file, file === nsenter ? '/usr/bin/nsenter' : file);
  for (const [path, file] of Object.entries(files)) copy(directory, file, path);
  modulesInOrder(kernel, modules).forEach((text, index) => {
    writeFileSync(`${directory}/etc/guest/modules/${String(index).padStart(3, '0')}.ko`, text);
  });
}

/** Libraries of what is no static executable are at the same path in the guest. */
function copy(directory: string, file: string, path: string): void {
  if (existsSync(directory + path)) return;
  mkdirSync(dirname(directory + path), { recursive: true });
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
      .filter((path) => /\.ko(\.xz|\.zst|\.gz)?$/.test(path))
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
  const [program] = file.endsWith('.xz') ? ['xz'] : file.endsWith('.zst') ? ['zstd'] : ['cat'];
  if (program === 'cat') return readFileSync(file);
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
