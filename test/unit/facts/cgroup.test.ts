import { describe, expect, it } from 'vitest';
import { memberships, mountedHierarchies, openCgroups } from '../../../src/facts/cgroup.ts';
import { Errno } from '../../../src/sys/errors.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys, pinned } from '../support/fake-sys.ts';

describe('memberships', () => {
  it.each([
    ['version 2', '0::/user.slice\n', [['', '/user.slice']]],
    ['the root', '0::/\n', [['', '/']]],
    ['colons in the path', '0::/a:b::c\n', [['', '/a:b::c']]],
    ['version 1', '4:cpu,cpuacct:/a\n', [['cpu,cpuacct', '/a']]],
    ['version 1 with colons in the path', '4:cpu:/docker:x\n', [['cpu', '/docker:x']]],
    ['a named hierarchy', '1:name=systemd:/init.scope\n', [['name=systemd', '/init.scope']]],
    [
      'hybrid',
      '2:freezer:/f\n1:name=systemd:/s\n0::/u\n',
      [
        ['freezer', '/f'],
        ['name=systemd', '/s'],
        ['', '/u'],
      ],
    ],
    ['nothing', '', []],
    ['a path that climbs', '0::/../x\n', [['', '/../x']]],
    ['no newline at the end', '0::/x', [['', '/x']]],
    ['spaces and bytes', '0::/a b\xff\n', [['', '/a b\xff']]],
  ])('%s', (_, text, expected) => {
    expect(memberships(text).map(({ controllers, path }) => [controllers, path])).toEqual(expected);
  });
});

describe('mountedHierarchies', () => {
  const V2 = '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate';

  it('finds the cgroup mounts among the others', () => {
    const text = [
      '24 1 8:1 / / rw - ext4 /dev/sda1 rw',
      V2,
      '31 24 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '32 24 0:28 / /sys/fs/cgroup/systemd rw - cgroup none rw,xattr,name=systemd',
      '',
    ].join('\n');
    expect(mountedHierarchies(text)).toEqual([
      { controllers: [], mountpoint: '/sys/fs/cgroup', device: 26, root: '/' },
      {
        controllers: ['rw', 'cpu', 'cpuacct'],
        mountpoint: '/sys/fs/cgroup/cpu,cpuacct',
        device: 27,
        root: '/',
      },
      {
        controllers: ['rw', 'xattr', 'name=systemd'],
        mountpoint: '/sys/fs/cgroup/systemd',
        device: 28,
        root: '/',
      },
    ]);
  });

  it.each([
    ['no optional field', '30 24 0:26 / /cg rw - cgroup2 cgroup2 rw', '/cg', '/'],
    ['many optional fields', '30 24 0:26 / /cg rw shared:1 master:2 - cgroup2 cgroup2 rw', '/cg', '/'],
    ['a part that is bind-mounted', '30 24 0:26 /a/b /cg rw - cgroup2 cgroup2 rw', '/cg', '/a/b'],
    ['escaped bytes', '30 24 0:26 /a\\134b /c\\040g\\011\\012 rw - cgroup2 cgroup2 rw', '/c g\t\n', '/a\\b'],
  ])('%s', (_, line, mountpoint, root) => {
    expect(mountedHierarchies(`${line}\n`)).toEqual([{ controllers: [], mountpoint, device: 26, root }]);
  });

  it('is not misled by what only looks like one', () => {
    const root = '30 24 8:1 / /a rw - ext4 /dev/a rw - cgroup2 cgroup2 rw';
    expect(mountedHierarchies(`${root}\n${V2}\n${root}`)).toHaveLength(1);
  });

  it('is not misled by a file system whose name only begins so', () => {
    expect(
      mountedHierarchies('30 24 0:26 / /cg rw - cgroup2fs x rw\n31 24 0:2 / /c rw - tmpfs cgroup2 rw\n'),
    ).toEqual([]);
  });
});

const MOUNTS = {
  v2: '30 24 0:26 / /cg rw - cgroup2 cgroup2 rw',
  unified: '30 24 0:26 / /cg/unified rw - cgroup2 cgroup2 rw',
  cpu: '31 24 0:27 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
  freezer: '32 24 0:28 / /cg/freezer rw - cgroup cgroup rw,freezer',
  systemd: '33 24 0:29 / /cg/systemd rw - cgroup cgroup rw,xattr,name=systemd',
};

interface World {
  theirs: string;
  own?: string;
  mounts: readonly string[];
  /** below which cgroup.procs is found */
  directories?: readonly string[];
}

function world({ theirs, own = '0::/own\n', mounts, directories = [] }: World) {
  const sys = new FakeSys();
  const target = pinned(sys, 7, { cgroup: theirs });
  sys.files.set('/proc/self/cgroup', { text: own });
  sys.files.set('/proc/self/mountinfo', { text: mounts.map((line) => `${line}\n`).join('') });
  for (const directory of directories) sys.files.set(`${directory}/cgroup.procs`, {});
  return { sys, open: () => openCgroups(sys, target) };
}

/** What was opened for writing, by label. */
function joined(given: World): Record<string, string | undefined> {
  const { sys, open } = world(given);
  const found = open();
  const written = sys.opened().filter((call) => call.startsWith('write '));
  expect(written).toEqual(found.map(({ procs }) => `write ${sys.nameOf(procs)}`));
  expect(sys.stillOpen().length).toBe(found.length + 1);
  return Object.fromEntries(found.map(({ label, procs }) => [label, sys.nameOf(procs)]));
}

describe('openCgroups', () => {
  it('version 2', () => {
    expect(joined({ theirs: '0::/pod/c\n', mounts: [MOUNTS.v2], directories: ['/cg/pod/c'] })).toEqual({
      '/pod/c': '/cg/pod/c/cgroup.procs',
    });
  });

  it('the root of the hierarchy', () => {
    expect(joined({ theirs: '0::/\n', mounts: [MOUNTS.v2], directories: ['/cg'] })).toEqual({
      '/': '/cg/cgroup.procs',
    });
  });

  it('version 1, hybrid, named hierarchies: each in its own place', () => {
    expect(
      joined({
        theirs: '4:cpu,cpuacct:/a:b\n3:freezer:/f\n1:name=systemd:/s\n0::/u\n',
        own: '4:cpu,cpuacct:/\n3:freezer:/\n1:name=systemd:/\n0::/\n',
        mounts: [MOUNTS.systemd, MOUNTS.unified, MOUNTS.freezer, MOUNTS.cpu],
        directories: ['/cg/cpu,cpuacct/a:b', '/cg/freezer/f', '/cg/systemd/s', '/cg/unified/u'],
      }),
    ).toEqual({
      'cpu,cpuacct:/a:b': '/cg/cpu,cpuacct/a:b/cgroup.procs',
      'freezer:/f': '/cg/freezer/f/cgroup.procs',
      'name=systemd:/s': '/cg/systemd/s/cgroup.procs',
      '/u': '/cg/unified/u/cgroup.procs',
    });
  });

  it('finds controllers whatever their order in the mount options', () => {
    expect(
      joined({ theirs: '4:cpuacct,cpu:/a\n', mounts: [MOUNTS.cpu], directories: ['/cg/cpu,cpuacct/a'] }),
    ).toEqual({ 'cpuacct,cpu:/a': '/cg/cpu,cpuacct/a/cgroup.procs' });
  });

  it('leaves out where the target and the caller are in the same', () => {
    expect(
      joined({
        theirs: '4:cpu,cpuacct:/same\n0::/u\n',
        own: '4:cpu,cpuacct:/same\n0::/same\n',
        mounts: [MOUNTS.unified],
        directories: ['/cg/unified/u'],
      }),
    ).toEqual({ '/u': '/cg/unified/u/cgroup.procs' });
  });

  it('does not take the same path in another hierarchy for the same', () => {
    expect(
      joined({
        theirs: '3:freezer:/x\n',
        own: '0::/x\n',
        mounts: [MOUNTS.freezer],
        directories: ['/cg/freezer/x'],
      }),
    ).toEqual({ 'freezer:/x': '/cg/freezer/x/cgroup.procs' });
  });

  it('nothing to join needs no mounted hierarchy', () => {
    expect(joined({ theirs: '0::/own\n', mounts: [] })).toEqual({});
  });

  describe('below a part that is bind-mounted', () => {
    const PART = '40 24 0:26 /pod /mnt/part rw - cgroup2 cgroup2 rw';

    it.each([
      ['/pod', '/mnt/part'],
      ['/pod/c', '/mnt/part/c'],
    ])('%s is found in it', (path, directory) => {
      expect(joined({ theirs: `0::${path}\n`, mounts: [PART], directories: [directory] })).toEqual({
        [path]: `${directory}/cgroup.procs`,
      });
    });

    it.each(['/other', '/podx', '/po', '/'])('%s is not', (path) => {
      const { open } = world({ theirs: `0::${path}\n`, mounts: [PART], directories: ['/mnt/part'] });
      expect(failureOf(open)).toBe(
        `join cgroup ${path} of target 7: not mounted here\n` +
          'The hierarchy has to be mounted, and not covered, in the mount namespace of the caller.',
      );
    });

    it('another mount of the hierarchy is used then', () => {
      expect(
        joined({ theirs: '0::/other\n', mounts: [PART, MOUNTS.v2], directories: ['/cg/other'] }),
      ).toEqual({
        '/other': '/cg/other/cgroup.procs',
      });
    });
  });

  it.each(['/../x', '/..', '/a/../b'])(
    'refuses %s: it climbs out of the caller’s cgroup namespace',
    (path) => {
      for (const mount of [MOUNTS.v2, '40 24 0:26 /.. /cg rw - cgroup2 cgroup2 rw']) {
        const { sys, open } = world({
          theirs: `0::${path}\n`,
          mounts: [mount],
          directories: [`/cg${path}`, '/cg'],
        });
        expect(failureOf(open)).toContain(`join cgroup ${path} of target 7: not mounted here`);
        expect(sys.opened().filter((call) => call.startsWith('write'))).toEqual([]);
      }
    },
  );

  it('two dots in a name are no climbing', () => {
    expect(joined({ theirs: '0::/a..b/..c\n', mounts: [MOUNTS.v2], directories: ['/cg/a..b/..c'] })).toEqual({
      '/a..b/..c': '/cg/a..b/..c/cgroup.procs',
    });
  });

  it('writes into no file of whatever covers the hierarchy', () => {
    const covered = '40 30 0:99 / /cg rw - tmpfs none rw';
    const { sys, open } = world({
      theirs: '0::/pod\n',
      mounts: [MOUNTS.v2, covered],
      directories: ['/cg/pod'],
    });
    expect(failureOf(open)).toMatch(/^join cgroup \/pod of target 7: not mounted here\n/);
    expect(sys.stillOpen()).toEqual(['pidfd of 7']);
  });

  it('names a hierarchy that is not mounted', () => {
    const { open } = world({ theirs: '4:cpu,cpuacct:/a\n', mounts: [MOUNTS.v2, MOUNTS.freezer] });
    expect(failureOf(open)).toBe(
      'join cgroup cpu,cpuacct:/a of target 7: not mounted here\n' +
        'The hierarchy has to be mounted, and not covered, in the mount namespace of the caller.',
    );
  });

  it('does not take a hierarchy for one that shares only some controllers with it', () => {
    const cpuOnly = '31 24 0:27 / /cg/cpu rw - cgroup cgroup rw,cpu';
    const { open } = world({ theirs: '4:cpu,cpuacct:/a\n', mounts: [cpuOnly], directories: ['/cg/cpu/a'] });
    expect(failureOf(open)).toContain('not mounted here');
  });

  it.each([Errno.EACCES, Errno.EPERM])('says for what permission is missing (errno %i)', (errno) => {
    const { sys, open } = world({ theirs: '0::/pod\n', mounts: [MOUNTS.v2], directories: ['/cg/pod'] });
    sys.fail('open write /cg/pod/cgroup.procs', errno);
    expect(failureOf(open)).toBe(
      `join cgroup /pod of target 7: ${sys.describe(errno)}\nNeeds write permission for /cg/pod/cgroup.procs.`,
    );
  });

  it('has no advice for a cgroup that was removed', () => {
    const { open } = world({ theirs: '0::/pod (deleted)\n', mounts: [MOUNTS.v2] });
    expect(failureOf(open)).toBe('join cgroup /pod (deleted) of target 7: No such file or directory');
  });
});

describe('a frozen cgroup', () => {
  const FROZEN =
    'the cgroup is frozen\nA program in it would not run. Thaw it first, or enter without --join-cgroup.';
  const v2 = (events: string) => {
    const made = world({ theirs: '0::/pod\n', mounts: [MOUNTS.v2], directories: ['/cg/pod'] });
    made.sys.files.set('/cg/pod/cgroup.events', { text: events });
    return made;
  };
  const v1 = (state: string, theirs = '3:freezer:/pod\n', mount = MOUNTS.freezer) => {
    const directory = `${mount.split(' ')[4]}/pod`;
    const made = world({ theirs, mounts: [mount], directories: [directory] });
    made.sys.files.set(`${directory}/freezer.state`, { text: state });
    return made;
  };

  it('is refused in version 2', () => {
    const { sys, open } = v2('populated 1\nfrozen 1\n');
    expect(failureOf(open)).toBe(`join cgroup /pod of target 7: ${FROZEN}`);
    expect(sys.opened()).not.toContain('write /cg/pod/cgroup.procs');
  });

  it.each(['FROZEN\n', 'FREEZING\n'])('is refused in version 1: %j', (state) => {
    expect(failureOf(v1(state).open)).toBe(`join cgroup freezer:/pod of target 7: ${FROZEN}`);
  });

  it('is found where the freezer shares its hierarchy', () => {
    const mount = '32 24 0:28 / /cg/both rw - cgroup cgroup rw,cpu,freezer';
    expect(failureOf(v1('FROZEN\n', '3:cpu,freezer:/pod\n', mount).open)).toBe(
      `join cgroup cpu,freezer:/pod of target 7: ${FROZEN}`,
    );
  });

  it.each(['populated 1\nfrozen 0\n', 'populated 1\n', ''])('is not one with the events %j', (events) => {
    expect(v2(events).open()).toHaveLength(1);
  });

  it('is not one that is thawed', () => {
    expect(v1('THAWED\n').open()).toHaveLength(1);
  });

  it('is looked for only where something can freeze', () => {
    const { sys, open } = v1('FROZEN\n', '4:cpu,cpuacct:/pod\n', MOUNTS.cpu);
    expect(open()).toHaveLength(1);
    expect(sys.opened().filter((call) => call.includes('freezer'))).toEqual([]);
  });

  it.each([Errno.ENOENT, Errno.EACCES, Errno.ENODEV])(
    'is no matter where that cannot be read (errno %i)',
    (errno) => {
      const { sys, open } = v2('frozen 1\n');
      sys.fail('open file /cg/pod/cgroup.events', errno);
      expect(open()).toHaveLength(1);
    },
  );
});
