/** --join-cgroup: version 1, version 2 and both at once, as this machine has them. */
import { chownSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, run, tsenter } from '../support/command.ts';
import {
  cgroupOf,
  enter,
  messageFormat,
  probeInside,
  scratch,
  shell,
  someone,
  until,
} from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

interface Hierarchy {
  /** As in /proc/PID/cgroup; empty for version 2. */
  readonly controllers: string;
  readonly mountpoint: string;
}

const hierarchies: readonly Hierarchy[] = readFileSync('/proc/self/mountinfo', 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [mount = '', filesystem = ''] = line.split(' - ');
    const [, , , root, mountpoint = ''] = mount.split(' ');
    const [type, , options = ''] = filesystem.split(' ');
    if (root !== '/' || (type !== 'cgroup' && type !== 'cgroup2')) return [];
    const names = options.split(',').filter((option) => !['rw', 'xattr', 'clone_children'].includes(option));
    return [{ controllers: type === 'cgroup' ? names.join(',') : '', mountpoint }];
  });
const v1 = hierarchies.filter(({ controllers }) => controllers !== '');
const v2 = hierarchies.find(({ controllers }) => controllers === '');
const freezer = v1.find(({ controllers }) => controllers.split(',').includes('freezer'));

beforeAll(buildPrograms);

let made: string[] = [];
let counter = 0;

/** A cgroup of the test in this hierarchy, with the target in it. */
function makeCgroup({ mountpoint, controllers }: Hierarchy, name: string, pid?: number): string {
  counter += 1;
  const path = `${mountpoint}/tsenter-test-${process.pid}-${counter}${name}`;
  mkdirSync(path);
  made.push(path);
  if (controllers.split(',').includes('cpuset'))
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      writeFileSync(`${path}/${file}`, readFileSync(`${mountpoint}/${file}`));
  if (pid !== undefined) writeFileSync(`${path}/cgroup.procs`, String(pid));
  return path;
}

afterEach(async () => {
  for (const path of made.reverse())
    await until(`the end of ${path}`, () => {
      try {
        rmdirSync(path);
        return true;
      } catch {
        return !existsSync(path);
      }
    });
  made = [];
});

async function startIn(
  where: readonly Hierarchy[],
  name = '',
  options: TargetOptions = { namespaces: ['uts', 'pid'] },
): Promise<Target> {
  const target = await startTarget(options);
  for (const hierarchy of where) makeCgroup(hierarchy, name, target.pid);
  return target;
}

const places: readonly (readonly [string, readonly Hierarchy[]])[] = [
  ...v1.map((one) => [`version 1: ${one.controllers}`, [one]] as const),
  ...(v2 ? [['version 2', [v2]] as const, ['every hierarchy', hierarchies] as const] : []),
];

it('this machine has cgroups', () => {
  expect(hierarchies.length).toBeGreaterThan(0);
});

describe.each(places)('%s', (_, where) => {
  it.each([
    ['in place', ['-u', '-c']],
    ['forked', ['-p', '-c']],
    ['with everything', ['-a', '-r', '-w', '-e', '--join-cgroup']],
    ['alone', ['-c', '-w/']],
  ])('%s: where the target is', async (_name, words) => {
    await using target = await startIn(where);
    const before = cgroupOf('self');
    expect(cgroupOf(target.pid)).not.toBe(before);
    const report = await probeInside(['-t', String(target.pid), ...words]);
    expect(`${report.cgroup}\n`).toBe(cgroupOf(target.pid));
    expect(cgroupOf('self')).toBe(before);
  });

  it('without it: where the caller is', async () => {
    await using target = await startIn(where);
    const report = await probeInside(['-t', String(target.pid), '-a']);
    expect(`${report.cgroup}\n`).toBe(cgroupOf('self'));
  });

  it.each([':', ' ', ' a:b  c: ', '\\040', '::', '\t\n'])('a path with %j', async (name) => {
    // A line of /proc/PID/cgroup has no way to say a line feed.
    const usable = name.replace('\n', '');
    await using target = await startIn(where, `x${usable}y`);
    const report = await probeInside(['-t', String(target.pid), '-p', '-c']);
    expect(`${report.cgroup}\n`).toBe(cgroupOf(target.pid));
  });

  it('with the cgroup namespace of the target', async () => {
    await using target = await startIn(where, '', { namespaces: ['cgroup', 'pid'] });
    const t = String(target.pid);
    const seen = await enter(['-t', t, '-C', 'cat', `/proc/${t}/cgroup`]);
    const report = await probeInside(['-t', t, '-C', '-c']);
    expect(`${report.cgroup}\n`).toBe(seen.stdout.toString());
  });
});

it('a mount table of more than 16 MiB, of whose lines few are of cgroups', async () => {
  await using target = await startIn(hierarchies.slice(0, 1));
  using directory = scratch();
  const outcome = await run([
    ...[program('crowd'), `mounts=2500:3500:${directory.path}`, '--'],
    ...[tsenter, '-t', String(target.pid), '-u', '-c', 'cat', '/proc/self/cgroup'],
  ]);
  expect(outcome.stderr.toString()).toBe('');
  expect(outcome.stdout.toString()).toBe(cgroupOf(target.pid));
});

it('the target may be in the same cgroup: nothing to join, and no right needed', async () => {
  await using target = await startTarget({ namespaces: ['uts'], startedBy: someone, user: owned });
  const report = await probeInside(['-t', String(target.pid), '-U', '-c'], { uid: someone, gid: someone });
  expect(`${report.cgroup}\n`).toBe(cgroupOf(target.pid));
});

const owned = { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' } as const;

it('no permission: said with the file, and nothing is executed', async () => {
  await using target = await startTarget({ namespaces: ['uts'], startedBy: someone, user: owned });
  const [first] = hierarchies;
  if (first === undefined) return;
  const path = makeCgroup(first, '', target.pid);
  const outcome = await enter(['-t', String(target.pid), '-U', '-c', 'echo', 'executed'], {
    uid: someone,
    gid: someone,
  });
  expect(outcome.status).toBe(1);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toMatch(messageFormat);
  expect(outcome.stderr.toString()).toMatch(/^tsenter: join cgroup .*: Permission denied\n/);
  expect(outcome.stderr.toString()).toContain(`${path}/cgroup.procs`);
});

describe('a frozen target', () => {
  const refused = async (target: Target): Promise<void> => {
    for (const options of [['-p'], ['-u'], ['-a']]) {
      const words = ['-t', String(target.pid), ...options];
      const outcome = await enter([...words, '-c', 'echo', 'executed']);
      expect(outcome).toMatchObject({ status: 1, signal: null });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.stderr.toString()).toMatch(messageFormat);
      expect(outcome.stderr.toString()).toMatch(/^tsenter: join cgroup .*frozen\n.*Thaw/);
      // Without -c it can be entered even so.
      expect((await enter([...words, 'echo', 'executed'])).stdout.toString()).toBe('executed\n');
    }
  };

  it('of version 1 is refused', async (context) => {
    if (freezer === undefined) {
      mustRun('no freezer of version 1 is mounted', context);
      return;
    }
    await using target = await startTarget({ namespaces: ['uts', 'pid'] });
    const path = makeCgroup(freezer, '', target.pid);
    writeFileSync(`${path}/freezer.state`, 'FROZEN');
    try {
      await until('frozen', () => readFileSync(`${path}/freezer.state`, 'utf8') === 'FROZEN\n');
      await refused(target);
    } finally {
      writeFileSync(`${path}/freezer.state`, 'THAWED');
    }
  });

  it('below a frozen cgroup of version 1 is refused', async (context) => {
    if (freezer === undefined) {
      mustRun('no freezer of version 1 is mounted', context);
      return;
    }
    await using target = await startTarget({ namespaces: ['uts', 'pid'] });
    const parent = makeCgroup(freezer, '');
    const path = `${parent}/below`;
    mkdirSync(path);
    made.push(path);
    writeFileSync(`${path}/cgroup.procs`, String(target.pid));
    writeFileSync(`${parent}/freezer.state`, 'FROZEN');
    try {
      await until('frozen', () => readFileSync(`${path}/freezer.state`, 'utf8') === 'FROZEN\n');
      await refused(target);
    } finally {
      writeFileSync(`${parent}/freezer.state`, 'THAWED');
    }
  });

  it('of version 2 is refused', async (context) => {
    if (v2 === undefined) {
      mustRun('cgroup version 2 is not mounted', context);
      return;
    }
    await using target = await startTarget({ namespaces: ['uts', 'pid'] });
    const path = makeCgroup(v2, '', target.pid);
    writeFileSync(`${path}/cgroup.freeze`, '1');
    try {
      await until('frozen', () => readFileSync(`${path}/cgroup.events`, 'utf8').includes('frozen 1'));
      await refused(target);
    } finally {
      writeFileSync(`${path}/cgroup.freeze`, '0');
    }
  });
});

it('a hierarchy that is not mounted here', async (context) => {
  if (v2 === undefined) {
    mustRun('cgroup version 2 is not mounted', context);
    return;
  }
  await using target = await startIn([v2]);
  const script = `umount -l ${v2.mountpoint} && exec "$T" "$@" echo executed`;
  const outcome = await shell(`exec unshare --mount /bin/bash --norc -c '${script}' bash "$@"`, [
    '-t',
    String(target.pid),
    '-c',
    '-u',
  ]);
  expect(outcome.status).toBe(1);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toMatch(/^tsenter: join cgroup .* of target \d+: not mounted here\n/);
});

it('a hierarchy that something else is mounted over', async (context) => {
  if (v2 === undefined) {
    mustRun('cgroup version 2 is not mounted', context);
    return;
  }
  await using target = await startIn([v2]);
  const script = `mount -t tmpfs cover ${v2.mountpoint} && exec "$T" "$@" echo executed`;
  const outcome = await shell(`exec unshare --mount /bin/bash --norc -c '${script}' bash "$@"`, [
    '-t',
    String(target.pid),
    '-c',
    '-u',
  ]);
  expect(outcome.status).toBe(1);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toMatch(
    /^tsenter: join cgroup .*: No such file or directory\n.*mounted, and not covered,/,
  );
});

it('one that the user may write to, below none that it may: said by the kernel, and why', async (context) => {
  if (v2 === undefined) {
    mustRun('cgroup version 2 is not mounted', context);
    return;
  }
  await using target = await startTarget({ namespaces: ['uts'], startedBy: someone, user: owned });
  const path = makeCgroup(v2, '', target.pid);
  chownSync(`${path}/cgroup.procs`, someone, someone);
  const outcome = await enter(['-t', String(target.pid), '-U', '-c', 'echo', 'executed'], {
    uid: someone,
    gid: someone,
  });
  expect(outcome).toMatchObject({ status: 1 });
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toMatch(
    /^tsenter: join cgroup .*: Permission denied\n.*closest cgroup above both/,
  );
});

it('a cgroup outside the cgroup namespace of the caller is not taken for one inside', async (context) => {
  if (v2 === undefined) {
    mustRun('cgroup version 2 is not mounted', context);
    return;
  }
  await using target = await startIn([v2]);
  const own = makeCgroup(v2, '');
  // The caller's own root is now its cgroup: that of the target is /../x.
  const script = `echo $$ > ${own}/cgroup.procs && exec unshare --cgroup "$T" "$@" echo executed`;
  const outcome = await shell(script, ['-t', String(target.pid), '-c', '-u']);
  expect(outcome.status).toBe(1);
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString()).toMatch(/^tsenter: join cgroup \/\.\.\/.*: not mounted here\n/);
});

it('the waiting parent stays where it was', async () => {
  await using target = await startIn(hierarchies);
  const script = `
    mkfifo "$DIR/go" "$DIR/ready"
    "$T" "$@" /bin/sh -c "echo > $DIR/ready; read line < $DIR/go; cat /proc/self/cgroup" >"$DIR/out" &
    read line < "$DIR/ready"
    cat /proc/$!/cgroup
    echo > "$DIR/go"
    wait $! && echo done && cat "$DIR/out"`;
  using directory = scratch();
  const env = { PATH: process.env.PATH ?? '', DIR: directory.path };
  const outcome = await shell(script, ['-t', String(target.pid), '-p', '-c'], { env });
  const [parent, program] = outcome.stdout.toString().split('done\n');
  expect(parent).toBe(cgroupOf('self'));
  expect(program).toBe(cgroupOf(target.pid));
});

it('the standard input and the descriptors stay as they are', async () => {
  await using target = await startIn(hierarchies);
  const outcome = await enter(['-t', String(target.pid), '-p', '-c', 'cat'], { stdin: 'input\n' });
  expect(outcome.stdout.toString()).toBe('input\n');
  const report = await probeInside(['-t', String(target.pid), '-p', '-c']);
  expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
});
