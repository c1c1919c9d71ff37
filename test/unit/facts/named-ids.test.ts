import { describe, expect, it } from 'vitest';
import { type Facts, gatherFacts } from '../../../src/facts/facts.ts';
import type { OptionValues } from '../../../src/options/table.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { makeRequest } from '../../../src/request/parse.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { failureOf } from '../support/failure.ts';
import { type FakeProcess, FakeSys } from '../support/fake-sys.ts';

const PASSWD = 'root:x:0:0::/root:/bin/sh\nweb:x:33:44::/srv:/bin/ash\n';
const GROUP = 'root:x:0:\nweb:x:44:\nstaff:x:50:web\naudio:x:29:web\n';
const MAP = '0 100000 1000\n';
const IDENTITY = '0 0 4294967295\n';
const NUMBERS_DO = 'Names are looked up in it; numbers need no file.';

interface World extends FakeProcess {
  passwd?: string;
  group?: string;
  map?: string;
  setgroups?: string;
  groups?: string;
}

function world({
  passwd = PASSWD,
  group = GROUP,
  map = MAP,
  setgroups = 'allow',
  groups = '',
  ...own
}: World = {}) {
  const sys = new FakeSys();
  sys.addProcess(7, own);
  const status = (list: string) => `Name:\ta\nUid:\t0 0 0 0\nGid:\t0 0 0 0\nGroups:\t${list}\n`;
  const texts: Record<string, string> = {
    '/proc/self/status': status('4 5'),
    '/proc/7/status': status(groups),
    '/proc/7/uid_map': own.own?.includes('user') ? map : IDENTITY,
    '/proc/7/gid_map': own.own?.includes('user') ? map : IDENTITY,
    '/proc/7/setgroups': setgroups,
    '/proc/7/root/etc/passwd': passwd,
    '/proc/7/root/etc/group': group,
    '/etc/passwd': 'mine:x:1:2::/mine:/bin/mine\n',
    '/etc/group': '',
    '/new/etc/passwd': 'new:x:3:4::/new:/bin/new\n',
    '/new/etc/group': 'news:x:5:new\n',
  };
  for (const [path, text] of Object.entries(texts)) sys.files.set(path, { text });
  for (const path of ['/', '/new']) sys.files.set(path, {});
  sys.environment.HOME = '/home/caller';
  sys.environment.LANG = 'C';
  return sys;
}

function gather(sys: FakeSys, values: OptionValues): Facts {
  return gatherFacts(sys, makeRequest(withControls(values), { kind: 'shell' }));
}

/** As options/further.ts makes it of the command line. */
function withControls(values: OptionValues): OptionValues {
  const { groups } = values;
  return groups === undefined ? values : { ...values, controls: [{ long: 'groups', value: groups }] };
}

/** The steps by which the program gets its ids. */
function steps(sys: FakeSys, values: OptionValues): unknown[] {
  const request = makeRequest(withControls(values), { kind: 'shell' });
  const wanted = ['groups', 'drop-groups', 'try-drop-groups', 'gid', 'uid'];
  return makePlan(request, gatherFacts(sys, request), '/bin/callers').steps.filter(({ step }) =>
    wanted.includes(step),
  );
}

const groups = (...gids: number[]) => ({ step: 'groups', gids });
const gid = (id: number | 'remembered') => ({ step: 'gid', id });
const uid = (id: number | 'remembered') => ({ step: 'uid', id });
const dropped = { step: 'drop-groups' };

describe('what names become', () => {
  it.each([
    [{ setuid: 'web' }, [groups(44, 29, 50), gid(44), uid(33)]],
    [{ setuid: '33:' }, [groups(44, 29, 50), gid(44), uid(33)]],
    [{ setuid: 'web:staff' }, [groups(50, 29), gid(50), uid(33)]],
    [{ setuid: 'web:9' }, [groups(9, 29, 50), gid(9), uid(33)]],
    [{ setuid: 'web', setgid: 'staff' }, [groups(50, 29), gid(50), uid(33)]],
    [{ setuid: 'web', setgid: 'follow' }, [groups(29, 50), gid('remembered'), uid(33)]],
    [{ setuid: 'web', groups: 'none' }, [dropped, gid(44), uid(33)]],
    [{ setuid: 'web', groups: 'keep' }, [gid(44), uid(33)]],
    [{ setuid: 'web', groups: 'audio,7' }, [groups(29, 7), gid(44), uid(33)]],
    [{ setuid: '5:6' }, [dropped, gid(6), uid(5)]],
    [{ setuid: '5:staff' }, [dropped, gid(50), uid(5)]],
    [{ setuid: '5', groups: 'audio' }, [groups(29), uid(5)]],
    [{ setuid: '5', groups: 'keep' }, [uid(5)]],
    [{ setgid: 'staff' }, [dropped, gid(50)]],
    [{ setuid: 'root' }, [groups(0), gid(0), uid(0)]],
    [
      { setuid: 'follow', setgid: 'follow', groups: 'follow' },
      [groups(27, 44), gid('remembered'), uid('remembered')],
    ],
  ] as const)('%j', (values, expected) => {
    expect(steps(world({ groups: '27 44' }), { target: '7', uts: true, ...values })).toEqual(expected);
  });

  it('nothing was looked up for numbers', () => {
    const sys = world();
    steps(sys, { target: '7', setuid: '5:6' });
    expect(sys.calls.filter((call) => call.includes('passwd') || call.includes('group'))).toEqual([]);
  });

  it('without groups in an image there is the first one', () => {
    const sys = world();
    sys.files.delete('/proc/7/root/etc/group');
    expect(steps(sys, { target: '7', setuid: 'web' })).toEqual([groups(44), gid(44), uid(33)]);
    expect(failureOf(() => steps(sys, { target: '7', setuid: 'web', setgid: 'staff' }))).toBe(
      `read /etc/group of target 7: No such file or directory\n${NUMBERS_DO}`,
    );
  });

  it('has an environment of its own, in place of that of the caller or the target', () => {
    const OF_USER = ['HOME=/srv', 'USER=web', 'LOGNAME=web', 'SHELL=/bin/ash'];
    const sys = world({ environ: 'HOME=/t\0SHELL=/bin/t\0A=1\0' });
    const environment = (values: OptionValues) => gather(sys, { target: '7', ...values }).environment;
    expect(environment({ setuid: 'web', mount: true })).toEqual(['LANG=C', ...OF_USER]);
    expect(environment({ setuid: 'web', mount: true, env: true })).toEqual(['A=1', ...OF_USER]);
    // Home and shell would be files of the host that the target has chosen.
    expect(environment({ setuid: 'web' })).toEqual([
      'HOME=/home/caller',
      'LANG=C',
      'USER=web',
      'LOGNAME=web',
    ]);
    expect(environment({ setgid: 'staff', setuid: '5' })).toBeUndefined();
    const request = makeRequest({ target: '7', setuid: 'web', mount: true }, { kind: 'shell' });
    const { steps: all } = makePlan(request, gatherFacts(sys, request), '/bin/callers');
    expect(all.find(({ step }) => step === 'shell')).toEqual({ step: 'shell', path: '/bin/ash' });
  });
});

describe('whose files they are', () => {
  it.each([
    [{ target: '7', setuid: 'web' }, '/proc/7/root'],
    [{ target: '7', setuid: 'web', mount: true }, '/proc/7/root'],
    [{ target: '7', setuid: 'web', root: true }, '/proc/7/root'],
    [{ target: '7', setuid: 'web', net: '/run/netns/x' }, '/proc/7/root'],
    [{ target: '7', setuid: 'new', root: '/new' }, '/new'],
    [{ setuid: 'new', root: '/new' }, '/new'],
    [{ setuid: 'new', root: '/new', mount: '/run/mnt' }, '/new'],
    [{ setuid: 'mine' }, '/'],
  ] as const)('%j', (values, root) => {
    const sys = world();
    sys.files.set('/run/netns/x', { namespace: { type: 'net', id: 'x' } });
    sys.files.set('/run/mnt', { namespace: { type: 'mount', id: 'x' } });
    gather(sys, values);
    expect(sys.calls.filter((call) => call.startsWith('read etc'))).toEqual([
      `read etc/passwd below ${root}`,
      `read etc/group below ${root}`,
    ]);
    // What was opened for it alone is closed.
    expect(sys.stillOpen().filter((name) => name === root)).toEqual('root' in values ? [root] : []);
  });

  it('not those of a mount namespace without a process', () => {
    const sys = world();
    sys.files.set('/run/mnt', { namespace: { type: 'mount', id: 'x' } });
    for (const more of [{}, { target: '7' }])
      expect(failureOf(() => gather(sys, { mount: '/run/mnt', setuid: 'web', ...more }))).toMatch(
        /^read \/etc\/passwd: the mount namespace is not that of a target\n.*numbers/,
      );
  });
});

describe('user namespaces', () => {
  const own = ['user', 'uts'] as const;
  const web = { target: '7', setuid: 'web' };

  it('who is entered counts for itself', () => {
    expect(steps(world({ own }), { ...web, user: true })).toEqual([
      { step: 'try-drop-groups' },
      groups(44, 29, 50),
      gid(44),
      uid(33),
    ]);
  });

  it('from outside a user has the ids that the map gives', () => {
    expect(steps(world({ own }), { ...web, uts: true })).toEqual([
      groups(100044, 100029, 100050),
      gid(100044),
      uid(100033),
    ]);
    expect(steps(world({ own }), { ...web, setuid: '33:44', uts: true })).toEqual([
      dropped,
      gid(44),
      uid(33),
    ]);
  });

  it('or none', () => {
    const sys = world({ own, map: '0 1001 1\n' });
    expect(failureOf(() => gather(sys, { ...web, uts: true }))).toBe(
      'find user id 33 of target 7: its user namespace maps no such id',
    );
  });

  it('without setgroups(2) a user may be in no more than one group', () => {
    const sys = world({ own, setgroups: 'deny' });
    expect(failureOf(() => gather(sys, { ...web, user: true }))).toBe(
      "set groups 29, 50 of user 'web': the user namespace denies setgroups(2)\n--groups none leaves them out.",
    );
    for (const more of [{ setuid: 'root' }, { groups: 'none' }])
      expect(steps(sys, { ...web, user: true, ...more })).toContainEqual(dropped);
  });

  it('the caller keeps its groups if that is said', () => {
    expect(steps(world({ own }), { ...web, user: true, groups: 'keep' })).toEqual([gid(44), uid(33)]);
  });

  it.each([
    [{ groups: '100027' }, { user: true }, [27]],
    [{ groups: '100027' }, { uts: true }, [100027]],
  ] as const)('groups of the target: %j, %j', (world_, values, expected) => {
    const made = gather(world({ own, ...world_ }), { target: '7', groups: 'follow', ...values });
    expect(made.controls?.groups).toEqual(expected);
  });

  it.each([
    [
      { groups: '27' },
      { user: true },
      'the user namespace does not map group 27\n--groups takes a list, too.',
    ],
    [
      { groups: '100027', setgroups: 'deny' },
      { user: true },
      'the user namespace denies setgroups(2)\n--groups none leaves them out.',
    ],
    [{ groups: '100027' }, { user: '/u' }, 'the user namespace is not that of the target'],
  ] as const)('groups of the target that cannot be: %j, %j', (world_, values, cause) => {
    const sys = world({ own, ...world_ });
    sys.files.set('/u', { namespace: { type: 'user', id: 'u' } });
    expect(failureOf(() => gather(sys, { target: '7', groups: 'follow', ...values }))).toBe(
      `follow groups of target 7: ${cause}`,
    );
  });
});

describe('what is said', () => {
  it.each([
    ['wed', "find user 'wed': no such user in /etc/passwd of target 7\nDid you mean web?"],
    [
      'nobody',
      "find user 'nobody': no such user in /etc/passwd of target 7\nNothing but that file is asked; a number needs none.",
    ],
    [
      '34:',
      'find user id 34: no such user in /etc/passwd of target 7\nNothing but that file is asked; a number needs none, without a colon behind it.',
    ],
    ['web:stafff', "find group 'stafff': no such group in /etc/group of target 7\nDid you mean staff?"],
  ])('-S %s', (setuid, message) => {
    expect(failureOf(() => gather(world(), { target: '7', setuid }))).toBe(message);
  });

  it('of other roots', () => {
    expect(failureOf(() => gather(world(), { setuid: 'x' }))).toMatch(
      /^find user 'x': no such user in \/etc\/passwd\n/,
    );
    expect(failureOf(() => gather(world(), { setuid: 'x', root: '/new' }))).toMatch(
      /^find user 'x': no such user in \/etc\/passwd below \/new\n/,
    );
  });

  it.each([
    [Errno.ENOENT, `No such file or directory\n${NUMBERS_DO}`],
    [Errno.EINVAL, `not a regular file\n${NUMBERS_DO}`],
    [Errno.EFBIG, `File too large\n${NUMBERS_DO}`],
    [
      Errno.ENOSYS,
      'Function not implemented\nNothing that the target chose is opened without openat2(2), Linux 5.6; this is 6.18.44. Numbers need no file.',
    ],
  ])('errno %d', (errno, message) => {
    const sys = world();
    sys.fail('read etc/passwd below /proc/7/root', errno);
    expect(failureOf(() => gather(sys, { target: '7', setuid: 'web' }))).toBe(
      `read /etc/passwd of target 7: ${message}`,
    );
  });

  it('more groups than setgroups(2) takes', () => {
    const group = Array.from({ length: 65536 }, (_, index) => `g:x:${index}:web\n`).join('');
    expect(
      failureOf(() => gather(world({ group: `${group}g:x:65536:web\n` }), { target: '7', setuid: 'web' })),
    ).toBe("set groups of user 'web': more than 65536\n--groups none leaves them out.");
  });
});
