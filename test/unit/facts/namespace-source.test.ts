import { describe, expect, it } from 'vitest';
import {
  openNamespaceSource,
  openParentUserNamespace,
  openSocketNamespace,
} from '../../../src/facts/namespace-source.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { NAMESPACES, type NamespaceName, namespace } from '../../../src/sys/namespaces.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

const openFile = (sys: FakeSys, name: NamespaceName, path: string) =>
  openNamespaceSource(sys, namespace(name), { from: 'file', path });
const openId = (sys: FakeSys, name: NamespaceName, id: string) =>
  openNamespaceSource(sys, namespace(name), { from: 'nsid', id });

describe('a namespace by file', () => {
  it.each(NAMESPACES)('$name', ({ name }) => {
    const sys = new FakeSys();
    sys.files.set('/x', { namespace: { type: name, id: '1' } });
    const opened = openFile(sys, name, '/x');
    expect(opened).toMatchObject({ name, origin: 'other', label: '/x', entered: false });
    expect(sys.nameOf(opened.fd)).toBe('/x');
    expect(sys.opened()).toEqual(['namespace /x']);
  });

  it('of another type is refused, and its type is named', () => {
    const sys = new FakeSys();
    sys.files.set('/x', { namespace: { type: 'mount', id: '1' } });
    expect(failureOf(() => openFile(sys, 'net', '/x'))).toBe('enter net namespace /x: a mount namespace');
  });

  it('of a type newer than tsenter is refused', () => {
    const sys = new FakeSys();
    sys.files.set('/x', { flag: 0x100 });
    expect(failureOf(() => openFile(sys, 'net', '/x'))).toBe(
      'enter net namespace /x: a new kind of namespace',
    );
  });

  it.each([Errno.ENOTTY, Errno.EINVAL, Errno.EBADF])('that is none is refused (errno %i)', (errno) => {
    const sys = new FakeSys();
    sys.files.set('/etc/passwd', { text: 'root' });
    sys.fail('type /etc/passwd', errno);
    expect(failureOf(() => openFile(sys, 'user', '/etc/passwd'))).toBe(
      'enter user namespace /etc/passwd: not a namespace',
    );
  });

  it('that is not there', () => {
    expect(failureOf(() => openFile(new FakeSys(), 'uts', '/nowhere'))).toBe(
      'open uts namespace /nowhere: No such file or directory',
    );
  });
});

describe('flags that were glued to an option with an optional value', () => {
  it.each([
    ['pid', 'm', "-pm is -p with the file 'm'; did you mean -p -m?"],
    ['mount', 'uinp', "-muinp is -m with the file 'uinp'; did you mean -m -u -i -n -p?"],
    ['net', 'F', "-nF is -n with the file 'F'; did you mean -n -F?"],
    ['net', 't', "-nt is -n with the file 't'; did you mean -n -t?"],
    ['user', 'nmt', "-Unmt is -U with the file 'nmt'; did you mean -U -n -m -t?"],
  ] as const)('-%s %s: did you mean', (name, path, hint) => {
    expect(failureOf(() => openFile(new FakeSys(), name, path))).toBe(
      `open ${name} namespace ${path}: No such file or directory\n${hint}`,
    );
  });

  it.each([
    ['a path', '/proc/1/ns/net'],
    ['a letter that is no option', 'mx'],
    ['an option that has a value', 'tm'],
    ['nothing', ''],
  ])('is not asked about %s', (_, path) => {
    expect(failureOf(() => openFile(new FakeSys(), 'pid', path))).toBe(
      `open pid namespace ${path}: No such file or directory`,
    );
  });

  it('is not asked about where the file exists', () => {
    const sys = new FakeSys();
    sys.files.set('m', { namespace: { type: 'pid', id: '1' } });
    expect(sys.nameOf(openFile(sys, 'pid', 'm').fd)).toBe('m');
    sys.fail('open namespace m', Errno.EACCES);
    expect(failureOf(() => openFile(sys, 'pid', 'm'))).toBe('open pid namespace m: Permission denied');
  });
});

describe('a namespace by id', () => {
  it('is looked up by its number', () => {
    const sys = new FakeSys();
    sys.files.set(':18446744073709551615', { namespace: { type: 'net', id: 'n' } });
    const opened = openId(sys, 'net', '18446744073709551615');
    expect(opened).toMatchObject({ name: 'net', origin: 'other', label: ':18446744073709551615' });
    expect(sys.nameOf(opened.fd)).toBe(':18446744073709551615');
    expect(sys.opened()).toEqual([]);
  });

  it('of another type is refused', () => {
    const sys = new FakeSys();
    sys.files.set(':9', { namespace: { type: 'user', id: 'n' } });
    expect(failureOf(() => openId(sys, 'net', '9'))).toBe('enter net namespace :9: a user namespace');
  });

  it.each([Errno.ESTALE, Errno.EOPNOTSUPP, Errno.EINVAL])(
    'names the kernel that it needs (errno %i)',
    (errno) => {
      const sys = new FakeSys();
      sys.release = '6.12.1';
      sys.fail('open id 9', errno);
      expect(failureOf(() => openId(sys, 'net', '9'))).toBe(
        `open net namespace :9: ${sys.describe(errno)}\n` +
          'To look a namespace up by its id needs Linux 6.19; this is 6.12.1.',
      );
    },
  );

  it.each(['6.19.0', '7.2.1'])('is of no namespace on a kernel that knows ids (%s)', (release) => {
    const sys = new FakeSys();
    sys.release = release;
    sys.fail('open id 9', Errno.ESTALE);
    expect(failureOf(() => openId(sys, 'net', '9'))).toBe(
      'open net namespace :9: Stale file handle\nNo namespace that the caller may see has this id.',
    );
  });

  it('may not be permitted', () => {
    const sys = new FakeSys();
    sys.fail('open id 9', Errno.EPERM);
    expect(failureOf(() => openId(sys, 'net', '9'))).toBe('open net namespace :9: Operation not permitted');
  });
});

describe('the network namespace of a socket', () => {
  function world() {
    const sys = new FakeSys();
    const target = pinned(sys);
    sys.files.set('/proc/7/fd/5', { socketIn: { type: 'net', id: 'red' } });
    sys.files.set('/proc/7/fd/6', {});
    return { sys, open: (fd: number) => openSocketNamespace(sys, target, fd) };
  }

  it('is asked of a copy of the descriptor, which is closed again', () => {
    const { sys, open } = world();
    const opened = open(5);
    expect(opened).toMatchObject({
      name: 'net',
      origin: 'other',
      label: 'socket 5 of target 7',
      entered: false,
    });
    expect(sys.nameOf(opened.fd)).toBe('namespace of /proc/7/fd/5');
    expect(sys.stillOpen()).toEqual(['pidfd of 7', 'namespace of /proc/7/fd/5']);
  });

  it('needs a descriptor that is there', () => {
    expect(failureOf(() => world().open(4))).toBe('take socket 4 of target 7: Bad file descriptor');
  });

  it('needs a socket', () => {
    expect(failureOf(() => world().open(6))).toBe(
      'open net namespace of socket 6 of target 7: Socket operation on non-socket\nDescriptor 6 is not a socket.',
    );
  });

  it.each([
    [Errno.EPERM, 'Needs the right to attach to the target (ptrace(2), PTRACE_MODE_ATTACH_REALCREDS).'],
    [Errno.ENOSYS, 'pidfd_getfd(2) is denied, it seems by a seccomp filter.'],
  ])('needs permission and a kernel (errno %i)', (errno, hint) => {
    const { sys, open } = world();
    sys.files.set('/proc/7/exe', {});
    sys.fail('take /proc/7/fd/5', errno);
    expect(failureOf(() => open(5))).toBe(`take socket 5 of target 7: ${sys.describe(errno)}\n${hint}`);
  });

  it('needs Linux 5.6', () => {
    const { sys, open } = world();
    sys.release = '5.5.19';
    sys.fail('take /proc/7/fd/5', Errno.ENOSYS);
    expect(failureOf(() => open(5))).toMatch(/\npidfd_getfd\(2\) needs Linux 5\.6; this is 5\.5\.19\.$/);
  });

  it('needs a pidfd', () => {
    const sys = new FakeSys();
    const open = () => openSocketNamespace(sys, { ...pinned(sys), pidfd: undefined }, 5);
    expect(failureOf(open)).toBe(
      'take socket 5 of target 7: no pidfd of the target can be opened\n' +
        'pidfd_getfd(2) takes a descriptor of a process that a pidfd names.',
    );
  });

  it('may not be permitted to be asked for', () => {
    const { sys, open } = world();
    sys.fail('socket namespace /proc/7/fd/5', Errno.EPERM);
    expect(failureOf(() => open(5))).toBe(
      'open net namespace of socket 5 of target 7: Operation not permitted',
    );
  });
});

describe('the parent of a user namespace', () => {
  const CHILD = { namespace: { type: 'user', id: '7', owner: { type: 'user', id: 'parent' } } } as const;

  function world() {
    const sys = new FakeSys();
    const target = pinned(sys);
    sys.files.set('/proc/7/ns/user', CHILD);
    sys.files.set('/u', CHILD);
    sys.files.set(':9', CHILD);
    return { sys, target };
  }

  it.each([
    ['of the target', undefined, '/proc/7/ns/user', 'parent user namespace of target 7'],
    ['of the target, named', { from: 'target' }, '/proc/7/ns/user', 'parent user namespace of target 7'],
    ['of a file', { from: 'file', path: '/u' }, '/u', 'parent user namespace of /u'],
    ['of an id', { from: 'nsid', id: '9' }, ':9', 'parent user namespace of :9'],
  ] as const)('%s; the child is closed', (_, source, child, label) => {
    const { sys, target } = world();
    const opened = openParentUserNamespace(sys, source, target);
    expect(opened).toMatchObject({ name: 'user', origin: 'other', label, entered: false });
    expect(sys.nameOf(opened?.fd)).toBe(`owner of ${child}`);
    expect(sys.stillOpen()).toEqual(['pidfd of 7', `owner of ${child}`]);
  });

  it('needs no target for a file', () => {
    const { sys } = world();
    expect(openParentUserNamespace(sys, { from: 'file', path: '/u' }, undefined)?.label).toBe(
      'parent user namespace of /u',
    );
  });

  it('needs a user namespace', () => {
    const { sys } = world();
    sys.files.set('/n', { namespace: { type: 'net', id: 'n' } });
    expect(failureOf(() => openParentUserNamespace(sys, { from: 'file', path: '/n' }, undefined))).toBe(
      'enter user namespace /n: a net namespace',
    );
  });

  it.each([
    [Errno.EPERM, "The parent is not the caller's user namespace nor below it."],
    [Errno.ENOTTY, 'NS_GET_USERNS needs Linux 4.9; this is 6.18.44.'],
  ])('may be out of reach (errno %i)', (errno, hint) => {
    const { sys, target } = world();
    sys.fail('owner /proc/7/ns/user', errno);
    expect(failureOf(() => openParentUserNamespace(sys, undefined, target))).toBe(
      `open parent user namespace of target 7: ${sys.describe(errno)}\n${hint}`,
    );
  });
});
