// The demo's container: test/programs/target.c with a small root file system made of the host's own programs.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Something that the user can do something about. */
export class DemoError extends Error {}

/** What the demo calls inside; where the host lacks one, so does the container. */
const programs = ['sh', 'ls', 'ps', 'cat', 'id', 'hostname', 'uname', 'sleep'];

const path = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

function find(name) {
  return path.map((folder) => join(folder, name)).find((file) => isExecutable(file));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The program and the shared libraries that it needs, in their places below `root`. */
function copyProgram(root, name) {
  const file = find(name);
  if (file === undefined) return;
  copyFileSync(file, join(root, 'bin', name));
  const { stdout } = spawnSync('sh', ['-c', 'ldd "$1"', 'sh', file], { encoding: 'utf8' });
  for (const [, library] of (stdout ?? '').matchAll(/(\/\S+) \(0x/g)) {
    const copy = join(root, library);
    if (existsSync(copy)) continue;
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(library, copy);
  }
}

function fillRoot(root) {
  for (const folder of ['bin', 'etc', 'proc', 'srv', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  writeFileSync(join(root, 'srv/welcome'), 'Welcome to the container.\n');
  for (const name of programs) copyProgram(root, name);
}

/** In a user namespace of its own, an unprivileged user is root. */
function userWords() {
  const map = (id) => `0 ${id} 1`;
  const maps = [`uidmap=${map(process.getuid())}`, `gidmap=${map(process.getgid())}`];
  return ['ns=user', 'setgroups=deny', ...maps, 'gid=0', 'uid=0'];
}

/** Resolves to the container's process id. */
function ready(monitor) {
  return new Promise((resolve, reject) => {
    let output = '';
    let errors = '';
    monitor.stderr.on('data', (data) => {
      errors += data;
    });
    monitor.stdout.on('data', (data) => {
      output += data;
      const pid = /^ready (\d+)$/m.exec(output)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    monitor.once('error', reject);
    monitor.once('close', () => {
      const advice = 'Run the demo as root, or allow unprivileged user namespaces.';
      reject(new DemoError(`Cannot make a container here: ${errors.trim()}\n${advice}`));
    });
  });
}

/** Starts it; the caller must `stop()` it. `isRoot`: without, it gets a user namespace as well. */
export async function startContainer(repository, isRoot) {
  const scratch = mkdtempSync(join(tmpdir(), 'tsenter-demo-'));
  const clean = () => rmSync(scratch, { recursive: true, force: true });
  for (const [name, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(name, () => {
      clean();
      process.exit(status);
    });
  }
  try {
    const root = join(scratch, 'root');
    // Its name is what the container's own process list shows as its first process.
    const program = join(scratch, 'web-server');
    execFileSync('cc', ['-O1', '-o', program, join(repository, 'test/programs/target.c')]);
    fillRoot(root);
    const monitor = spawn(
      program,
      [
        ...(isRoot ? [] : userWords()),
        'ns=mount,pid,net,uts,ipc,cgroup',
        'fork',
        'hostname=demo-container',
        'private',
        `bind=${root}:${root}`,
        `proc=${root}/proc`,
        `pivot=${root}`,
        'cwd=/srv',
      ],
      { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: '/bin' } },
    );
    const ended = new Promise((resolve) => {
      monitor.once('close', resolve);
    });
    const pid = await ready(monitor);
    return {
      pid,
      has: (name) => existsSync(join(root, 'bin', name)),
      // It ends with its standard input, and so also when this process is killed.
      stop: async () => {
        monitor.stdin.end();
        await ended;
        clean();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
}
