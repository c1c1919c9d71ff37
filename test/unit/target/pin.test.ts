import { describe, expect, it } from 'vitest';
import { Errno, SystemError } from '../../../src/sys/errors.ts';
import { checkAlive, openOfTarget, pinTarget } from '../../../src/target/pin.ts';
import { failureOf, thrownBy } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

const ENDED = 'The process has ended; until its parent waits for it, it is still listed as a zombie.';
const DEBUGGER =
  'Needs the rights of a debugger over the target (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user and no capability that the caller lacks, or CAP_SYS_PTRACE in its user namespace.';

describe('pinTarget', () => {
  it('holds the process by a pidfd', () => {
    const sys = new FakeSys();
    sys.addProcess(7);
    const target = pinTarget(sys, { pid: 7 });
    expect(target).toMatchObject({ pid: 7, label: 'target 7' });
    expect(sys.nameOf(target.pidfd)).toBe('pidfd of 7');
    expect(sys.calls).toEqual(['open process 7', 'count', 'poll 7']);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('refuses a process that is not there', () => {
    const sys = new FakeSys();
    const error = thrownBy(() => pinTarget(sys, { pid: 7 }));
    expect([error.message, error.hint]).toEqual(['open target 7: No such process', undefined]);
    expect([error.errno, error.status]).toEqual([Errno.ESRCH, 1]);
  });

  it('refuses a zombie', () => {
    const sys = new FakeSys();
    sys.addProcess(7);
    sys.endProcess(7, 'reused');
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(`open target 7: No such process\n${ENDED}`);
  });

  it.each([Errno.EINVAL, Errno.ENOENT])('holds a thread by a pidfd of its own (errno %i)', (errno) => {
    const sys = new FakeSys();
    sys.addProcess(8, { leader: 7 });
    sys.fail('open process 8', errno);
    const target = pinTarget(sys, { pid: 8, inode: '8000' });
    expect(target).toMatchObject({ pid: 8, proc: '/proc/8', label: 'target 8' });
    expect(sys.nameOf(target.pidfd)).toBe('pidfd of 8');
    expect(sys.opened()).toEqual([]);
    expect(sys.stillOpen()).toEqual(['pidfd of 8']);
  });

  it('holds a thread by its directory where no pidfd is of a thread', () => {
    const sys = new FakeSys();
    sys.addProcess(8, { leader: 7 });
    sys.fail('open process 8', Errno.EINVAL);
    sys.fail('open thread 8', Errno.EINVAL);
    const target = pinTarget(sys, { pid: 8 });
    expect(target.pidfd).toBeUndefined();
    expect(sys.stillOpen()).toEqual(['/proc/8', '/proc/8/stat']);
  });

  it('refuses a thread that has ended, or that nothing may be opened of', () => {
    for (const errno of [Errno.ESRCH, Errno.EBADF]) {
      const sys = new FakeSys();
      sys.addProcess(8, { leader: 7 });
      sys.fail('open thread 8', errno);
      expect(failureOf(() => pinTarget(sys, { pid: 8 }))).toBe(`open target 8: ${sys.describe(errno)}`);
    }
  });

  it('says what else is wrong', () => {
    const EMFILE = 24;
    const sys = new FakeSys();
    sys.addProcess(7);
    sys.fail('open process 7', EMFILE);
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe('open target 7: error 24');
  });
});

describe('/proc of another PID namespace', () => {
  const MEANT =
    'As /proc counts, it has to be named by its files: --net=/proc/7/ns/net; as the caller does, by a procfs of its own: mount -t proc proc /proc.';
  const REFUSED = `open target 7: /proc is of another PID namespace\n${MEANT}`;
  const elsewhere = () => {
    const sys = new FakeSys();
    sys.addProcess(7);
    sys.ownProc = false;
    return sys;
  };

  it('a number that only /proc knows is the process there', () => {
    const sys = elsewhere();
    sys.fail('open process 7', Errno.ESRCH);
    expect(pinTarget(sys, { pid: 7 })).toMatchObject({ pid: 7, pidfd: undefined, label: 'target 7' });
    expect(sys.opened().slice(0, 2)).toEqual(['directory /proc/7', 'file /proc/7/stat']);
  });

  it('a number that neither knows is none', () => {
    const sys = elsewhere();
    sys.endProcess(7);
    sys.fail('open process 7', Errno.ESRCH);
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe('open target 7: No such process');
  });

  it('a number that may be two processes is refused', () => {
    expect(failureOf(() => pinTarget(elsewhere(), { pid: 7 }))).toBe(REFUSED);
    const thread = elsewhere();
    thread.fail('open process 7', Errno.EINVAL);
    expect(failureOf(() => pinTarget(thread, { pid: 7 }))).toBe(REFUSED);
    thread.fail('open thread 7', Errno.EINVAL);
    expect(failureOf(() => pinTarget(thread, { pid: 7 }))).toBe(REFUSED);
  });

  it.each([Errno.EPERM, Errno.ENOSYS])('one that cannot be asked for is, too (errno %i)', (errno) => {
    const sys = elsewhere();
    sys.fail('open process 7', errno);
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(REFUSED);
  });

  it.each([undefined, Errno.ESRCH])('in which the caller is not: refused', (errno) => {
    const sys = elsewhere();
    if (errno !== undefined) sys.fail('open process 7', errno);
    sys.fail('count', Errno.ENOENT);
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(REFUSED);
  });

  it('that is not mounted', () => {
    const sys = elsewhere();
    sys.files.clear();
    sys.fail('count', Errno.ENOENT);
    const UNREAD = 'read /proc/self: No such file or directory\nIs /proc mounted?';
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(UNREAD);
    expect(failureOf(() => pinTarget(sys, { pid: 9 }))).toBe(UNREAD);
  });
});

describe.each([Errno.EPERM, Errno.ENOSYS])('without a pidfd (errno %i)', (errno) => {
  const denied = () => {
    const sys = new FakeSys();
    sys.addProcess(7);
    sys.fail('open process 7', errno);
    return sys;
  };

  it('holds the process by its directory, and opens all through that', () => {
    const sys = denied();
    const target = pinTarget(sys, { pid: 7 });
    expect(target).toMatchObject({ pid: 7, pidfd: undefined, label: 'target 7' });
    expect(sys.nameOf(target.stat)).toBe('/proc/7/stat');
    openOfTarget(sys, target, 'ns/net', 'namespace', 'net namespace');
    expect(sys.opened()).toEqual([
      'directory /proc/7',
      'file /proc/7/stat',
      'file /proc/7/stat',
      'namespace /proc/7/ns/net',
    ]);
    expect(sys.stillOpen()).toEqual(['/proc/7', '/proc/7/stat', '/proc/7/ns/net']);
  });

  it('refuses a process that is not there', () => {
    const sys = denied();
    sys.endProcess(7);
    const error = thrownBy(() => pinTarget(sys, { pid: 7 }));
    expect([error.message, error.hint, error.errno]).toEqual([
      'open target 7: No such process',
      undefined,
      Errno.ESRCH,
    ]);
  });

  it.each(['Z', 'X'])('refuses one in state %s', (state) => {
    const sys = denied();
    sys.files.set('/proc/7/stat', { text: `7 (S) S) ${state} 1 1` });
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(`open target 7: No such process\n${ENDED}`);
  });

  it('refuses one that ends while it is looked at', () => {
    const sys = denied();
    sys.when('read /proc/7/stat', () => {
      throw new SystemError(Errno.ESRCH, 'read');
    });
    expect(failureOf(() => pinTarget(sys, { pid: 7 }))).toBe(`open target 7: No such process\n${ENDED}`);
    expect(sys.stillOpen()).toEqual(['/proc/7', '/proc/7/stat']);
  });

  it('does not take for it who has its number later', () => {
    const sys = denied();
    const target = pinTarget(sys, { pid: 7 });
    sys.endProcess(7, 'reused');
    const open = () => openOfTarget(sys, target, 'root', 'directory', 'root directory');
    expect(failureOf(open)).toBe(`open target 7: No such process\n${ENDED}`);
    expect(failureOf(() => checkAlive(sys, target))).toBe(`open target 7: No such process\n${ENDED}`);
  });

  it('says what else is wrong', () => {
    const sys = denied();
    const target = pinTarget(sys, { pid: 7 });
    sys.fail('read /proc/7/stat', Errno.EINVAL);
    expect(failureOf(() => checkAlive(sys, target))).toBe('poll target 7: Invalid argument');
    const hidden = denied();
    hidden.fail('open directory /proc/7', Errno.EACCES);
    expect(failureOf(() => pinTarget(hidden, { pid: 7 }))).toBe('open target 7: Permission denied');
  });

  it('refuses an inode, which only a pidfd has', () => {
    expect(failureOf(() => pinTarget(denied(), { pid: 7, inode: '7000' }))).toBe(
      'open target 7:7000: no pidfd of it can be opened, whose inode this is\n' +
        'pidfd_open(2) is denied here, or /proc is of another PID namespace: name the process as 7 alone.',
    );
  });
});

describe('pinTarget with an inode', () => {
  // Larger than a number can hold exactly: it must not be taken for its neighbour.
  const inode = '9007199254740993';
  const pin = (release: string, wanted: string) => {
    const sys = new FakeSys();
    sys.release = release;
    sys.addProcess(7, { inode });
    return () => pinTarget(sys, { pid: 7, inode: wanted });
  };

  it('accepts the process that has it', () => {
    expect(pin('6.9.0', inode)()).toMatchObject({ pid: 7 });
  });

  it.each(['9007199254740992', '1', '09007199254740993'])('refuses another: %s', (wanted) => {
    expect(failureOf(pin('6.18.44', wanted))).toBe(
      `open target 7:${wanted}: No such process\nProcess 7 is another one now: its pidfd has the inode ${inode}.`,
    );
  });

  it.each(['6.9.0', '6.10.3-arch1', '6.18.44', '7.0.0-rc1', '10.0'])('Linux %s has them', (release) => {
    expect(pin(release, inode)).not.toThrow();
  });

  it.each(['6.8.12', '5.15.0-generic', '5.10.0', '4.19'])(
    'Linux %s has none, even if it looks equal',
    (release) => {
      expect(failureOf(pin(release, inode))).toBe(
        `open target 7:${inode}: this kernel gives pidfds no inode of their own\n` +
          `PID:inode needs Linux 6.9; this is ${release}.`,
      );
    },
  );
});

describe('checkAlive', () => {
  it('is content while the process lives', () => {
    const sys = new FakeSys();
    const target = pinned(sys);
    expect(() => checkAlive(sys, target)).not.toThrow();
  });

  it('refuses a process that has ended, with the errno for it', () => {
    const sys = new FakeSys();
    const target = pinned(sys);
    sys.endProcess(7);
    expect(failureOf(() => checkAlive(sys, target))).toBe(`open target 7: No such process\n${ENDED}`);
    expect(thrownBy(() => checkAlive(sys, target)).errno).toBe(Errno.ESRCH);
  });
});

describe('openOfTarget', () => {
  const open = (prepare: (sys: FakeSys) => void) => {
    const sys = new FakeSys();
    const target = pinned(sys);
    prepare(sys);
    return () => openOfTarget(sys, target, 'root', 'directory', 'root directory');
  };

  it('opens below /proc/PID as it is told to', () => {
    const sys = new FakeSys();
    const fd = openOfTarget(sys, pinned(sys), 'ns/net', 'namespace', 'net namespace');
    expect(sys.nameOf(fd)).toBe('/proc/7/ns/net');
    expect(sys.opened()).toEqual(['namespace /proc/7/ns/net']);
  });

  it.each([Errno.EACCES, Errno.EPERM])('says which right is missing (errno %i)', (errno) => {
    const message = failureOf(open((sys) => sys.fail('open directory /proc/7/root', errno)));
    expect(message).toBe(`open root directory of target 7: ${new FakeSys().describe(errno)}\n${DEBUGGER}`);
  });

  it('finds out that the process has ended', () => {
    expect(failureOf(open((sys) => sys.endProcess(7)))).toBe(`open target 7: No such process\n${ENDED}`);
  });

  it('asks whether /proc is mounted where it is not', () => {
    const message = failureOf(
      open((sys) => {
        sys.files.clear();
      }),
    );
    expect(message).toBe('open root directory of target 7: No such file or directory\nIs /proc mounted?');
  });

  it('has no advice for what it does not know', () => {
    const missing = open((sys) => sys.files.delete('/proc/7/root'));
    expect(failureOf(missing)).toBe('open root directory of target 7: No such file or directory');
    const broken = open((sys) => sys.fail('open directory /proc/7/root', Errno.EINVAL));
    expect(failureOf(broken)).toBe('open root directory of target 7: Invalid argument');
  });
});
