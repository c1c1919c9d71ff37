/** User namespaces, credentials and capabilities, mostly as an ordinary user. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, nsenter, type RunOptions, run, tsenter } from '../support/command.ts';
import {
  type Actor,
  enter,
  entered,
  messageFormat,
  type Namespaces,
  namespacesOf,
  probeInside,
  scratch,
  someone,
  startActor,
  startWithRange,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { type NamespaceName, namespaceNames, startTarget, type Target } from '../support/targets.ts';

const CAP_SYS_CHROOT = 18;
const CAP_SYS_ADMIN = 21;
const { SIGCHLD } = constants.signals;

const asSomeone: RunOptions = { uid: someone, gid: someone };
const singleMap = { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' } as const;
const others = namespaceNames.filter((name) => name !== 'user');
const none = '0'.repeat(16);

beforeAll(buildPrograms);

describe('as an ordinary user, a user namespace with one id', () => {
  let target: Target;
  let theirs: Namespaces;
  let t: string;

  beforeAll(async () => {
    target = await startTarget({ namespaces: namespaceNames, user: singleMap, startedBy: someone });
    theirs = namespacesOf(target.pid);
    t = String(target.pid);
  });

  afterAll(() => target?.stop());

  it.each([
    [['-U']],
    [['-U', '--preserve-credentials']],
    [['-U', '-S', '0', '-G', '0']],
    [['-U', '-S', 'follow', '-G', 'follow']],
  ])('%j: root inside', async (words) => {
    const report = await probeInside(['-t', t, ...words], asSomeone);
    expect(report.ns).toEqual(entered(theirs, ['user']));
    expect(report).toMatchObject({ uid: 0, euid: 0, suid: 0, gid: 0, egid: 0, sgid: 0, groups: [] });
    expect(report.caps.permitted).not.toBe(none);
  });

  it.each([['-a'], ['--all', '--preserve-credentials']])('all: %s', async (...words) => {
    const report = await probeInside(['-t', t, ...words], asSomeone);
    expect(report.ns).toEqual(theirs);
  });

  it.each(others)('-U and the %s namespace', async (name) => {
    const report = await probeInside(['-t', t, `--${name}`, '-U'], asSomeone);
    expect(report.ns).toEqual(entered(theirs, ['user', name]));
  });

  it.each(others)('-U and the %s namespace by file', async (name) => {
    const file = name === 'mount' ? 'mnt' : name;
    const words = [`--${name}=/proc/${t}/ns/${file}`, `--user=/proc/${t}/ns/user`];
    expect((await probeInside(words, asSomeone)).ns).toEqual(entered(theirs, ['user', name]));
  });

  it.each(others)('the %s namespace alone needs a privilege', async (name) => {
    const outcome = await enter(['-t', t, `--${name}`, 'echo', 'executed'], asSomeone);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    const [message, hint] = outcome.stderr.toString().split('\n');
    expect(message).toBe(`tsenter: enter ${name} namespace of target ${t}: Operation not permitted`);
    const capability = name === 'mount' ? 'CAP_SYS_ADMIN and CAP_SYS_CHROOT' : 'CAP_SYS_ADMIN';
    expect(hint).toContain(`${capability} in its own ${namespacesOf('self').user}`);
    expect(hint).toContain(theirs.user);
  });

  it.each([
    [['-S', '5'], 'set user id 5: Invalid argument', /maps no such id/],
    [['-G', '5'], 'set group id 5: Invalid argument', /maps no such id/],
  ] as const)('%j, which it does not map', async (words, message, hint) => {
    const outcome = await enter(['-t', t, '-U', ...words, 'echo', 'executed'], asSomeone);
    expect(outcome).toMatchObject({ status: 1 });
    expect(outcome.stdout.toString()).toBe('');
    const [first, second] = outcome.stderr.toString().split('\n');
    expect(first).toBe(`tsenter: ${message}`);
    expect(second).toMatch(hint);
  });

  describe('setgroups is denied', () => {
    const withGroups = { ...asSomeone, groups: [someone, 44] };

    it('a caller with groups cannot lose them: refused', async () => {
      const outcome = await enter(['-t', t, '-U', 'echo', 'executed'], withGroups);
      expect(outcome).toMatchObject({ status: 1 });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.stderr.toString()).toMatch(messageFormat);
      expect(outcome.stderr.toString()).toMatch(/groups: Operation not permitted\n.*--preserve-credentials/);
    });

    it('unless they may be kept', async () => {
      const report = await probeInside(['-t', t, '-U', '--preserve-credentials'], withGroups);
      expect([...report.groups].sort()).toEqual([0, 65534]);
    });

    it('root can lose them outside', async () => {
      const report = await probeInside(['-t', t, '-U'], { groups: [4, 27] });
      expect(report).toMatchObject({ uid: 0, gid: 0, groups: [] });
    });
  });
});

describe('a user namespace without an id 0', () => {
  let target: Target;
  const user = {
    uidMap: `${someone} ${someone} 1`,
    gidMap: `${someone} ${someone} 1`,
    setgroups: 'deny',
  } as const;

  beforeAll(async () => {
    target = await startTarget({ namespaces: ['user', 'uts'], user, startedBy: someone });
  });

  afterAll(() => target?.stop());

  it('-U: refused, with a way out', async () => {
    const outcome = await enter(['-t', String(target.pid), '-U', 'echo', 'executed'], asSomeone);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(
      /^tsenter: set group id 0: Invalid argument\n.*--preserve-cred/,
    );
  });

  it('--preserve-credentials: the same user, without capabilities', async () => {
    const report = await probeInside(['-t', String(target.pid), '-U', '--preserve-credentials'], asSomeone);
    expect(report).toMatchObject({ uid: someone, gid: someone });
    expect(report.caps).toMatchObject({ permitted: none, effective: none, ambient: none });
  });

  it.each([
    [['--preserve-credentials']],
    [['-S', String(someone), '-G', String(someone)]],
    [['-S', 'follow', '-G', 'follow']],
  ])('--keep-caps with %j: every capability is ambient', async (words) => {
    const report = await probeInside(['-t', String(target.pid), '-U', '--keep-caps', ...words], asSomeone);
    expect(report).toMatchObject({ uid: someone, gid: someone });
    const { ambient, permitted, effective, inheritable } = report.caps;
    expect(ambient).toMatch(/^[0-9a-f]*f{4}$/);
    expect([permitted, effective, inheritable]).toEqual([ambient, ambient, ambient]);
  });

  it('--keep-caps without -U changes nothing', async () => {
    const report = await probeInside(['-S', '5', '--keep-caps']);
    expect(report.caps.ambient).toBe(none);
  });
});

describe('a range of ids, written by root', () => {
  let target: Target;

  beforeAll(async () => {
    target = await startTarget({
      namespaces: ['user', 'uts', 'pid', 'mount'],
      user: { uidMap: '0 100000 65536', gidMap: '0 200000 65536' },
      root: 'pivot',
      uid: 1000,
      gid: 1001,
      groups: [7, 8],
    });
  });

  afterAll(() => target?.stop());

  it.each([
    [['-U'], { uid: 0, gid: 0, groups: [] }],
    [['-U', '-S', '5', '-G', '6'], { uid: 5, gid: 6, groups: [] }],
    [['-U', '-S', '5'], { uid: 5, gid: 0, groups: [] }],
    [['-U', '-G', '6'], { uid: 0, gid: 6, groups: [] }],
    [['-U', '-S', '65535', '-G', '65535'], { uid: 65535, gid: 65535 }],
    [['-U', '-S', 'follow', '-G', 'follow'], { uid: 1000, gid: 1001, groups: [] }],
    [['-U', '-S', 'follow'], { uid: 1000, gid: 0 }],
    [['-U', '-S', '5', '-G', 'follow'], { uid: 5, gid: 1001 }],
    [['-a', '-S', 'follow', '-G', 'follow'], { uid: 1000, gid: 1001, groups: [] }],
    [['-S', 'follow', '-G', 'follow'], { uid: 101000, gid: 201001, groups: [] }],
    [['-U', '--preserve-credentials'], { uid: 65534, gid: 65534 }],
    [['-U', '--preserve-credentials', '-S', '5'], { uid: 5, gid: 65534 }],
  ] as const)('%j', async (words, ids) => {
    // Ids of the entered namespace cannot search the test's directories: its own root has a probe.
    const inside = words[0] === '-S' ? [] : ['-m'];
    const around = words[0] === '-S' ? {} : { probe: '/probe' };
    const report = await probeInside(['-t', String(target.pid), ...inside, ...words], around);
    expect(report).toMatchObject(ids);
    if ('uid' in ids) expect([report.euid, report.suid]).toEqual([ids.uid, ids.uid]);
    if ('gid' in ids) expect([report.egid, report.sgid]).toEqual([ids.gid, ids.gid]);
  });

  it('ids behind the range', async () => {
    const outcome = await enter(['-t', String(target.pid), '-U', '-S', '65536', 'true']);
    expect(outcome.stderr.toString()).toMatch(/^tsenter: set user id 65536: Invalid argument\n/);
  });
});

describe('a range of ids, with newuidmap and newgidmap', () => {
  let target: Actor | undefined;

  beforeAll(async () => {
    target = await startWithRange([program('actor'), 'stay']);
  });

  afterAll(() => target?.stop());

  it.for([
    [['-U'], { uid: 0, gid: 0, groups: [] }],
    [['-U', '-S', '5', '-G', '6'], { uid: 5, gid: 6, groups: [] }],
    [['-U', '--preserve-credentials'], { uid: 0, gid: 0 }],
    [['-U', '-S', 'follow', '-G', 'follow'], { uid: 0, gid: 0, groups: [] }],
  ] as const)('as an ordinary user: %j', async ([words, ids], context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const report = await probeInside(['-t', String(target.number), ...words], asSomeone);
    expect(report).toMatchObject(ids);
    expect(report.ns.user).toBe(namespacesOf(target.number).user);
  });

  it('groups of the caller are dropped inside, where setgroups is allowed', async (context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const report = await probeInside(['-t', String(target.number), '-U'], {
      ...asSomeone,
      groups: [someone, 44],
    });
    expect(report.groups).toEqual([]);
  });
});

/** Stops the first child that the process has and that is not about to execute something else; false where it had none. */
function stopChild(pid: number): boolean {
  const end = Date.now() + 5000;
  while (Date.now() < end) {
    try {
      const number = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1'));
      if (number === 0 || readlinkSync(`/proc/${number}/exe`).endsWith('/node')) continue;
      process.kill(number, 'SIGSTOP');
      return true;
    } catch {
      if (!existsSync(`/proc/${pid}/exe`)) return false;
    }
  }
  return false;
}

describe('the environment of who is another user inside: only there it may be read', () => {
  const MIB = 1 << 20;
  const asAnother = ['--mount', 'setpriv', '--reuid', '5', '--regid', '5', '--clear-groups'];
  let target: Actor | undefined;

  beforeAll(async () => {
    target = await startWithRange([...asAnother, program('actor'), 'environ', 'MARK=inside', 'MARK=second']);
  });

  afterAll(() => target?.stop());

  const ways = (t: string): readonly (readonly string[])[] => [
    ['-t', t, '-U'],
    ['-t', t, '-U', '-S', '5', '-G', '5'],
    ['-t', t, '-U', '-S', '0', '-G', '0'],
    ['-t', t, '-U', '--preserve-credentials'],
    ['-t', t, '-a', '-S', 'follow', '-G', 'follow'],
    ['-t', t, `--user=/proc/${t}/ns/user`, '-m'],
  ];

  it.for(ways('PID').map((words, way) => [words.slice(2).join(' '), way] as const))(
    '%s',
    async ([, way], context) => {
      if (target === undefined) {
        mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
        return;
      }
      const words = ways(String(target.number))[way] ?? [];
      expect((await probeInside([...words, '-e'], asSomeone)).env).toEqual(['MARK=inside']);
    },
  );

  it('of a caller that ignores and blocks the signal of children that end', async (context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const words = ['-t', String(target.number), '-U', '-e'];
    const report = await probeInside(words, { ...asSomeone, ignore: [SIGCHLD], block: [SIGCHLD] });
    expect(report.env).toEqual(['MARK=inside']);
  });

  it('of a caller without standard streams', async (context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const words = ['-t', String(target.number), '-U', '-e'];
    const report = await probeInside(words, { ...asSomeone, close: [0, 1, 2], report: 3 });
    expect(report.env).toEqual(['MARK=inside']);
  });

  it('who reads it there is not waited for when it is stopped', { timeout: 120_000 }, async (context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    // It is there for a moment only.
    for (let tries = 0; tries < 50; tries++) {
      const words = [tsenter, '-t', String(target.number), '-U', '-e', '/bin/true'];
      const child = spawn('/bin/sh', ['-c', 'read go; exec "$@"', 'sh', ...words], {
        uid: someone,
        gid: someone,
      });
      const ended = once(child, 'close');
      const said = text(child.stderr);
      await once(child, 'spawn');
      child.stdin.end('go\n');
      const isStopped = stopChild(child.pid ?? 0);
      const [status] = await ended;
      // It may have been at its end.
      if (!isStopped || status === 0) continue;
      expect(await said).toMatch(/^tsenter: open environment of target \d+: Permission denied\n/);
      expect(status).toBe(1);
      return;
    }
    throw new Error('it was never stopped');
  });

  it('no way without the user namespace', async (context) => {
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const outcome = await enter(['-t', String(target.number), '-w/', '-e', 'echo', 'executed'], asSomeone);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain(`environment of target ${target.number}: Permission denied`);
  });

  it.for([
    ['8 MiB of ends', 8 * MIB, ','],
    ['64 MiB', 64 * MIB, 'A=,'],
  ] as const)('%s: nothing is executed, and it says why', async ([, size, unit], context) => {
    await using large = await startWithRange([...asAnother, program('actor'), 'area', String(size), unit]);
    if (large === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const outcome = await enter(['-t', String(large.number), '-U', '-e', 'echo', 'executed'], asSomeone);
    expect(outcome.stderr.toString()).toMatch(
      /^tsenter: take environment of target \d+: Argument list too long\nNo program could be executed with it: /,
    );
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
  });
});

describe('nested user namespaces of an ordinary user', () => {
  let outer: Actor;
  let inner: Actor;
  let i: string;

  beforeAll(async () => {
    const actor = program('actor');
    outer = await startActor(['-r', '-n', actor, 'stay'], { uid: someone }, '/usr/bin/unshare');
    const words = ['-t', String(outer.number), '-U', '-n', '--preserve-credentials'];
    const make = ['/usr/bin/unshare', '-r', '-u', actor, 'stay'];
    inner = await startActor([...words, ...make], { uid: someone }, nsenter);
    i = String(inner.number);
  });

  afterAll(async () => {
    await inner?.stop();
    await outer?.stop();
  });

  const bothWays: readonly (readonly NamespaceName[])[] = [['user'], ['user', 'net'], ['user', 'uts', 'net']];

  // The outer namespace owns the network: only an atomic setns(2) of both may enter it.
  it.each(bothWays.map((names) => [names]))('%j of the inner one', async (names) => {
    const report = await probeInside(['-t', i, ...names.map((name) => `--${name}`)], asSomeone);
    expect(report.ns).toEqual(entered(namespacesOf(inner.number), names));
  });

  it('all of the inner one', async () => {
    const report = await probeInside(['-t', i, '-a'], asSomeone);
    expect(report.ns).toEqual(entered(namespacesOf(inner.number), ['user', 'uts', 'net']));
  });

  it('nsenter without the atomic call cannot', async (context) => {
    const version = (await run([nsenter, '-V'])).stdout.toString();
    if (/ 2\.([4-9]\d|\d{3,})\b/.test(version)) context.skip('this nsenter joins atomically');
    const theirs = await run([nsenter, '-t', i, '-U', '-n', '--preserve-credentials', 'true'], asSomeone);
    expect(theirs.status).toBe(1);
  });

  it.each([[['--user-parent']], [['--user-parent', '-n']], [['--user-parent', '--preserve-credentials']]])(
    '%j: the outer one',
    async (words) => {
      const report = await probeInside(['-t', i, ...words], asSomeone);
      const net = words.includes('-n') ? (['net'] as const) : [];
      expect(report.ns).toEqual(entered(namespacesOf(outer.number), ['user', ...net]));
      expect(report).toMatchObject({ uid: 0, gid: 0 });
    },
  );

  it('--user-parent of a file', async () => {
    const words = ['--user-parent', `--user=/proc/${i}/ns/user`];
    expect((await probeInside(words, asSomeone)).ns.user).toBe(namespacesOf(outer.number).user);
  });

  it('--user-parent up to the namespace of the caller', async () => {
    const outcome = await enter(['-t', String(outer.number), '--user-parent', 'echo', 'executed'], asSomeone);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain('in already');
  });
});

describe('capabilities of the caller', () => {
  it('-U -m without CAP_SYS_CHROOT works one by one only', async () => {
    await using target = await startTarget({
      namespaces: ['user', 'mount'],
      user: singleMap,
      startedBy: someone,
    });
    const around = { drop: [CAP_SYS_CHROOT], groups: [] };
    const report = await probeInside(['-t', String(target.pid), '-U', '-m'], around);
    expect(report.ns).toEqual(entered(namespacesOf(target.pid), ['user', 'mount']));
    expect(report).toMatchObject({ uid: 0, gid: 0 });
  });

  it.each([
    ['net', CAP_SYS_ADMIN, 'CAP_SYS_ADMIN'],
    ['uts', CAP_SYS_ADMIN, 'CAP_SYS_ADMIN'],
    ['pid', CAP_SYS_ADMIN, 'CAP_SYS_ADMIN'],
    ['mount', CAP_SYS_CHROOT, 'CAP_SYS_CHROOT'],
  ] as const)('the %s namespace without capability %d', async (name, capability, shown) => {
    await using target = await startTarget({ namespaces: [name] });
    const words = ['-t', String(target.pid), `--${name}`, 'echo', 'executed'];
    const outcome = await enter(words, { drop: [capability] });
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    const [message, hint] = outcome.stderr.toString().split('\n');
    expect(message).toBe(`tsenter: enter ${name} namespace of target ${target.pid}: Operation not permitted`);
    expect(hint).toContain(shown);
    expect(hint).toContain(namespacesOf('self').user);
  });

  it("-U into someone else's user namespace names the one that it is about", async () => {
    await using target = await startTarget({ namespaces: ['user'], user: singleMap, startedBy: someone });
    const words = ['-t', String(target.pid), '-U', 'echo', 'executed'];
    const outcome = await enter(words, { drop: [CAP_SYS_ADMIN] });
    expect(outcome.status).toBe(1);
    const [message, hint] = outcome.stderr.toString().split('\n');
    expect(message).toBe(`tsenter: enter user namespace of target ${target.pid}: Operation not permitted`);
    expect(hint).toContain(`CAP_SYS_ADMIN in ${namespacesOf(target.pid).user}`);
  });
});

describe('--all skips what is equal', () => {
  it('as an ordinary user, into a target with two of its own', async () => {
    await using target = await startTarget({
      namespaces: ['user', 'uts'],
      user: singleMap,
      startedBy: someone,
    });
    const report = await probeInside(['-t', String(target.pid), '-a'], asSomeone);
    expect(report.ns).toEqual(entered(namespacesOf(target.pid), ['user', 'uts']));
    // Two of nsenter's releases fail here for two reasons, but they fail.
    const theirs = await run([nsenter, '-t', String(target.pid), '-a', program('true')], asSomeone);
    expect(theirs.status).toBe(1);
  });

  it('as an ordinary user, into a process with none', async () => {
    await using own = await startActor(['stay'], { uid: someone });
    const outcome = await enter(['-t', String(own.number), '-a', program('probe')], asSomeone);
    expect(outcome.stderr.toString()).toBe('');
    const report = JSON.parse(outcome.stdout.toString()) as { pid: number; ns: Namespaces };
    expect(report.ns).toEqual(namespacesOf('self'));
    // Nothing to fork for.
    expect(report.pid).toBe(outcome.pid);
  });

  it('a PID namespace for children counts', async () => {
    // The caller's own is the target's, but what it forks would be elsewhere.
    await using target = await startActor(['stay']);
    const words = ['-t', String(target.number), '-a', '-F', program('probe')];
    // A sanitizer's look for leaks at the end needs a process of its own there, for which it would wait for ever.
    const env = { ...defaultEnv, ASAN_OPTIONS: 'detect_leaks=0' };
    const outcome = await enter(words, { unshare: ['pid'], env });
    expect(outcome.signal).toBe(null);
    // Node cannot make threads there (pthread_create gives EINVAL): that host may refuse, but in words.
    if (outcome.status === 0) {
      const report = JSON.parse(outcome.stdout.toString()) as { ns: Namespaces };
      expect(report.ns.pid_for_children).toBe(namespacesOf('self').pid);
    } else expect(outcome.stderr.toString()).toMatch(messageFormat);
  });

  it('root and directory are reset even so', async () => {
    using directory = scratch();
    await using target = await startActor(['stay']);
    const report = await probeInside(['-t', String(target.number), '-a'], { cwd: directory.path });
    expect(report.cwd).toBe('/');
  });
});

describe('ids without a user namespace', () => {
  it.each([
    [['-S', '1000'], { uid: 1000, gid: 0, groups: [] }],
    [['-G', '1000'], { uid: 0, gid: 1000, groups: [] }],
    [['-S', '1000', '-G', '1001'], { uid: 1000, gid: 1001, groups: [] }],
    [['-S', '0', '-G', '0'], { uid: 0, gid: 0, groups: [] }],
    [['-S', '1000', '--preserve-credentials'], { uid: 1000, gid: 0, groups: [4, 27] }],
    [['-S', '4294967294', '-G', '4294967294'], { uid: 4294967294, gid: 4294967294 }],
  ] as const)('%j', async (words, ids) => {
    const report = await probeInside(words, { groups: [4, 27] });
    expect(report).toMatchObject(ids);
    if (report.uid !== 0) expect(report.caps).toMatchObject({ permitted: none, effective: none });
  });

  it('nsenter keeps the groups with -S alone: the intended difference', async () => {
    const theirs = await probeInside(['-S', '1000'], { groups: [4, 27], command: nsenter });
    expect(theirs.groups).toEqual([4, 27]);
  });

  it.each([
    [['-S', '0'], 'set user id 0: Operation not permitted'],
    [['-G', '0'], 'set group id 0: Operation not permitted'],
  ] as const)('as an ordinary user: %j', async (words, message) => {
    const outcome = await enter([...words, 'echo', 'executed'], asSomeone);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString().split('\n')[0]).toBe(`tsenter: ${message}`);
  });
});

describe('follow an owner that has no id inside', () => {
  it.each([
    ['-S', 'user'],
    ['-G', 'group'],
  ])('%s', async (letter, what) => {
    await using inside = await startTarget({ namespaces: ['user'], user: singleMap, startedBy: someone });
    const words = [`--user=/proc/${inside.pid}/ns/user`, '-t', '1', letter, 'follow', 'echo', 'executed'];
    const outcome = await enter(words);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain(what);
    // The number of a descriptor is no id, and says nothing to anyone.
    expect(outcome.stderr.toString()).not.toContain('@');
  });
});
