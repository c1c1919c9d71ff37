/** -S and -G take names, looked up in the files of who is entered; --groups. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunOptions, run, tsenter } from '../support/command.ts';
import { enter, probeInside, scratch, someone } from '../support/enter.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  '# daemon:x:9:9::/:/bin/sh',
  '+daemon:x:9:9::/:/bin/sh',
  'daemon:x:nine:9::/:/bin/sh',
  'daemon:x:4242:4243:not the one of the host:/srv:/probe',
  'daemon:x:9:9::/:/bin/sh',
  'web:x:33:44:Web:/home/guest:/bin/sh',
  '',
].join('\n');
const GROUP = ['root:x:0:', 'staff:x:50:web,daemon', 'audio:x:29:daemon', 'web:x:44:', ''].join('\n');

beforeAll(buildPrograms);

/** A container whose users and groups are these. */
async function container(options: Parameters<typeof startTarget>[0] = {}): Promise<Target> {
  const target = await startTarget({ namespaces: ['mount', 'uts'], root: 'pivot', ...options });
  writeFileSync(`/proc/${target.pid}/root/etc/passwd`, PASSWD);
  writeFileSync(`/proc/${target.pid}/root/etc/group`, GROUP);
  return target;
}

const OF_DAEMON = ['HOME=/srv', 'USER=daemon', 'LOGNAME=daemon', 'SHELL=/probe'];

describe('in a container', () => {
  let target: Target;
  let t: string;

  beforeAll(async () => {
    target = await container({ groups: [27, 44] });
    t = String(target.pid);
  });

  afterAll(() => target?.stop());

  const inside = (words: readonly string[], options: RunOptions = {}) =>
    probeInside(['-t', t, '-m', ...words], { probe: '/probe', groups: [4, 5], ...options });

  it.each([
    [['-S', 'daemon'], 4242, 4243, [29, 50, 4243]],
    [['-S', 'daemon:'], 4242, 4243, [29, 50, 4243]],
    [['-S', '4242:'], 4242, 4243, [29, 50, 4243]],
    [['--setuid=daemon:web'], 4242, 44, [29, 44, 50]],
    [['-S', 'daemon', '-G', 'web'], 4242, 44, [29, 44, 50]],
    [['-S', 'daemon:web', '-G', '7'], 4242, 7, [7, 29, 50]],
    [['-S', 'daemon', '--groups', 'none'], 4242, 4243, []],
    [['-S', 'daemon', '--groups', 'keep'], 4242, 4243, [4, 5]],
    [['-S', 'daemon', '--groups', '8,web'], 4242, 4243, [8, 44]],
    [['-S', '5:web'], 5, 44, []],
    [['-S', '5:6'], 5, 6, []],
    [['-G', 'web'], 0, 44, []],
    [['-S', '5', '--groups', 'keep'], 5, 0, [4, 5]],
    [['-S', 'follow', '-G', 'follow', '--groups', 'follow'], 0, 0, [27, 44]],
    [['-S', '0'], 0, 0, []],
    [['-S', 'root'], 0, 0, [0]],
  ] as const)('%j', async (words, uid, gid, groups) => {
    const { groups: theirs, ...report } = await inside(words);
    expect(report).toMatchObject({ uid, euid: uid, suid: uid, gid, egid: gid, sgid: gid });
    expect([...theirs].sort((one, other) => one - other)).toEqual(groups);
  });

  it('is who the environment says', async () => {
    const env = { PATH: '/bin', HOME: '/home/caller', SHELL: '/bin/callers', LANG: 'C' };
    expect((await inside(['-S', 'daemon'], { env })).env).toEqual(['PATH=/bin', 'LANG=C', ...OF_DAEMON]);
    for (const words of [
      ['--clear-env', '-S', 'daemon'],
      ['-S', 'daemon', '--setenv', 'A=1', '--clear-env'],
    ])
      expect((await inside(words, { env })).env).toEqual(OF_DAEMON);
    expect((await inside(['--clear-env', '--unsetenv', 'HOME', '-S', 'daemon'], { env })).env).toEqual(
      OF_DAEMON.slice(1),
    );
    expect((await inside(['--clear-env', '-S', '4242'], { env })).env).toEqual([]);
    expect((await inside(['-S', 'daemon', '-e'], { env })).env).toEqual([
      'PATH=/bin',
      'MARK=target',
      ...OF_DAEMON,
    ]);
    for (const words of [
      ['-S', '4242'],
      ['-S', '4242:4243'],
      ['-G', 'web'],
      ['-S', '5', '--groups', 'web'],
    ])
      expect((await inside(words, { env })).env).toEqual(Object.entries(env).map((entry) => entry.join('=')));
  });

  it('without a program it is the shell of the user', async () => {
    const { status, stdout } = await run([tsenter, '-t', t, '-m', '-S', 'daemon'], {
      env: { SHELL: '/bin/sh' },
    });
    expect(status).toBe(0);
    expect(parseProbe(stdout)).toMatchObject({ uid: 4242, argv: ['-probe'] });
  });

  it('the names are those of the target, also where its files are not entered', async () => {
    expect(await probeInside(['-t', t, '-u', '-S', 'daemon'])).toMatchObject({ uid: 4242, gid: 4243 });
  });

  it('of another root, those of that', async () => {
    using files = scratch();
    mkdirSync(`${files.path}/etc`);
    writeFileSync(`${files.path}/etc/passwd`, 'daemon:x:77:78::/:/bin/sh\n');
    execFileSync('cp', [program('probe'), `${files.path}/probe`]);
    const report = await probeInside([`--root=${files.path}`, '-t', t, '-u', '-S', 'daemon'], {
      probe: '/probe',
    });
    // Without a file there are no groups but the first.
    expect(report).toMatchObject({ uid: 77, gid: 78, groups: [78] });
  });

  it('without a target, those of the caller', async () => {
    expect(await probeInside(['-w/', '-S', 'daemon'])).toMatchObject({ uid: 1, gid: 1 });
  });

  it('the mount namespace is a file: numbers only', async () => {
    const outcome = await enter([`--mount=/proc/${t}/ns/mnt`, '-S', 'daemon', '/bin/echo', 'executed']);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(
      /^tsenter: read \/etc\/passwd: the mount namespace is not that of a target\n.*say numbers/,
    );
    expect(await probeInside([`--mount=/proc/${t}/ns/mnt`, '-S', '4242'], { probe: '/probe' })).toMatchObject(
      {
        uid: 4242,
      },
    );
  });

  it.each([
    [
      'deamon',
      /^tsenter: find user 'deamon': no such user in \/etc\/passwd of target \d+\nDid you mean daemon\?\n$/,
    ],
    [
      'web:stafff',
      /^tsenter: find group 'stafff': no such group in \/etc\/group of target \d+\nDid you mean staff\?\n$/,
    ],
    // Of the host there is one.
    ['nobody', /^tsenter: find user 'nobody': no such user in \/etc\/passwd of target \d+\n/],
  ])('-S %s', async (user, message) => {
    const { status, stdout, stderr } = await enter(['-t', t, '-m', '-S', user, '/bin/echo', 'executed']);
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString()).toMatch(message);
  });

  it('--explain tells who it will be', async () => {
    const words = ['--explain=json', '-t', t, '-m', '-S', 'daemon', '/probe'];
    const { stdout } = await run([tsenter, ...words], { groups: [4] });
    const explanation = JSON.parse(stdout.toString());
    expect(explanation.verdict.enters).toBe(true);
    expect(explanation.ids).toMatchObject({
      caller: { groups: [4] },
      program: { uid: 4242, gid: 4243, groups: [4243, 29, 50] },
    });
    expect(explanation.plan).toContainEqual(
      expect.objectContaining({ step: 'groups', does: 'take the supplementary groups 4243, 29, 50' }),
    );
    const failing = await run([tsenter, '--explain=json', '-t', t, '-m', '-S', 'nobody', '/probe']);
    expect(failing.status).toBe(1);
    expect(JSON.parse(failing.stdout.toString()).verdict.reason).toMatch(/^find user 'nobody': no such user/);
  });

  it('without CAP_SETGID nobody takes groups', async () => {
    const { status, stderr } = await enter(['-t', t, '-m', '-S', 'daemon', '/bin/true'], { drop: [6] });
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(
      /^tsenter: set supplementary groups: Operation not permitted\n.*CAP_SETGID/,
    );
  });

  it.each([
    ['as nsenter a name that is there', 'daemon', 0, /^$/],
    ['and one that is not', 'nobody', 1, /^nsenter: failed to parse uid: 'nobody'\n/],
  ])('called %s', async (_, user, status, message) => {
    const outcome = await enter(['-t', t, '-m', '-S', user, '/bin/true'], { argv0: 'nsenter' });
    expect(outcome.status).toBe(status);
    expect(outcome.stderr.toString()).toMatch(message);
  });

  it('where openat2(2) is not there, nothing of the target is opened', async () => {
    const words = [program('filtered'), '38', 'openat2', '--', tsenter, '-t', t, '-m', '-S'];
    const named = await run([...words, 'daemon', '/bin/echo', 'executed']);
    expect([named.status, named.stdout.toString()]).toEqual([1, '']);
    expect(named.stderr.toString()).toMatch(
      /^tsenter: read \/etc\/passwd of target \d+: Function not implemented\n.*Linux 5\.6.*Numbers need no file\.\n$/,
    );
    expect((await run([...words, '4242', '/bin/echo', 'executed'])).stdout.toString()).toBe('executed\n');
  });
});

describe('files that are none', () => {
  let target: Target;
  let etc: string;

  beforeAll(async () => {
    target = await container();
    etc = `/proc/${target.pid}/root/etc`;
    writeFileSync(`${etc}/other`, PASSWD);
    mkdirSync(`${etc}/directory`);
  });

  beforeEach(() => rmSync(`${etc}/passwd`, { recursive: true, force: true }));

  afterAll(() => target?.stop());

  const link = (to: string) => () => symlinkSync(to, `${etc}/passwd`);
  const make =
    (command: string, ...words: string[]) =>
    () =>
      void execFileSync(
        command,
        words.map((word) => word.replace('PASSWD', `${etc}/passwd`)),
      );

  it.each([
    ['nothing', () => undefined, 'No such file or directory'],
    ['a link to the file of the host', link('/etc/shadow'), 'No such file or directory'],
    ['a link to a file above the root', link('../../../../../../etc/shadow'), 'No such file or directory'],
    ['a link of /proc to a root', link('/proc/self/root/etc/passwd'), 'Too many levels of symbolic links'],
    ['a link of /proc to an own descriptor', link('/proc/self/fd/0'), 'Too many levels of symbolic links'],
    ['a link to itself', link('passwd'), 'Too many levels of symbolic links'],
    ['a FIFO', make('mkfifo', 'PASSWD'), 'not a regular file'],
    ['a device', make('mknod', 'PASSWD', 'c', '5', '0'), 'not a regular file'],
    ['a device that is not there', make('mknod', 'PASSWD', 'b', '240', '9'), 'not a regular file'],
    ['a directory', () => mkdirSync(`${etc}/passwd`), 'Is a directory'],
    ['a link to a directory', link('directory'), 'Is a directory'],
    ['a path through a file', link('group/passwd'), 'Not a directory'],
    [
      'too large',
      () => writeFileSync(`${etc}/passwd`, `${'x\n'.repeat(2 << 20)}${PASSWD}`),
      'File too large',
    ],
  ])('%s', async (_, spoil, cause) => {
    spoil();
    const words = ['-t', String(target.pid), '-m', '-S', 'daemon', '/bin/echo', 'executed'];
    const { status, stdout, stderr } = await enter(words);
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString().split('\n')[0]).toBe(
      `tsenter: read /etc/passwd of target ${target.pid}: ${cause}`,
    );
  });

  it.each([
    ['empty', () => writeFileSync(`${etc}/passwd`, '')],
    ['binary', () => writeFileSync(`${etc}/passwd`, readFileSync(program('probe')))],
    ['what the kernel makes up', link('/proc/kmsg')],
    ['of tsenter itself', link('/proc/self/environ')],
  ])('%s: nobody is in it', async (_, spoil) => {
    spoil();
    const words = ['-t', String(target.pid), '-m', '-S', 'daemon', '/bin/echo', 'executed'];
    const { status, stdout, stderr } = await enter(words, { env: { A: PASSWD } });
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString()).toMatch(
      /^tsenter: find user 'daemon': no such user in \/etc\/passwd of target \d+\n/,
    );
  });

  it.each([
    ['a link inside', link('other')],
    ['a link that would lead above the root', link('../../../../etc/other')],
    ['an absolute link, from its root on', link('/etc/other')],
    ['a large file', () => writeFileSync(`${etc}/passwd`, `${'x\n'.repeat(1 << 20)}${PASSWD}`)],
    [
      'bytes of other encodings',
      () => writeFileSync(`${etc}/passwd`, Buffer.from(`\xff\xfe\0\n${PASSWD}`, 'latin1')),
    ],
  ])('%s', async (_, make_) => {
    make_();
    const words = ['-t', String(target.pid), '-m', '-S', 'daemon'];
    expect(await probeInside(words, { probe: '/probe' })).toMatchObject({ uid: 4242, gid: 4243 });
  });

  it('numbers need none', async () => {
    const words = ['-t', String(target.pid), '-m', '-S', '0'];
    expect(await probeInside(words, { probe: '/probe' })).toMatchObject({ uid: 0, groups: [] });
  });
});

describe('in a user namespace', () => {
  const map = '0 100000 65536';
  let target: Target;
  let t: string;

  beforeAll(async () => {
    target = await container({
      namespaces: ['mount', 'uts', 'pid'],
      user: { uidMap: map, gidMap: map },
      groups: [27, 44],
    });
    t = String(target.pid);
  });

  afterAll(() => target?.stop());

  it('ids are those inside', async () => {
    const report = await probeInside(['-t', t, '-a', '-S', 'daemon'], { probe: '/probe' });
    expect(report).toMatchObject({ uid: 4242, gid: 4243 });
    expect([...report.groups].sort()).toEqual([29, 4243, 50]);
  });

  it('and from outside those that it maps them to', async () => {
    const report = await probeInside(['-t', t, '-u', '-S', 'daemon']);
    expect(report).toMatchObject({ uid: 104242, gid: 104243 });
    expect([...report.groups].sort()).toEqual([100029, 100050, 104243]);
    expect(await probeInside(['-t', t, '-u', '-S', '4242'])).toMatchObject({ uid: 4242 });
  });

  it('the groups of the target', async () => {
    const follow = ['-S', 'follow', '-G', 'follow', '--groups', 'follow'];
    const report = await probeInside(['-t', t, '-a', ...follow], { probe: '/probe' });
    expect([...report.groups].sort()).toEqual([27, 44]);
    expect([...(await probeInside(['-t', t, '-u', ...follow])).groups].sort()).toEqual([100027, 100044]);
  });

  it('--explain', async () => {
    const { stdout } = await run([tsenter, '--explain=json', '-t', t, '-a', '-S', 'daemon', '/probe']);
    expect(JSON.parse(stdout.toString()).ids.program).toMatchObject({
      uid: 4242,
      gid: 4243,
      groups: [4243, 29, 50],
    });
  });
});

describe('in a user namespace of one id, as its owner', () => {
  const one = { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' } as const;
  const asSomeone: RunOptions = { uid: someone, gid: someone };
  let target: Target;
  let t: string;

  beforeAll(async () => {
    target = await container({ namespaces: ['mount', 'uts', 'pid'], user: one, startedBy: someone });
    t = String(target.pid);
  });

  afterAll(() => target?.stop());

  it('its root', async () => {
    const report = await probeInside(['-t', t, '-a', '-S', 'root'], { probe: '/probe', ...asSomeone });
    expect(report).toMatchObject({ uid: 0, gid: 0, groups: [] });
    expect(report.env).toContain('USER=root');
  });

  it.each([
    [['-S', 'daemon'], "set groups 29, 50 of user 'daemon': the user namespace denies setgroups(2)", 'none'],
    [['-S', 'daemon', '--groups', 'none'], 'set group id 4243: Invalid argument', 'maps no such id'],
    [['--groups', '0'], 'set supplementary groups: Operation not permitted', 'denies setgroups(2)'],
  ])('%j', async (words, message, hint) => {
    const outcome = await enter(['-t', t, '-a', ...words, '/bin/echo', 'executed'], asSomeone);
    const [first, second] = outcome.stderr.toString().split('\n');
    expect([outcome.status, outcome.stdout.toString(), first]).toEqual([1, '', `tsenter: ${message}`]);
    expect(second).toContain(hint);
    const explained = await run([tsenter, '--explain=json', '-t', t, '-a', ...words, '/bin/echo'], asSomeone);
    expect(JSON.parse(explained.stdout.toString()).verdict.reason).toBe(message);
  });
});
