import { describe, expect, it } from 'vitest';
import { pinNamed } from '../../../../src/target/resolve.ts';
import { addFile, addProcess } from '../../support/engine-world.ts';
import { failureOf } from '../../support/failure.ts';
import { FakeSys } from '../../support/fake-sys.ts';
import { fakeSystemd, type Properties } from '../../support/fake-systemd.ts';

const CGROUPS = '/sys/fs/cgroup';
const PRIVATE = '/run/systemd/private';
const MANAGER = '/user.slice/user-9.slice/user@9.service';

/** Each cgroup with its processes. */
function world(cgroups: Readonly<Record<string, readonly number[]>>, properties?: Properties): FakeSys {
  const sys = new FakeSys();
  addFile(sys, `${CGROUPS}/cgroup.procs`, '');
  for (const [path, pids] of Object.entries(cgroups)) {
    addFile(sys, `${CGROUPS}${path}/cgroup.procs`, pids.map((pid) => `${pid}\n`).join(''));
    for (const pid of pids) if (pid !== 0) addProcess(sys, pid, path);
  }
  if (properties) sys.files.set(PRIVATE, { answer: fakeSystemd(properties) });
  return sys;
}

const pin = (sys: FakeSys, name: string): string => pinNamed(sys, { scheme: 'unit', name }, undefined).label;
const refusal = (sys: FakeSys, name: string) => failureOf(() => pin(sys, name));

describe('of several processes', () => {
  const cgroups = { '/system.slice/web.service': [7, 8] };

  it('the one that systemd takes for the main one', () => {
    expect(pin(world(cgroups, { 'web.service': { MainPID: 8 } }), 'web')).toBe('target unit:web.service (8)');
  });

  it('whatever order of bytes it has', () => {
    const sys = world(cgroups);
    sys.files.set(PRIVATE, { answer: fakeSystemd({ 'web.service': { MainPID: 8 } }, 0, 'B') });
    expect(pin(sys, 'web')).toBe('target unit:web.service (8)');
  });

  it.each([
    ['none is told', { MainPID: 0 }],
    ['it knows nothing of the unit', {}],
    ['it is told in words', { MainPID: '8' }],
    ['one of another cgroup is told', { MainPID: 9 }],
  ])('else the first: %s', (_, told) => {
    const sys = world(cgroups, { 'web.service': told });
    addProcess(sys, 9, '/system.slice/web.service.other');
    expect(pin(sys, 'web')).toBe('target unit:web.service (7)');
  });

  it.each([
    '',
    'REJECTED\r\n',
    'OK 1\r\n',
    'OK 1\r\nl\x02\0\x01',
    `OK 1\r\nl\x02\0\x01${'\xff'.repeat(40)}`,
    '\0'.repeat(99),
  ])('else the first: the answer is %j', (answer) => {
    const sys = world(cgroups);
    sys.files.set(PRIVATE, { answer: () => answer });
    expect(pin(sys, 'web')).toBe('target unit:web.service (7)');
  });

  it('which may be in a cgroup of its own', () => {
    const sys = world(
      { '/system.slice/m.service/payload': [7], '/system.slice/m.service/supervisor': [8] },
      { 'm.service': { MainPID: 8 } },
    );
    expect(pin(sys, 'm')).toBe('target unit:m.service (8)');
  });
});

describe('names', () => {
  it('are escaped as systemd escapes them', () => {
    const sys = world(
      { '/system.slice/system-a.slice/a@x\\x2dy.service': [7, 8], '/system.slice/_pids.service': [9] },
      { 'a@x\\x2dy.service': { MainPID: 8 } },
    );
    expect(pin(sys, 'a@x\\x2dy')).toBe('target unit:a@x\\x2dy.service (8)');
    expect(pin(sys, 'pids')).toBe('target unit:pids.service (9)');
  });

  it('of users are behind their managers', () => {
    const path = `${MANAGER}/app.slice/mine.service`;
    const sys = world({ [path]: [7], [`${MANAGER}/init.scope`]: [6], '/system.slice/web.service': [8] });
    sys.files.set(`${CGROUPS}${MANAGER}`, { owner: 9 });
    sys.files.set(`${CGROUPS}${MANAGER}/app.slice`, { owner: 9 });
    for (const name of ['user@9/mine', 'user@9.service/mine.service'])
      expect(pin(sys, name)).toBe('target unit:user@9/mine.service (7)');
    expect(refusal(sys, 'mine')).toContain('unit has nothing of this name');
    expect(refusal(sys, 'user@8/mine')).toContain('unit has nothing of this name');
    expect(pin(sys, 'user@9')).toBe('target unit:user@9.service (6)');
  });

  it('of the caller’s own count, where the system has none of them', () => {
    const own = (name: string): string => `${MANAGER}/app.slice/${name}`;
    const sys = world({
      [own('mine.service')]: [7, 5],
      [own('web.service')]: [6],
      '/system.slice/web.service': [8],
    });
    sys.environment.XDG_RUNTIME_DIR = '/run/user/9';
    addFile(sys, '/run/user/9/bus', '');
    const properties = { 'mine.service': { MainPID: 5 }, 'gone.service': state('failed', 'failed') };
    sys.files.set('/run/user/9/systemd/private', { answer: fakeSystemd(properties, 9) });
    expect(pin(sys, 'mine')).toBe('target unit:user@9/mine.service (5)');
    expect(pin(sys, 'web')).toBe('target unit:web.service (8)');
    expect(pin(sys, 'user@9/web')).toBe('target unit:user@9/web.service (6)');
    expect(refusal(sys, 'gone')).toContain('unit:gone.service is failed.');
  });

  it('of somebody else’s, whose manager is not asked', () => {
    const sys = world({ [`${MANAGER}/mine.service`]: [7] });
    sys.files.set('/run/user/9/systemd/private', {
      answer: () => {
        throw new Error('it is asked');
      },
    });
    expect(pin(sys, 'user@9/mine')).toBe('target unit:user@9/mine.service (7)');
  });
});

const state = (ActiveState: string, SubState: string) => ({ LoadState: 'loaded', ActiveState, SubState });

describe('what has no process to enter', () => {
  it.each([
    ['failed', state('failed', 'failed'), 'unit:web.service is failed.'],
    ['has done its work', state('active', 'exited'), 'unit:web.service is active (exited).'],
  ])('%s', (_, told, expected) => {
    const message = refusal(world({}, { 'web.service': told }), 'web');
    expect(message).toContain("enter target 'web': it does not run");
    expect(message).toContain(expected);
  });

  it('is not there', () => {
    const sys = world(
      {},
      { 'web.service': { LoadState: 'not-found', ActiveState: 'inactive', SubState: 'dead' } },
    );
    expect(refusal(sys, 'web')).toContain('unit has nothing of this name');
  });

  it('is a slice', () => {
    const message = refusal(world({ '/system.slice/web.service': [7] }), 'system.slice');
    expect(message).toContain("enter target 'system.slice': it has no process of its own");
    expect(message).toContain('unit:system.slice is a slice: name one of the units in it.');
  });

  it('runs in a PID namespace that is not below the caller’s', () => {
    const message = refusal(world({ '/system.slice/web.service': [0, 0] }), 'web');
    expect(message).toContain("enter target 'web': none of its processes has a number here");
    expect(message).toContain('unit:web.service is outside of the PID namespace of the caller.');
  });

  it('has a process that is seen beside others', () => {
    expect(pin(world({ '/system.slice/web.service': [0, 7] }), 'web')).toBe('target unit:web.service (7)');
  });
});
