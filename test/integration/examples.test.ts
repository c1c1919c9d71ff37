/** The examples of util-linux's and the kernel's manual pages, with the name replaced. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun } from '../support/command.ts';
import { enter, identityUser, namespacesOf, scratch, shell } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { namespaceNames, startTarget, type Target } from '../support/targets.ts';

beforeAll(buildPrograms);

/**
 * In a mount namespace of the test, where its bind mounts end with it; `$DIR` is a directory. `tsenter` is the
 * command under test. Fails with what was said where anything fails. On one processor: unshare(1) binds a mount
 * namespace only in an older one, and since Linux 6.18 each processor counts ages for itself.
 */
async function session(script: string): Promise<string> {
  using directory = scratch();
  const prelude = 'set -e; tsenter() { "$T" "$@"; }; cd "$DIR";';
  const env = { PATH: process.env.PATH ?? '', DIR: directory.path, SCRIPT: prelude + script };
  const outcome = await shell('exec taskset -c 0 unshare --mount /bin/bash --norc -c "$SCRIPT"', [], { env });
  if (outcome.status !== 0) throw new Error(`status ${outcome.status}: ${outcome.stdout}${outcome.stderr}`);
  return outcome.stdout.toString();
}

describe('unshare(1)', () => {
  it('a persistent UTS namespace', async () => {
    const output = await session(`
      touch uts-ns
      unshare --uts=uts-ns hostname FOO
      tsenter --uts=uts-ns hostname
      umount uts-ns`);
    expect(output).toBe('FOO\n');
  });

  it('a persistent mount namespace', async () => {
    const output = await session(`
      mkdir namespaces && mount --bind namespaces namespaces && mount --make-private namespaces
      touch namespaces/mnt && mkdir here
      # Of two mount namespaces made on different processors Linux 6.18 may take the younger for the elder: EINVAL.
      for try in {1..50}; do
        unshare --mount="$DIR/namespaces/mnt" mount -t tmpfs only-there "$DIR/here" 2>error && break
      done
      tsenter --mount="$DIR/namespaces/mnt" findmnt -n -o SOURCE "$DIR/here"
      findmnt -n -o SOURCE "$DIR/here" || echo not here`);
    expect(output).toBe('only-there\nnot here\n');
  });

  it('a time namespace, made persistent', async () => {
    const output = await session(`
      touch time-ns
      unshare --time=time-ns --fork --boottime 300000000 true
      read up rest < /proc/uptime
      tsenter --time=time-ns cat /proc/uptime | { read there rest; echo $((\${there%.*} - \${up%.*} >= 299999999)); }
      tsenter -T=time-ns uptime -p | grep -o '9 years'`);
    expect(output).toBe('1\n9 years\n');
  });

  it.each([
    ['net', '--net'],
    ['ipc', '--ipc'],
    ['cgroup', '--cgroup'],
    ['uts', '--uts'],
  ])('a persistent %s namespace', async (name, option) => {
    const output = await session(`
      touch ns
      unshare ${option}="$DIR/ns" readlink /proc/self/ns/${name}
      tsenter ${option}="$DIR/ns" readlink /proc/self/ns/${name}`);
    const [made, found] = output.trim().split('\n');
    expect(made).toMatch(new RegExp(`^${name}:\\[\\d+\\]$`));
    expect(found).toBe(made);
  });

  it('a persistent user namespace', async () => {
    const output = await session(`
      touch ns; mkfifo go
      unshare --user --map-root-user sh -c 'readlink /proc/self/ns/user > made; read line < go' & HOLDER=$!
      until [ -s made ]; do :; done
      mount --bind /proc/$HOLDER/ns/user ns
      echo > go; wait
      cat made
      tsenter --user="$DIR/ns" readlink /proc/self/ns/user`);
    const [made, found] = output.trim().split('\n');
    expect(found).toBe(made);
  });

  it('a persistent PID namespace, whose init lives', async () => {
    const output = await session(`
      touch ns; mkfifo go
      unshare --pid="$DIR/ns" --fork --mount-proc --kill-child sh -c 'readlink /proc/self/ns/pid > made; read line < go' &
      until [ -s made ]; do :; done
      cat made
      tsenter --pid="$DIR/ns" readlink /proc/self/ns/pid
      echo > go
      wait`);
    const [made, found] = output.trim().split('\n');
    expect(found).toBe(made);
  });
});

describe('nsenter(1): a target', () => {
  let target: Target;
  let t: string;

  beforeAll(async () => {
    target = await startTarget({
      namespaces: namespaceNames,
      user: identityUser,
      hostname: 'inside',
      root: 'pivot',
    });
    t = String(target.pid);
  });

  afterAll(() => target?.stop());

  it.each([
    ['-t PID -m -u -i -n -p ls /', 'probe'],
    ['--target PID --mount --uts --ipc --net --pid ls /', 'probe'],
    ['--target PID --all ls /', 'probe'],
    ['-t PID -a ls /', 'probe'],
    ['-t PID -u uname -n', undefined],
    ['-t PID --uts --net -- cat /proc/sys/kernel/hostname', undefined],
    ['-t PID -m -p -- /bin/sh -c ls\t/', 'probe'],
    ['-a -t PID -r -w -- /bin/ls', 'probe'],
    ['-at PID pwd', undefined],
  ])('%s', async (line, contains) => {
    const words = line.split(' ').map((word) => word.replace('PID', t).replace('\t', ' '));
    const outcome = await enter(words);
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.status).toBe(0);
    if (contains !== undefined) expect(outcome.stdout.toString().split('\n')).toContain(contains);
    else expect(['inside\n', '/\n']).toContain(outcome.stdout.toString());
  });
});

describe('setns(2)', () => {
  it('a shell that sees the host name of another process', async () => {
    await using target = await startTarget({ namespaces: ['uts'], hostname: 'bizarro' });
    const outcome = await enter([`--uts=/proc/${target.pid}/ns/uts`, '/bin/bash', '--norc'], {
      stdin: 'uname -n\nexit 3\n',
    });
    expect(outcome.stdout.toString()).toBe('bizarro\n');
    expect(outcome.status).toBe(3);
  });
});

describe('ip-netns(8)', () => {
  it('a named network namespace is a file', async (context) => {
    if (!isExecutable('/usr/sbin/ip') && !isExecutable('/sbin/ip')) {
      mustRun('needs ip(8)', context);
      return;
    }
    const output = await session(`
      mkdir -p /run/netns && mount -t tmpfs none /run/netns
      ip netns add one && ip -n one link set lo up
      tsenter --net=/run/netns/one ip -o link show up | cut -d: -f2
      tsenter -n/run/netns/one ls /proc/self/net > /dev/null
      tsenter --net=/run/netns/one readlink /proc/self/ns/net
      ip netns exec one readlink /proc/self/ns/net
      ip netns del one`);
    const [device, ours, reference] = output.split('\n');
    expect(device?.trim()).toBe('lo');
    expect(ours).toBe(reference);
    expect(ours).not.toBe(namespacesOf('self').net);
  });
});
