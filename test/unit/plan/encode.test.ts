import { describe, expect, it } from 'vitest';
import { descriptorsOf, encodeStep } from '../../../src/plan/encode.ts';
import { STEPS, type Step } from '../../../src/plan/steps.ts';

const EXAMPLES: [Step, string][] = [
  [{ step: 'prefix', text: 'tsenter:' }, 'prefix=tsenter:'],
  [{ step: 'status', fd: 9 }, 'status=9'],
  [{ step: 'skip', count: 4 }, 'skip=4'],
  [{ step: 'seal', fds: [3, 14] }, 'seal=3,14'],
  [{ step: 'seal', fds: [] }, 'seal'],
  [{ step: 'close-on-exec', fds: [3, 10, 11] }, 'close-on-exec=3,10,11'],
  [{ step: 'close', fd: 0 }, 'close=0'],
  [{ step: 'failure-status', status: 125 }, 'failure-status=125'],
  [{ step: 'open-files', soft: '1024' }, 'open-files=1024'],
  [{ step: 'open-files', soft: 'unlimited' }, 'open-files=unlimited'],
  [
    { step: 'signals', ignored: '0000000000001000', blocked: '0000000000000000' },
    'signals=0000000000001000:0000000000000000',
  ],
  [{ step: 'undumpable' }, 'undumpable'],
  [{ step: 'terminal' }, 'terminal'],
  [{ step: 'pty', escape: undefined }, 'pty'],
  [{ step: 'pty', escape: 126 }, 'pty=126'],
  [{ step: 'pty-size', rows: 24, columns: 80, fd: 9 }, 'pty-size=24x80:9'],
  [{ step: 'keep-terminals' }, 'keep-terminals'],
  [{ step: 'called', text: 'sh' }, 'called=sh'],
  [{ step: 'targets-environment' }, 'targets-environment'],
  [{ step: 'pty-inside', id: undefined }, 'pty-inside'],
  [{ step: 'pty-inside', id: 1000 }, 'pty-inside=1000'],
  [{ step: 'attach-pty', id: 'remembered' }, 'attach-pty=@'],
  [{ step: 'forward-signals' }, 'forward-signals'],
  [{ step: 'owner', pidfd: 4, signal: 15 }, 'owner=4:15'],
  [{ step: 'die-with-parent', signal: 9 }, 'die-with-parent=9'],
  [{ step: 'from', text: 'target 7' }, 'from=target 7'],
  [
    { step: 'exec-context', context: 'system_u:system_r:container_t:s0:c1,c2' },
    'exec-context=system_u:system_r:container_t:s0:c1,c2',
  ],
  [{ step: 'try-drop-groups' }, 'try-drop-groups'],
  [
    {
      step: 'try-setns',
      pidfd: 3,
      joins: [
        { namespace: 'net', fd: 14 },
        { namespace: 'mount', fd: 16 },
      ],
    },
    'try-setns=3:net@14,mount@16',
  ],
  [{ step: 'setns', pidfd: undefined, joins: [{ namespace: 'user', fd: 10 }] }, 'setns=user@10'],
  [{ step: 'mounted', fd: 20, label: 'that of target 7' }, 'mounted=20:that of target 7'],
  [{ step: 'alive', stat: 4, label: 'target 7' }, 'alive=4:target 7'],
  [{ step: 'print', directory: 3, file: 'environ' }, 'print=3:environ'],
  [{ step: 'print-in-root', directory: 3, file: 'etc/passwd' }, 'print-in-root=3:etc/passwd'],
  [{ step: 'ids-of', directory: 22, end: { pidfd: 3 } }, 'ids-of=22:3'],
  [{ step: 'ids-of', directory: 22, end: { stat: 4 } }, 'ids-of=22:/4'],
  [{ step: 'chroot', fd: 20, label: '/new:root' }, 'chroot=20:/new:root'],
  [{ step: 'chdir', fd: 21, label: 'that of target 7' }, 'chdir=21:that of target 7'],
  [{ step: 'chdir-path', path: '/proc/7/cwd' }, 'chdir-path=/proc/7/cwd'],
  [{ step: 'inside', label: 'that of target 7' }, 'inside=that of target 7'],
  [{ step: 'chdir-inside', path: '/a b=c\n' }, 'chdir-inside=/a b=c\n'],
  [{ step: 'fork' }, 'fork'],
  [{ step: 'join-cgroup', procs: 30, label: 'cpu,cpuacct:/a:b' }, 'join-cgroup=30:cpu,cpuacct:/a:b'],
  [{ step: 'session-keyring' }, 'session-keyring'],
  [{ step: 'drop-groups' }, 'drop-groups'],
  [{ step: 'keep-caps' }, 'keep-caps'],
  [{ step: 'gid', id: 0 }, 'gid=0'],
  [{ step: 'gid', id: 'remembered' }, 'gid=@'],
  [{ step: 'uid', id: 4294967294 }, 'uid=4294967294'],
  [{ step: 'uid', id: 'remembered' }, 'uid=@'],
  [{ step: 'ambient-caps' }, 'ambient-caps'],
  [{ step: 'oom-score', value: -1000 }, 'oom-score=-1000'],
  [{ step: 'nice', value: 5 }, 'nice=5'],
  [{ step: 'scheduler', policy: 3, priority: 0 }, 'scheduler=3:0'],
  [{ step: 'io-priority', value: 24577 }, 'io-priority=24577'],
  [{ step: 'affinity', mask: 'ff,00000001' }, 'affinity=ff,00000001'],
  [
    { step: 'limit', resource: 7, soft: '1024', hard: '18446744073709551615' },
    'limit=7:1024:18446744073709551615',
  ],
  [{ step: 'copy-filters', pid: 7, pidfd: 3 }, 'copy-filters=7:3'],
  [{ step: 'filters' }, 'filters'],
  [{ step: 'close-above', last: 2 }, 'close-above=2'],
  [{ step: 'new-session' }, 'new-session'],
  [{ step: 'umask', mask: 0o27 }, 'umask=27'],
  [{ step: 'no-new-privs' }, 'no-new-privs'],
  [{ step: 'groups', gids: [] }, 'groups='],
  [{ step: 'groups', gids: [27, 44] }, 'groups=27,44'],
  [
    {
      step: 'capabilities',
      sets: { bounding: [0, 31, 32, 40], permitted: [0, 40], effective: [0], inheritable: [], ambient: [] },
    },
    'capabilities=0000010180000001:0000010000000001:0000000000000001:0000000000000000:0000000000000000',
  ],
  [{ step: 'exec-profile', profile: 'docker-default' }, 'exec-profile=docker-default'],
  [{ step: 'shell', path: '/bin/sh' }, 'shell=/bin/sh'],
  [{ step: 'shell', path: undefined }, 'shell'],
];

describe('encodeStep', () => {
  it.each(EXAMPLES)('%j', (step, word) => {
    expect(encodeStep(step)).toBe(word);
  });

  it('is shown here for every step', () => {
    expect([...new Set(EXAMPLES.map(([{ step }]) => step))].sort()).toEqual(Object.keys(STEPS).sort());
  });

  it('has an operand just where the table names one', () => {
    for (const [step, word] of EXAMPLES) {
      if ('path' in step && step.path === undefined) continue;
      if ('escape' in step && step.escape === undefined) continue;
      if ('id' in step && step.id === undefined) continue;
      if ('fds' in step && step.fds.length === 0) continue;
      expect(`${word}: ${word.includes('=')}`).toBe(`${word}: ${STEPS[step.step].operand !== ''}`);
    }
  });

  it('numbers the descriptors anew where they are copied', () => {
    const copies = (fd: number) => fd + 100;
    const encoded = EXAMPLES.map(([step]) => encodeStep(step, copies)).filter(
      (word, index) => word !== EXAMPLES[index]?.[1],
    );
    expect(encoded).toEqual([
      'status=109',
      'seal=103,114',
      'close-on-exec=103,110,111',
      'close=100',
      'pty-size=24x80:109',
      'owner=104:15',
      'try-setns=103:net@114,mount@116',
      'setns=user@110',
      'mounted=120:that of target 7',
      'alive=104:target 7',
      'print=103:environ',
      'print-in-root=103:etc/passwd',
      'ids-of=122:103',
      'ids-of=122:/104',
      'chroot=120:/new:root',
      'chdir=121:that of target 7',
      'join-cgroup=130:cpu,cpuacct:/a:b',
      'copy-filters=7:103',
    ]);
  });
});

describe('descriptorsOf', () => {
  const NAMES = ['fd', 'fds', 'pidfd', 'stat', 'procs', 'directory'];

  /** By the names of the fields, at any depth. */
  function fieldsOf(value: unknown, name = ''): number[] {
    if (typeof value === 'number') return NAMES.includes(name) ? [value] : [];
    if (Array.isArray(value)) return value.flatMap((item) => fieldsOf(item, name));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, field]) => fieldsOf(field, key));
  }

  it.each(EXAMPLES.map(([step]) => step))('has every descriptor of %j', (step) => {
    expect(descriptorsOf(step).sort()).toEqual(fieldsOf(step).sort());
  });
});
