import { describe, expect, it } from 'vitest';
import { type Facts, gatherFacts } from '../../../src/facts/facts.ts';
import type { OptionValues } from '../../../src/options/table.ts';
import { makeRequest } from '../../../src/request/parse.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { NAMESPACES, procFile } from '../../../src/sys/namespaces.ts';
import { failureOf, thrownBy } from '../support/failure.ts';
import { type FakeProcess, FakeSys, SELINUXFS } from '../support/fake-sys.ts';

const ENDED =
  'open target 7: No such process\nThe process has ended; until its parent waits for it, it is still listed as a zombie.';

function world(process: FakeProcess = {}): FakeSys {
  const sys = new FakeSys();
  sys.addProcess(7, process);
  return sys;
}

function gather(sys: FakeSys, values: OptionValues): Facts {
  return gatherFacts(sys, makeRequest(values, { kind: 'shell' }));
}

/** Each namespace with what its descriptor is. */
function found(sys: FakeSys, facts: Facts): string[] {
  return facts.namespaces.map(({ name, fd, origin }) => `${name} (${origin}): ${sys.nameOf(fd)}`);
}

describe('the namespaces of the target', () => {
  it.each(NAMESPACES)('$name is opened through /proc', ({ name }) => {
    const sys = world();
    const facts = gather(sys, { target: '7', [name]: true });
    expect(sys.opened()).toEqual([`namespace /proc/7/ns/${procFile(name)}`]);
    expect(facts.namespaces).toEqual([
      { name, fd: expect.any(Number), origin: 'target', label: 'target 7', entered: false },
    ]);
    expect(found(sys, facts)).toEqual([`${name} (target): /proc/7/ns/${procFile(name)}`]);
  });

  it('are in the order of joining', () => {
    const sys = world();
    const values = { time: true, mount: true, pid: true, user: true } as const;
    expect(gather(sys, { target: '7', ...values }).namespaces.map(({ name }) => name)).toEqual([
      'user',
      'pid',
      'mount',
      'time',
    ]);
  });

  it('are opened by name although the caller is in them', () => {
    const facts = gather(world(), { target: '7', all: true, net: true });
    expect(facts.namespaces.filter(({ entered }) => !entered)).toMatchObject([
      { name: 'net', origin: 'target' },
    ]);
  });

  it('say which one could not be opened, and why', () => {
    const sys = world();
    sys.fail('open namespace /proc/7/ns/mnt', Errno.EACCES);
    sys.fail('readlink /proc/7/ns/mnt', Errno.EACCES);
    expect(failureOf(() => gather(sys, { target: '7', mount: true }))).toMatchInlineSnapshot(`
      "open mount namespace of target 7: Permission denied
      Needs the rights of a debugger over the target (ptrace(2), PTRACE_MODE_READ_FSCREDS): the same user and no capability that the caller lacks, or CAP_SYS_PTRACE in its user namespace."
    `);
  });

  describe('whose files may not be opened, though the target may be debugged', () => {
    const nopath = (process: FakeProcess = { own: ['uts', 'pid'] }) => {
      const sys = world(process);
      for (const { name } of NAMESPACES) {
        sys.fail(`open namespace /proc/7/ns/${procFile(name)}`, Errno.EACCES);
        for (const file of [procFile(name), `${procFile(name)}_for_children`])
          sys.fail(`stat /proc/self/ns/${file}`, Errno.EACCES);
      }
      return sys;
    };

    it('are entered by a pidfd each', () => {
      const sys = nopath();
      const { namespaces } = gather(sys, { target: '7', uts: true, pid: true });
      expect(namespaces).toMatchObject([
        { name: 'uts', link: 'uts:[7]', entered: false },
        { name: 'pid', link: 'pid:[7]', entered: false },
      ]);
      expect(sys.stillOpen()).toEqual(['pidfd of 7', 'pidfd of 7', 'pidfd of 7']);
    });

    it('are told apart by their links', () => {
      const { namespaces } = gather(nopath(), { target: '7', all: true });
      expect(namespaces.filter(({ entered }) => !entered).map(({ name }) => name)).toEqual(['uts', 'pid']);
    });

    it('are not where setns(2) takes no pidfd, or there is none', () => {
      const old = nopath();
      old.release = '5.7.19';
      expect(failureOf(() => gather(old, { target: '7', uts: true }))).toMatch(
        /^open uts namespace of target 7: /,
      );
      const without = nopath();
      without.fail('open process 7', Errno.EPERM);
      expect(failureOf(() => gather(without, { target: '7', uts: true }))).toMatch(
        /^open uts namespace of target 7: /,
      );
    });
  });

  it('name the kernel that a type needs', () => {
    const sys = world();
    sys.release = '5.4.0-1';
    sys.files.delete('/proc/self/ns/time');
    sys.files.delete('/proc/7/ns/time');
    expect(failureOf(() => gather(sys, { target: '7', time: true }))).toBe(
      'open time namespace of target 7: No such file or directory\n' +
        'time namespaces need Linux 5.6, built with them; this is 5.4.0-1.',
    );
  });
});

describe('--all', () => {
  const toEnter = (sys: FakeSys) =>
    gather(sys, { target: '7', all: true })
      .namespaces.filter((namespace) => !namespace.entered)
      .map(({ name }) => name);
  const closed = (sys: FakeSys) => sys.calls.filter((call) => call.startsWith('close'));

  it('opens every type, and keeps those that the caller is not in', () => {
    const sys = world({ own: ['net', 'mount'] });
    const facts = gather(sys, { target: '7', all: true });
    expect(sys.opened()).toEqual(NAMESPACES.map(({ name }) => `namespace /proc/7/ns/${procFile(name)}`));
    expect(found(sys, facts)).toEqual(['net (all): /proc/7/ns/net', 'mount (all): /proc/7/ns/mnt']);
    expect(closed(sys)).toHaveLength(NAMESPACES.length - 2);
    expect(toEnter(sys)).toEqual(['net', 'mount']);
  });

  it('of those that are equal keeps the mount namespace, which is joined again', () => {
    const facts = gather(world(), { target: '7', all: true });
    expect(facts.namespaces).toMatchObject([{ name: 'mount', entered: true }]);
  });

  it('leaves out a type that the kernel does not have', () => {
    const sys = world({ own: ['time', 'net'] });
    sys.files.delete('/proc/self/ns/time');
    expect(toEnter(sys)).toEqual(['net']);
    expect(sys.opened()).not.toContain('namespace /proc/7/ns/time');
  });

  it.each(['pid', 'time'] as const)('a %s namespace is entered only if the children’s is', (name) => {
    const sys = world();
    sys.files.set(`/proc/self/ns/${name}_for_children`, { namespace: { type: name, id: 'another' } });
    expect(toEnter(sys)).toEqual([name]);
  });

  it.each(['pid', 'time'] as const)('the %s namespace for children alone is not enough', (name) => {
    const sys = world({ own: [name] });
    sys.files.set(`/proc/self/ns/${name}_for_children`, { namespace: { type: name, id: '7' } });
    expect(toEnter(sys)).toEqual([name]);
  });

  it('takes what it cannot compare for different', () => {
    const old = world();
    old.files.delete('/proc/self/ns/pid_for_children');
    expect(toEnter(old)).toEqual(['pid']);
    const hidden = world();
    hidden.fail('stat /proc/self/ns/time_for_children', Errno.EACCES);
    expect(toEnter(hidden)).toEqual(['time']);
  });

  it('leaves to a file what is named by file', () => {
    const sys = world({ own: ['net'] });
    sys.files.set('/run/net', { namespace: { type: 'net', id: 'blue' } });
    const facts = gather(sys, { target: '7', all: true, net: '/run/net' });
    expect(found(sys, facts)).toContain('net (other): /run/net');
    expect(sys.opened()).not.toContain('namespace /proc/7/ns/net');
  });
});

describe('namespaces from elsewhere', () => {
  it('by file and by id, without a target', () => {
    const sys = new FakeSys();
    sys.files.set('/run/net', { namespace: { type: 'net', id: 'blue' } });
    sys.files.set(':99', { namespace: { type: 'uts', id: '99' } });
    const facts = gather(sys, { net: '/run/net', uts: ':99' });
    expect(found(sys, facts)).toEqual(['uts (other): :99', 'net (other): /run/net']);
    expect(facts.target).toBeUndefined();
    expect(sys.calls.filter((call) => call.startsWith('poll'))).toEqual([]);
  });

  it('--net-socket takes the place of --net', () => {
    const sys = world();
    sys.files.set('/proc/7/fd/5', { socketIn: { type: 'net', id: 'red' } });
    const facts = gather(sys, { target: '7', net: true, 'net-socket': '5', uts: true });
    expect(found(sys, facts)).toEqual([
      'uts (target): /proc/7/ns/uts',
      'net (other): namespace of /proc/7/fd/5',
    ]);
    expect(sys.opened()).not.toContain('namespace /proc/7/ns/net');
  });

  it('--user-parent takes the place of --user', () => {
    const sys = world();
    sys.files.set('/proc/7/ns/user', {
      namespace: { type: 'user', id: '7', owner: { type: 'user', id: 'host' } },
    });
    const facts = gather(sys, { target: '7', user: true, 'user-parent': true });
    expect(found(sys, facts)).toEqual(['user (other): owner of /proc/7/ns/user']);
  });
});

describe('directories', () => {
  it('of the target', () => {
    const sys = world();
    const facts = gather(sys, { target: '7', root: true, wd: true });
    expect(sys.opened()).toEqual(['directory /proc/7/root', 'directory /proc/7/cwd']);
    expect([sys.nameOf(facts.root?.fd), sys.nameOf(facts.workingDirectory?.fd)]).toEqual([
      '/proc/7/root',
      '/proc/7/cwd',
    ]);
  });

  it('of the caller, even with a target', () => {
    const sys = world();
    sys.files.set('/r', {});
    sys.files.set('d', {});
    const facts = gather(sys, { target: '7', root: '/r', wd: 'd' });
    expect([sys.nameOf(facts.root?.fd), sys.nameOf(facts.workingDirectory?.fd)]).toEqual(['/r', 'd']);
    expect(sys.opened()).toEqual(['directory /r', 'directory d']);
  });

  it('inside are not opened before', () => {
    const sys = world();
    expect(gather(sys, { target: '7', wdns: '/inside' }).workingDirectory).toBeUndefined();
    expect(sys.opened()).toEqual([]);
  });

  it('inside, without a value: the one of the target', () => {
    const sys = world();
    expect(sys.nameOf(gather(sys, { target: '7', wdns: true }).workingDirectory?.fd)).toBe('/proc/7/cwd');
  });

  it('say which one could not be opened', () => {
    const sys = world();
    sys.files.set('/f', {});
    sys.fail('open directory /f', Errno.ENOTDIR);
    expect(failureOf(() => gather(sys, { root: '/nowhere' }))).toBe(
      'open root directory /nowhere: No such file or directory',
    );
    expect(failureOf(() => gather(sys, { wd: '/f' }))).toBe('open working directory /f: Not a directory');
  });

  it.each([
    [{ root: 'mt' }, "open root directory mt: %\n-rmt is -r with the directory 'mt'; did you mean -r -m -t?"],
    [{ wd: 'a' }, "open working directory a: %\n-wa is -w with the directory 'a'; did you mean -w -a?"],
    [{ wd: 'src' }, 'open working directory src: %'],
  ])('%j: whether flags were glued to it', (options, said) => {
    expect(failureOf(() => gather(world(), options))).toBe(said.replace('%', 'No such file or directory'));
  });
});

describe('what is looked at only where it was asked for', () => {
  it('nothing but the pidfd for a mere id', () => {
    const sys = world();
    const facts = gather(sys, { target: '7', setuid: '0' });
    expect(sys.calls).toEqual(['open process 7', 'count', 'poll 7', 'poll 7']);
    expect(facts).toMatchObject({ namespaces: [], cgroups: [] });
    expect(facts.targetDirectory ?? facts.environment ?? facts.context).toBeUndefined();
  });

  it.each(['setuid', 'setgid'] as const)('the directory in /proc for --%s follow', (option) => {
    const sys = world();
    const facts = gather(sys, { target: '7', [option]: 'follow' });
    expect(sys.nameOf(facts.targetDirectory)).toBe('/proc/7/');
    expect(sys.opened()).toEqual(['directory /proc/7/']);
  });

  it('the environment for --env', () => {
    const sys = world({ environ: 'A=1\0B=2\0' });
    expect(gather(sys, { target: '7', env: true }).environment).toEqual(['A=1', 'B=2']);
    expect(sys.opened()).toEqual(['file /proc/7/environ']);
  });

  it('the cgroup for --join-cgroup', () => {
    const sys = world({ cgroup: '0::/pod\n' });
    sys.files.set('/proc/self/mountinfo', { text: '30 1 0:26 / /cg rw - cgroup2 cgroup2 rw\n' });
    sys.files.set('/cg/pod/cgroup.procs', {});
    const { cgroups } = gather(sys, { target: '7', 'join-cgroup': true });
    expect(cgroups.map(({ label, procs }) => [label, sys.nameOf(procs)])).toEqual([
      ['/pod', '/cg/pod/cgroup.procs'],
    ]);
  });

  it('the SELinux context for --follow-context', () => {
    const sys = world();
    sys.files.set('/proc/self/mountinfo', {
      text: `${sys.files.get('/proc/self/mountinfo')?.text ?? ''}${SELINUXFS}`,
    });
    sys.files.set('/proc/7/attr/current', { text: 'u:r:t:s0\0' });
    expect(gather(sys, { target: '7', net: true, 'follow-context': true }).context).toBe('u:r:t:s0');
    expect(gather(sys, { target: '7', net: true }).context).toBeUndefined();
  });
});

describe('one process from the first look to the last', () => {
  const EVERYTHING = {
    target: '7',
    all: true,
    'net-socket': '5',
    root: true,
    wd: true,
    setuid: 'follow',
    env: true,
    'join-cgroup': true,
    'follow-context': true,
  } as const;

  function everything(): FakeSys {
    const sys = world({ own: ['net'], cgroup: '0::/pod\n', environ: 'A=1\0' });
    sys.files.set('/proc/7/fd/5', { socketIn: { type: 'net', id: 'red' } });
    sys.files.set('/proc/self/mountinfo', { text: '30 1 0:26 / /cg rw - cgroup2 cgroup2 rw\n' });
    sys.files.set('/cg/pod/cgroup.procs', {});
    sys.files.set('/proc/self/mountinfo', {
      text: `${sys.files.get('/proc/self/mountinfo')?.text ?? ''}${SELINUXFS}`,
    });
    sys.files.set('/proc/7/attr/current', { text: 'u:r:t:s0\0' });
    return sys;
  }

  const calls = (() => {
    const sys = everything();
    gather(sys, EVERYTHING);
    return [...new Set(sys.calls)];
  })();

  it('the pidfd is opened first, and polled after everything', () => {
    const sys = everything();
    gather(sys, EVERYTHING);
    expect(sys.calls[0]).toBe('open process 7');
    expect(sys.calls[sys.calls.length - 1]).toBe('poll 7');
    expect(sys.opened().length).toBeGreaterThan(10);
  });

  it.each(calls)('found out when it ends at: %s', (call) => {
    const sys = everything();
    sys.when(call, () => sys.endProcess(7));
    expect(thrownBy(() => gather(sys, EVERYTHING)).errno).toBe(Errno.ESRCH);
  });

  it.each(calls)('found out when it ends and its number is another’s at: %s', (call) => {
    const sys = everything();
    sys.when(call, () => sys.endProcess(7, 'reused'));
    expect(thrownBy(() => gather(sys, EVERYTHING)).errno).toBe(Errno.ESRCH);
  });

  const denied = () => {
    const sys = everything();
    sys.fail('open process 7', Errno.EPERM);
    return sys;
  };
  const { 'net-socket': _, ...WITHOUT_PIDFD } = EVERYTHING;
  const otherCalls = (() => {
    const sys = denied();
    gather(sys, WITHOUT_PIDFD);
    return [...new Set(sys.calls)].filter((call) => call !== 'open process 7');
  })();

  it('without a pidfd its directory is opened first, and its state read after everything', () => {
    expect(otherCalls.slice(0, 2)).toEqual(['count', 'open directory /proc/7']);
    const sys = denied();
    const facts = gather(sys, WITHOUT_PIDFD);
    expect(sys.calls.slice(-3)).toEqual([
      'open file /proc/7/stat',
      'read /proc/7/stat',
      'close /proc/7/stat',
    ]);
    expect(sys.stillOpen()).toContain('/proc/7');
    expect(sys.nameOf(facts.targetDirectory)).toBe('/proc/7/');
  });

  it.each(otherCalls)('without a pidfd, found out when it ends at: %s', (call) => {
    for (const then of ['gone', 'reused'] as const) {
      const sys = denied();
      sys.when(call, () => sys.endProcess(7, then));
      expect(thrownBy(() => gather(sys, WITHOUT_PIDFD)).errno).toBe(Errno.ESRCH);
    }
  });

  it('is told in words', () => {
    const sys = world();
    sys.when('open namespace /proc/7/ns/net', () => sys.endProcess(7));
    expect(failureOf(() => gather(sys, { target: '7', net: true }))).toBe(ENDED);
    const reused = world();
    reused.when('open namespace /proc/7/ns/net', () => reused.endProcess(7, 'reused'));
    expect(failureOf(() => gather(reused, { target: '7', net: true }))).toBe(ENDED);
  });

  it('leaves no descriptor open but those of the facts', () => {
    const sys = everything();
    const facts = gather(sys, EVERYTHING);
    const named = [
      facts.target?.pidfd,
      ...facts.namespaces.map(({ fd }) => fd),
      facts.root?.fd,
      facts.workingDirectory?.fd,
      facts.targetDirectory,
      ...facts.cgroups.map(({ procs }) => procs),
    ].map((fd) => sys.nameOf(fd));
    expect(named).not.toContain(undefined);
    expect(sys.stillOpen().sort()).toEqual(named.sort());
  });
});
