import { describe, expect, it } from 'vitest';
import { OPTION_ROWS, type OptionValues } from '../../../src/options/table.ts';
import { makeRequest } from '../../../src/request/parse.ts';
import { UsageError } from '../../../src/sys/errors.ts';
import { NAMESPACES } from '../../../src/sys/namespaces.ts';
import { failureOf, thrownBy } from '../support/failure.ts';

const request = (values: OptionValues) => makeRequest(values, { kind: 'shell' });
const refusal = (values: OptionValues) => failureOf(() => request(values));

const TRY_HELP = "Try 'tsenter --help' for more information.";
const NAME_TARGET = 'Name the process or the container: --target PID|NAME.';
/** Where the option that asks takes a file as well. */
const orFile = (glued: string) =>
  `Name the process or the container: --target PID|NAME, or what it is of, behind a '=': ${glued}.`;
const VALUE = "The word behind --target is its value: a process id, or a name that 'tsenter --list' shows.";

describe('a request', () => {
  it('is what was asked for and nothing else', () => {
    expect(request({ target: '7', net: true })).toEqual({
      target: { pid: 7 },
      all: false,
      namespaces: { net: { from: 'target' } },
      netSocket: undefined,
      userParent: false,
      root: undefined,
      workingDirectory: undefined,
      uid: undefined,
      gid: undefined,
      preserveCredentials: false,
      keepCapabilities: false,
      targetEnvironment: false,
      joinCgroup: false,
      followContext: false,
      fork: true,
      pty: false,
      escape: 126,
      hostRoot: undefined,
      killChild: 9,
      forwardSignals: true,
      unsealed: false,
      program: { kind: 'shell' },
    });
  });

  it.each([
    ['all', { all: true }],
    ['user-parent', { userParent: true }],
    ['preserve-credentials', { preserveCredentials: true }],
    ['keep-caps', { keepCapabilities: true }],
    ['env', { targetEnvironment: true }],
    ['join-cgroup', { joinCgroup: true }],
    ['follow-context', { followContext: true }],
    ['no-fork', { fork: false }],
    ['pty', { pty: true }],
    ['no-pty', {}],
    ['kill-child', { killChild: 9 }],
    ['no-kill-child', { killChild: undefined }],
    ['no-forward-signals', { forwardSignals: false }],
    ['unsealed', { unsealed: true }],
  ] as const)('has the flag --%s', (long, expected) => {
    const without = request({ target: '7', net: true });
    expect(request({ target: '7', net: true, [long]: true })).toEqual({ ...without, ...expected });
  });

  it('passes the program through', () => {
    const program = { kind: 'operands', first: 3 } as const;
    expect(makeRequest({ net: '/n' }, program).program).toBe(program);
  });
});

describe('the target', () => {
  it.each([
    ['1', { pid: 1 }],
    ['0007', { pid: 7 }],
    ['2147483647', { pid: 2147483647 }],
    ['+7', { pid: 7 }],
    [' \t\n7', { pid: 7 }],
    ['7:12345', { pid: 7, inode: '12345' }],
    ['7:18446744073709551615', { pid: 7, inode: '18446744073709551615' }],
  ])('%s', (target, expected) => {
    expect(request({ target, all: true }).target).toEqual(expected);
  });

  it.each([
    ['', 'It is empty: is a variable unset, or what should have printed the number silent?'],
    [' \n', 'It is empty: is a variable unset, or what should have printed the number silent?'],
    ['0', '0 is what container engines tell of a container that is not running.'],
    ['+00', '0 is what container engines tell of a container that is not running.'],
    ...['-1', '--1', '+-1', ':7', '.x', 'a/', '/', '//x', '/a/b', 'x:///a', 'web:/a', '\xff'].map((text) => [
      text,
      VALUE,
    ]),
    ...['+ 1', '1 ', '1\n', 'a b', 'web\n', 'a\nb', 'docker://a docker://b'].map((text) => [
      text,
      'There is white space in it: one process id is taken, or one name.',
    ]),
    ['/proc/7', 'That process is -t 7.'],
    ['/proc/7/ns', 'That process is -t 7.'],
    ['/proc/7/ns/net', 'It is the file of a namespace: the value of an option, as in --net=/proc/7/ns/net.'],
    ['docker:', "A name stands behind it: docker:NAME; 'tsenter --list docker:' shows them."],
    ['web*', "It is one name: 'tsenter --list PATTERN' shows those that fit a pattern."],
    ...['2147483648', '99999999999', '7:', '7:x', '7:1:2', '7:123456789012345678901'].map((text) => [
      text,
      TRY_HELP,
    ]),
  ])('is not %j', (target, hint) => {
    expect(refusal({ target, all: true })).toBe(`parse target '${target}': not a process id\n${hint}`);
  });

  it.each([
    ['web', { name: 'web' }],
    ['0x10', { name: '0x10' }],
    ['1e3', { name: '1e3' }],
    ['3f2a', { name: '3f2a' }],
    ['shop/front/1', { name: 'shop/front/1' }],
    ['docker:web', { scheme: 'docker', name: 'web' }],
    ['docker:7', { scheme: 'docker', name: '7' }],
    ['/web', { name: 'web' }],
    ['docker:/web', { scheme: 'docker', name: 'web' }],
    ['docker://3f2a', { scheme: 'docker', name: '3f2a' }],
    ['containerd://3f2a', { scheme: 'containerd', name: '3f2a' }],
    ['cri-o://3f2a', { scheme: 'pod', name: '3f2a' }],
    ['unit:getty@tty1.service', { scheme: 'unit', name: 'getty@tty1.service' }],
    ['unit:a@x\\x2dy', { scheme: 'unit', name: 'a@x\\x2dy' }],
    ['unit:user@9/a@b', { scheme: 'unit', name: 'user@9/a@b' }],
    ['pod:shop/front', { scheme: 'pod', name: 'shop/front' }],
  ])('may have a name: %s', (target, expected) => {
    expect(request({ target, net: true }).target).toEqual(expected);
  });

  it.each([
    [{}, { all: true }],
    [{ root: true, env: true }, { all: true }],
    [{ net: true }, { all: false }],
    [{ mount: '/x' }, { all: false }],
    [{ 'net-socket': '5' }, { all: false }],
    [{ 'user-parent': true }, { all: false }],
    [{ net: true, all: true }, { all: true }],
  ] as const)('by name, with %j: %j', (values, expected) => {
    expect(request({ target: 'web', ...values })).toMatchObject(expected);
  });

  it('netns:NAME is a file of ip-netns(8), and nothing but a network', () => {
    const net = { from: 'file', path: '/run/netns/blue', ofHost: { root: undefined } };
    for (const values of [{}, { all: true }, { net: true }, { all: true, net: true }] as const)
      expect(request({ target: 'netns:blue', ...values })).toMatchObject({
        target: undefined,
        all: false,
        namespaces: { net },
      });
    expect(request({ target: 'netns:blue', 'host-root': '/host' }).namespaces).toEqual({
      net: { ...net, ofHost: { root: '/host' } },
    });
    for (const values of [
      { mount: true },
      { uts: '/x' },
      { root: true },
      { wd: true },
      { net: '/x' },
    ] as const)
      expect(refusal({ target: 'netns:blue', ...values })).toMatch(
        /^enter .* of netns:blue: it is a network namespace, not a process\n/,
      );
    expect(refusal({ target: 'netns:blue', env: true })).toMatch(
      /^read environment: no target PID specified\n/,
    );
    expect(refusal({ target: 'netns:a/b' })).toMatch(/not a process id/);
  });
});

describe('the escape character', () => {
  it.each([
    ['none', undefined],
    ['~', 126],
    ['n', 110],
    ['^', 94],
    ['%', 37],
    [' ', 32],
    ['^]', 29],
    ['^a', 1],
    ['^A', 1],
    ['^@', 0],
    ['^`', 0],
    ['^~', 30],
    ['^?', 127],
    ['\x1d', 29],
  ])('%j', (text, expected) => {
    expect(request({ target: '7', net: true, escape: text }).escape).toBe(expected);
  });

  it.each(['', '~~', '^^^', 'None', '^M', '^j', '\r', '\n', '\x80', '\xc3\xa4', '^1', '^\x7f', '^\xff'])(
    'is not %j',
    (text) => {
      expect(refusal({ target: '7', net: true, escape: text })).toBe(
        `parse value '${text}' of --escape: not an escape character\nIt is one ASCII character, a control character such as ^], or none.`,
      );
    },
  );
});

describe('an escape character that means something behind one', () => {
  it.each(['.', '?', '^Z', '^z', '\x1a'])('is refused: %j', (text) => {
    expect(refusal({ target: '7', net: true, escape: text })).toBe(
      `parse value '${text}' of --escape: it means something behind an escape character\nIt is one ASCII character, a control character such as ^], or none.`,
    );
  });
});

describe('where a namespace is from', () => {
  it.each(NAMESPACES)('$name: the target, a file or an id', ({ name }) => {
    expect(request({ target: '7', [name]: true }).namespaces).toEqual({ [name]: { from: 'target' } });
    expect(request({ [name]: '/x' }).namespaces).toEqual({ [name]: { from: 'file', path: '/x' } });
    expect(request({ [name]: ':12' }).namespaces).toEqual({ [name]: { from: 'nsid', id: '12' } });
  });

  it.each([
    ['=/x', { from: 'file', path: '/x' }],
    ['==x', { from: 'file', path: '=x' }],
    ['', { from: 'file', path: '' }],
    ['x:1', { from: 'file', path: 'x:1' }],
    ['./:1', { from: 'file', path: './:1' }],
    ['=:1', { from: 'nsid', id: '1' }],
    [':0', { from: 'nsid', id: '0' }],
    [':18446744073709551615', { from: 'nsid', id: '18446744073709551615' }],
  ])('%j', (net, expected) => {
    expect(request({ net }).namespaces.net).toEqual(expected);
  });

  it.each([':', ':x', ':-1', ':1x', ': 1', '::1', ':1\n', ':123456789012345678901'])('is not %j', (mount) => {
    expect(refusal({ mount })).toBe(`parse nsid '${mount.slice(1)}' of --mount: not a number\n${TRY_HELP}`);
  });
});

describe('directories', () => {
  it.each([
    [{ root: true }, { from: 'target' }, undefined],
    [{ root: '/r' }, { from: 'caller', path: '/r' }, undefined],
    [{ root: '=/r' }, { from: 'caller', path: '/r' }, undefined],
    [{ root: '' }, { from: 'caller', path: '' }, undefined],
    [{ wd: true }, undefined, { from: 'target' }],
    [{ wd: 'd' }, undefined, { from: 'caller', path: 'd' }],
    [{ wd: '=/d' }, undefined, { from: 'caller', path: '/d' }],
    [{ wdns: true }, undefined, { from: 'target' }],
    [{ wdns: '/d' }, undefined, { from: 'inside', path: '/d' }],
    [{ wdns: '=/d' }, undefined, { from: 'inside', path: '/d' }],
  ] as const)('%j', (values, root, workingDirectory) => {
    const made = request({ target: '7', ...values });
    expect([made.root, made.workingDirectory]).toEqual([root, workingDirectory]);
  });
});

const NO_CONTROLS = {
  environment: [],
  asTarget: undefined,
  capabilities: undefined,
  noNewPrivileges: false,
  umask: undefined,
  newSession: false,
  preservedDescriptors: undefined,
};

/** Options that are controls are looked at once all are known (options/further.ts). */
function withControls(long: 'setuid' | 'setgid' | 'groups', text: string): OptionValues {
  const values: OptionValues = { target: '7', [long]: text };
  if (long === 'groups') values.controls = [{ long, value: text }];
  return values;
}

describe('numbers', () => {
  it.each([
    ['setuid', 'uid', '0', 0],
    ['setuid', 'uid', '4294967294', 4294967294],
    ['setuid', 'uid', 'follow', 'follow'],
    ['setuid', 'uid', ' +5', 5],
    ['setgid', 'gid', '0', 0],
    ['setgid', 'gid', '4294967294', 4294967294],
    ['setgid', 'gid', 'follow', 'follow'],
    ['net-socket', 'netSocket', '0', 0],
    ['net-socket', 'netSocket', '2147483647', 2147483647],
  ] as const)('--%s: %s is %s', (long, key, text, expected) => {
    expect(request({ target: '7', [long]: text })[key]).toBe(expected);
  });

  it('--net-socket takes digits only', () => {
    for (const text of ['', 'x', '-1', '+', '+ 1', '1 ', '1\n', '0x1', '1.0', '1e3', 'Follow', 'follow '])
      expect(refusal({ target: '7', 'net-socket': text })).toBe(
        `parse value '${text}' of --net-socket: not a number\n${TRY_HELP}`,
      );
  });

  it.each(['setuid', 'setgid', 'groups'] as const)(
    '--%s takes digits, or what may stand in a file',
    (long) => {
      for (const text of ['', '-1', '+', '+ 1', '1 ', '1\n', 'follow ', 'a/b', '#x', 'a b', 'x\x7f', '\x01'])
        expect(refusal(withControls(long, text))).toBe(
          `parse value '${text}' of --${long}: not a number, and no name\n${TRY_HELP}`,
        );
    },
  );

  it.each([
    ['web', { user: 'web' }, undefined, undefined],
    ['0x1', { user: '0x1' }, undefined, undefined],
    ['Follow', { user: 'Follow' }, undefined, undefined],
    ['web:', { user: 'web' }, undefined, undefined],
    ['web:staff', { user: 'web', group: 'staff' }, undefined, undefined],
    ['web:50', { user: 'web' }, undefined, 50],
    ['1000:', { user: 1000 }, undefined, undefined],
    ['1000:50', {}, 1000, 50],
    ['1000:staff', { group: 'staff' }, 1000, undefined],
    ['follow:staff', { group: 'staff' }, 'follow', undefined],
    ['web:follow', { user: 'web' }, undefined, 'follow'],
  ] as const)('--setuid %s', (text, named, uid, gid) => {
    const made = request({ target: '7', setuid: text });
    expect([made.controls, made.uid, made.gid]).toEqual([{ ...NO_CONTROLS, ...named }, uid, gid]);
  });

  it('--setgid counts before what stands behind a colon', () => {
    const made = request({ target: '7', setuid: 'web:staff', setgid: 'www' });
    expect(made.controls).toEqual({ ...NO_CONTROLS, user: 'web', group: 'www' });
    expect(request({ target: '7', setuid: 'web:9', setgid: '8' })).toMatchObject({ gid: 8 });
  });

  it.each([':', ':staff', 'web:a:b', '5:a/b', '-1:5', '4294967295:5', '1000:4294967295', 'web:-1'])(
    '--setuid %s',
    (text) => {
      expect(refusal({ target: '7', setuid: text })).toMatch(/^parse value '.*' of --setuid: (not|out)/);
    },
  );

  it.each([
    ['5', [5]],
    ['5,staff, 6', [5, 'staff', 6]],
    ['none', []],
    ['follow', 'follow'],
    ['keep', 'keep'],
  ] as const)('--groups %s', (text, groups) => {
    const made = request({ ...withControls('groups', text), setuid: '1' });
    expect(made.controls?.groups).toEqual(groups);
  });

  it('--groups follow asks a target, and so does no list', () => {
    expect(refusal({ controls: [{ long: 'groups', value: 'follow' }], setuid: '1' })).toMatch(
      /^follow groups: no target PID specified/,
    );
    expect(() => request({ controls: [{ long: 'groups', value: '5' }], setuid: '1' })).not.toThrow();
  });

  it('a name is enough to be asked for', () => {
    expect(() => request({ setuid: 'web' })).not.toThrow();
    expect(() => request({ setgid: 'web' })).not.toThrow();
  });

  it.each([
    ['setuid', '4294967295'],
    ['setuid', '99999999999999999999'],
    ['setgid', '4294967295'],
    ['setgid', '9999999999'],
    ['setgid', '10000000000'],
    ['net-socket', '2147483648'],
    ['net-socket', '10000000000'],
  ] as const)('--%s: %s is out of range', (long, text) => {
    expect(refusal({ target: '7', [long]: text })).toBe(
      `parse value '${text}' of --${long}: out of range\n${TRY_HELP}`,
    );
  });

  it('follow is no socket', () => {
    expect(refusal({ target: '7', 'net-socket': 'follow' })).toBe(
      `parse value 'follow' of --net-socket: not a number\n${TRY_HELP}`,
    );
  });
});

describe('a missing target', () => {
  it.each(NAMESPACES)('--$name needs one', ({ name }) => {
    expect(refusal({ [name]: true })).toBe(
      `enter ${name} namespace: no target PID specified\n${orFile(`--${name}=FILE`)}`,
    );
  });

  it.each([
    [{ all: true }, 'enter all namespaces', NAME_TARGET],
    [{ 'net-socket': '5' }, 'enter net namespace of socket 5', NAME_TARGET],
    [{ 'user-parent': true }, 'enter parent user namespace', NAME_TARGET],
    [{ 'user-parent': true, user: true }, 'enter user namespace', orFile('--user=FILE')],
    [{ root: true }, 'change root directory', orFile('--root=DIR')],
    [{ wd: true }, 'change working directory', orFile('--wd=DIR')],
    [{ wdns: true }, 'change working directory', orFile('--wd=DIR')],
    [{ setuid: 'follow' }, 'follow user id', NAME_TARGET],
    [{ setgid: 'follow' }, 'follow group id', NAME_TARGET],
    [{ env: true }, 'read environment', NAME_TARGET],
    [{ 'join-cgroup': true }, 'join cgroup', NAME_TARGET],
    // What else is there does not help.
    [{ mount: '/x', net: true }, 'enter net namespace', orFile('--net=FILE')],
    [{ net: '/x', root: true }, 'change root directory', orFile('--root=DIR')],
  ] as const)('%j needs one', (values, what, hint) => {
    expect(refusal(values)).toBe(`${what}: no target PID specified\n${hint}`);
  });

  it.each([
    { net: '/x' },
    { net: ':1' },
    { user: '/x', 'user-parent': true },
    { user: ':1', 'user-parent': true },
    { root: '/' },
    { wd: '/' },
    { wdns: '/' },
    { setuid: '0' },
    { setgid: '0' },
    { net: '/x', 'no-fork': true, 'preserve-credentials': true, 'keep-caps': true },
  ] as const)('%j needs none', (values) => {
    expect(request(values).target).toBeUndefined();
  });
});

describe('nothing to enter', () => {
  const NAME_SOMETHING = "Name what to enter, such as --all, or --mount --pid; 'tsenter --help' lists it.";
  const NAME_SOMEBODY =
    'Name what to enter: a container, as in -t NAME, or what of a process, as in -t PID --all.';

  it('is refused, so that the program does not run outside', () => {
    expect(refusal({})).toBe(`enter namespaces: no namespace specified\n${NAME_SOMEBODY}`);
    expect(refusal({ target: '7' })).toBe(`enter target 7: no namespace specified\n${NAME_SOMETHING}`);
  });

  it('is what options that change nothing alone amount to', () => {
    const values = {
      'no-fork': true,
      'preserve-credentials': true,
      'keep-caps': true,
      explain: true,
    } as const;
    expect(refusal({ target: '7', ...values })).toBe(
      `enter target 7: no namespace specified\n${NAME_SOMETHING}`,
    );
  });

  it('is not what any other option alone asks for', () => {
    const quiet = [
      'target',
      'no-fork',
      'preserve-credentials',
      'keep-caps',
      'follow-context',
      'pty',
      'no-pty',
      'escape',
      'kill-child',
      'no-kill-child',
      'no-forward-signals',
      'failure-status',
      'unsealed',
      'groups',
      'caps',
      'no-new-privs',
      'umask',
      'setenv',
      'unsetenv',
      'clear-env',
      'env-file',
      'new-session',
      'close-fds',
      'preserve-fds',
      'as-target',
      'host-root',
      'explain',
      'completion',
      'list',
    ];
    const rows = OPTION_ROWS.filter(({ long }) => ![...quiet, 'help', 'version'].includes(long));
    for (const { long, value } of rows)
      expect(() => request({ target: '7', [long]: value === 'required' ? '0' : true })).not.toThrow();
  });
});

it('a refusal is a mistake of the command line, with status 1', () => {
  const error = thrownBy(() => request({}));
  expect(error).toBeInstanceOf(UsageError);
  expect(error.status).toBe(1);
});
