import { describe, expect, it } from 'vitest';
import { StateFiles } from '../../../src/target/engines/state-files.ts';
import { ENGINES } from '../../../src/target/engines/table.ts';
import { pinNamed } from '../../../src/target/resolve.ts';
import { addFile, addProcess, dockerConfig, runcState } from '../support/engine-world.ts';
import { failureOf } from '../support/failure.ts';
import { FakeSys } from '../support/fake-sys.ts';

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const OTHER = 'a1ffffffffffffff'.repeat(4);

/** What -t SCHEME:NAME or NAME leads to. */
function pin(sys: FakeSys, text: string, hostRoot?: string): string {
  const [, scheme, name = ''] = /^(?:([a-z]+):)?(.*)$/.exec(text) ?? [];
  return pinNamed(sys, scheme === undefined ? { name } : { scheme, name }, hostRoot).label;
}

const refusal = (sys: FakeSys, text: string, hostRoot?: string) => failureOf(() => pin(sys, text, hostRoot));

describe('where each engine has its state', () => {
  it('runc and crun', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addProcess(sys, 8);
    addFile(sys, '/run/runc/web/state.json', runcState(7));
    addFile(sys, '/run/crun/db/status', { pid: 8, 'process-start-time': 80 });
    expect(pin(sys, 'runc:web')).toBe('target runc:web (7)');
    expect(pin(sys, 'web')).toBe('target runc:web (7)');
    expect(pin(sys, 'db')).toBe('target crun:db (8)');
    expect(refusal(sys, 'runc:db')).toContain('runc has nothing of this name');
    // In another order than runc's own.
    addFile(sys, '/run/runc/other/state.json', {
      id: 'other',
      ...{ init_process_start: 70, init_process_pid: 7 },
    });
    expect(pin(sys, 'other')).toBe('target runc:other (7)');
  });

  it('rootless runc, below the caller’s own directory', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/run/user/9/runc/web/state.json', runcState(7));
    expect(refusal(sys, 'web')).toContain('no container has this name');
    sys.environment.XDG_RUNTIME_DIR = '/run/user/9';
    expect(pin(sys, 'web')).toBe('target runc:web (7)');
  });

  it('docker: by name, id, its beginning, and as compose calls it', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    const labels = {
      'com.docker.compose.project': 'shop',
      'com.docker.compose.service': 'front',
      'com.docker.compose.container-number': '1',
    };
    const config = dockerConfig(ID, 'shop-front-1', 7, { Config: { Labels: labels } });
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, config);
    for (const name of ['shop-front-1', ID, ID.slice(0, 3), 'shop/front', 'shop/front/1'])
      for (const text of [name, `docker:${name}`])
        expect(pin(sys, text)).toBe('target docker:shop-front-1 (7)');
    for (const name of ['shop', 'front', 'shop-front', ID.slice(1, 4), `${ID}0`])
      expect(refusal(sys, name)).toContain('no container has this name');
  });

  it('docker where its configuration says', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    addFile(sys, '/etc/docker/daemon.json', { 'data-root': '/data/docker' });
    addFile(sys, `/data/docker/containers/${ID}/config.v2.json`, dockerConfig(ID, 'web', 7));
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
  });

  it('docker with userns-remap', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    const data = '/var/lib/docker/100000.100000/containers';
    addFile(sys, `${data}/${ID}/config.v2.json`, dockerConfig(ID, 'web', 7));
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
    addFile(sys, `/var/lib/docker/containers/${OTHER}/config.v2.json`, dockerConfig(OTHER, 'web', 0));
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
  });

  it('docker’s socket, for who may not look there', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    const body = JSON.stringify({ Id: ID, Name: '/web', State: { Running: true, Pid: 7 } });
    sys.files.set('/run/docker.sock', {
      answer: (bytes) =>
        bytes.startsWith('GET /containers/web/json ')
          ? `HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n${body}`
          : 'HTTP/1.0 404 Not Found\r\n\r\n{"message":"No such container"}',
    });
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
    expect(refusal(sys, 'docker:other')).toContain('docker has nothing of this name');
    sys.environment.DOCKER_HOST = 'tcp://elsewhere:2375';
    expect(refusal(sys, 'docker:web')).toContain('docker has nothing of this name');
  });

  it('podman', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/machine.slice/libpod-${ID}.scope`);
    addFile(sys, '/etc/containers/storage.conf', '[storage]\n# graphroot = "/not"\ngraphroot = "/graph"\n');
    addFile(sys, '/graph/overlay-containers/containers.json', [{ id: ID, names: ['web'] }]);
    addFile(sys, `/run/containers/storage/overlay-containers/${ID}/userdata/pidfile`, '7');
    expect(pin(sys, 'web')).toBe('target podman:web (7)');
    expect(pin(sys, `podman:${ID.slice(0, 8)}`)).toBe('target podman:web (7)');
  });

  it('containerd, and pods', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/kubepods/besteffort/podx/${ID}`);
    addProcess(sys, 8, `/kubepods/besteffort/podx/${OTHER}`);
    const task = (id: string) => `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}`;
    const notes = (type: string, name?: string) => ({
      annotations: {
        'io.kubernetes.cri.container-type': type,
        'io.kubernetes.cri.sandbox-namespace': 'shop',
        'io.kubernetes.cri.sandbox-name': 'front-1',
        ...(name && { 'io.kubernetes.cri.container-name': name }),
      },
    });
    addFile(sys, `${task(ID)}/init.pid`, '7');
    addFile(sys, `${task(ID)}/config.json`, notes('container', 'nginx'));
    addFile(sys, `${task(OTHER)}/init.pid`, '8');
    addFile(sys, `${task(OTHER)}/config.json`, notes('sandbox'));
    expect(pin(sys, 'pod:shop/front-1/nginx')).toBe('target pod:shop/front-1/nginx (7)');
    expect(pin(sys, 'pod:shop/front-1')).toBe('target pod:shop/front-1/nginx (7)');
    expect(pin(sys, `containerd:k8s.io/${OTHER}`)).toBe(`target containerd:k8s.io/${OTHER} (8)`);
    expect(pin(sys, `containerd:${OTHER}`)).toBe(`target containerd:k8s.io/${OTHER} (8)`);
    for (const name of [ID, `pod:${ID}`, `pod:${ID.slice(0, 4)}`, ID.slice(0, 4)])
      expect(pin(sys, name)).toBe('target pod:shop/front-1/nginx (7)');
    expect(refusal(sys, `pod:${OTHER}`)).toContain('pod has nothing of this name');
  });

  it('pods on CRI-O', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/kubepods.slice/crio-${ID}.scope`);
    const data = (id: string) => `/run/containers/storage/overlay-containers/${id}/userdata`;
    const notes = (type: string, container: string) => ({
      annotations: {
        'io.kubernetes.cri-o.ContainerType': type,
        'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.pod.name': 'front-1',
        'io.kubernetes.container.name': container,
      },
    });
    addFile(sys, `${data(ID)}/config.json`, notes('container', 'nginx'));
    addFile(sys, `${data(ID)}/state.json`, { initPid: 7, initStartTime: '70' });
    addFile(sys, `${data(OTHER)}/config.json`, notes('sandbox', 'POD'));
    expect(pin(sys, 'pod:shop/front-1/nginx')).toBe('target pod:shop/front-1/nginx (7)');
    expect(pin(sys, 'shop/front-1')).toBe('target pod:shop/front-1/nginx (7)');
    for (const name of ['pod:front-1', 'front-1', `pod:${ID}`, `pod:${ID.slice(0, 12)}`])
      expect(pin(sys, name)).toBe('target pod:shop/front-1/nginx (7)');
    expect(refusal(sys, `pod:${OTHER}`)).toContain('pod has nothing of this name');
    expect(refusal(sys, 'pod:front')).toContain('pod has nothing of this name');
  });

  it('lxc, units and machines', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, '/lxc.payload.web');
    addProcess(sys, 8, '/system.slice/ssh.service');
    addProcess(sys, 9, '/machine.slice/machine-deb.scope/payload');
    addFile(sys, '/sys/fs/cgroup/cgroup.procs', '1\n');
    addFile(sys, '/sys/fs/cgroup/lxc.payload.web/cgroup.procs', '7\n70\n');
    addFile(sys, '/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs', '8\n');
    addFile(sys, '/run/systemd/machines/deb', '# machine\nNAME=deb\nSCOPE=machine-deb.scope\nLEADER=9\n');
    expect(pin(sys, 'web')).toBe('target lxc:web (7)');
    expect(pin(sys, 'unit:ssh')).toBe('target unit:ssh.service (8)');
    expect(pin(sys, 'ssh.service')).toBe('target unit:ssh.service (8)');
    expect(pin(sys, 'machine:deb')).toBe('target machine:deb (9)');
  });

  it('systemd-nspawn without machined', () => {
    const sys = new FakeSys();
    sys.addProcess(5);
    addProcess(sys, 6);
    sys.files.set('/proc', {});
    sys.files.set('/proc/5/comm', { text: 'systemd-nspawn\n' });
    sys.files.set('/proc/5/cmdline', { text: 'systemd-nspawn\0-q\0--machine=deb\0/bin/sleep\0' });
    sys.files.set('/proc/5/task/5/children', { text: '6 ' });
    sys.files.set('/proc/6/stat', { text: '6 (x) S 5 1' });
    expect(pin(sys, 'deb')).toBe('target machine:deb (6)');
    sys.files.set('/proc/6/stat', { text: '6 (x) S 4 1' });
    expect(refusal(sys, 'deb')).toContain('No such process');
    sys.files.set('/proc/6/stat', { text: '6 (x) S 5 1' });
    // One that is registered does not hide it, whatever it is called.
    addProcess(sys, 9, '/machine.slice/machine-debian.scope');
    addFile(sys, '/run/systemd/machines/debian', 'SCOPE=machine-debian.scope\nLEADER=9\n');
    expect(pin(sys, 'deb')).toBe('target machine:deb (6)');
    expect(pin(sys, 'debian')).toBe('target machine:debian (9)');
    // Anybody may call himself so, in a container or as another user.
    sys.files.set('/proc/5', { owner: 1000 });
    expect(refusal(sys, 'deb')).toContain('no container has this name');
    sys.files.set('/proc/5', {});
    sys.files.set('/proc/5/ns/mnt', { namespace: { type: 'mount', id: '5' } });
    expect(refusal(sys, 'deb')).toContain('no container has this name');
  });
});

describe('one name, several containers', () => {
  it('of two engines are both told', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addProcess(sys, 8);
    addFile(sys, '/run/runc/web/state.json', runcState(7));
    addFile(sys, '/run/crun/web/status', { pid: 8, 'process-start-time': 80 });
    expect(refusal(sys, 'web')).toBe(
      "parse target 'web': more than one has this name\nSay which: runc:web (7), crun:web (8).",
    );
    expect(pin(sys, 'crun:web')).toBe('target crun:web (8)');
  });

  it('one that does not run is not passed over for another engine’s', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/run/runc/web/state.json', runcState(7));
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, dockerConfig(ID, 'web', 0));
    expect(refusal(sys, 'web')).toContain('Say which: docker:web (stopped), runc:web (7).');
  });

  it('of one engine the one that runs counts', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    const compose = (id: string, number: number, pid: number) => {
      const label = (key: string, text: string) => [`com.docker.compose.${key}`, text];
      const Labels = Object.fromEntries([label('project', 'shop'), label('service', 'front')]);
      const config = dockerConfig(id, `shop-front-${number}`, pid, { Config: { Labels } });
      addFile(sys, `/var/lib/docker/containers/${id}/config.v2.json`, config);
    };
    compose(ID, 1, 7);
    compose(OTHER, 2, 0);
    expect(pin(sys, 'shop/front')).toBe('target docker:shop-front-1 (7)');
  });

  it('only an id may be begun, with three characters', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, dockerConfig(ID, 'web', 7));
    addFile(sys, '/run/runc/database/state.json', runcState(7));
    expect(pin(sys, ID.slice(0, 3))).toBe('target docker:web (7)');
    for (const name of [ID.slice(0, 2), 'we', 'data', 'databas'])
      expect(refusal(sys, name)).toContain('no container has this name');
    addFile(sys, `/var/lib/docker/containers/${OTHER}/config.v2.json`, dockerConfig(OTHER, 'db', 0));
    expect(refusal(sys, 'a1')).toContain('no container has this name');
    const third = `${ID.slice(0, 10)}${'0'.repeat(54)}`;
    addFile(sys, `/var/lib/docker/containers/${third}/config.v2.json`, dockerConfig(third, 'x', 0));
    expect(refusal(sys, ID.slice(0, 10))).toContain('more than one has this name');
  });

  it('one process that two engines tell of is one', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, dockerConfig(ID, 'web', 7));
    addFile(sys, `/run/containerd/io.containerd.runtime.v2.task/moby/${ID}/init.pid`, '7');
    expect(pin(sys, ID)).toBe('target docker:web (7)');
  });
});

describe('what a user has of his own, for root', () => {
  /** rita, who has the id 9, has written down that her container `web` has process 7. */
  const world = (made: { by?: number; nested?: boolean } = {}) => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    const own = sys.files.get('/proc/self/ns/user')?.namespace;
    const hers = { type: 'user', id: 'hers', madeBy: made.by ?? 9, ...(own && { owner: own }) } as const;
    const inner = { type: 'user', id: 'inner', madeBy: 100_000, owner: hers } as const;
    sys.files.set('/proc/7/ns/user', { namespace: made.nested ? inner : hers });
    addFile(sys, '/etc/passwd', 'root:x:0:0::/root:\nrita:x:9:9::/home/rita:/bin/sh\n');
    addFile(sys, '/run/user/9/runc/web/state.json', runcState(7));
    for (const [path, file] of sys.files)
      if (path.startsWith('/run/user/9')) sys.files.set(path, { ...file, owner: 9 });
    return sys;
  };

  it('is called USER/NAME', () => {
    for (const sys of [world(), world({ nested: true })])
      for (const name of ['rita/web', 'runc:rita/web'])
        expect(pin(sys, name)).toBe('target runc:rita/web (7)');
  });

  it('has no say in what a name alone leads to, and is named where there is nothing', () => {
    for (const name of ['web', 'runc:web', 'we', 'WEB'])
      expect(refusal(world(), name)).toMatch(/\nDid you mean runc:rita\/web\?$/);
    const sys = world();
    addProcess(sys, 8);
    addFile(sys, '/run/crun/web/status', { pid: 8, 'process-start-time': 80 });
    expect(pin(sys, 'web')).toBe('target crun:web (8)');
  });

  it('counts only where the process is the user’s', () => {
    for (const by of [0, 8])
      expect(refusal(world({ by }), 'rita/web')).toContain('no container has this name');
    const sys = world();
    sys.files.set('/proc/7/ns/user', sys.files.get('/proc/self/ns/user') ?? {});
    expect(refusal(sys, 'rita/web')).toContain('no container has this name');
  });

  it('counts only where the files are the user’s', () => {
    for (const path of ['/run/user/9', '/run/user/9/runc', '/run/user/9/runc/web/state.json']) {
      const sys = world();
      for (const owner of [0, 8]) {
        sys.files.set(path, { ...sys.files.get(path), owner });
        expect(refusal(sys, 'rita/web')).toContain('no container has this name');
      }
    }
  });

  it.each([
    ['nfs4', '/home', []],
    ['autofs', '/home', []],
    ['fuse.sshfs', '/home/rita/.config', []],
    ['cifs', '/mnt/a b', [['/home', '/mnt/a b']]],
    ['nfs', '/srv/homes', [['/home/rita', '../../srv/./homes/rita']]],
  ] as const)('is not looked for on %s at %s: who looks there may wait', (type, place, links) => {
    const sys = world();
    for (const path of ['/home', '/home/rita', '/home/rita/.config', '/home/rita/.local'])
      sys.files.set(path, { owner: 9 });
    for (const [path, link] of links) sys.files.set(path, { ...sys.files.get(path), link });
    const mount = (where: string, what: string) =>
      `30 24 0:26 / ${where.replace(' ', '\\040')} rw - ${what} x rw\n`;
    sys.files.set('/proc/self/mountinfo', { text: mount('/', 'ext4') + mount(place, type) });
    expect(refusal(sys, 'podman:rita/db')).toContain(`files of user rita: on ${type}, at ${place}.`);
    const away = links[0]?.[0] ?? place;
    const touched = sys.calls.filter((call) => /^(open|stat)/.test(call) && call.includes(` ${away}`));
    expect(touched).toEqual([]);
    // What needs no home is there.
    expect(pin(sys, 'runc:rita/web')).toBe('target runc:rita/web (7)');
  });

  it('is looked for beside such places, and only where its user has run something', () => {
    const sys = world();
    sys.files.set('/proc/self/mountinfo', {
      text:
        ['/', '/home/ritas', '/home'].map((place) => `3 2 0:1 / ${place} rw - nfs x rw\n`).join('') +
        '3 2 0:1 / / rw - ext4 x rw\n3 2 0:1 / /home rw - xfs x rw\n',
    });
    expect(refusal(sys, 'podman:rita/db')).not.toContain('files of user');
    expect(sys.calls).toContain('open directory /home/rita');
    const other = world();
    for (const path of [...other.files.keys()]) if (path.startsWith('/run/user/9/')) other.files.delete(path);
    expect(refusal(other, 'podman:rita/db')).toContain('podman has nothing of this name');
    expect(other.calls.filter((call) => call.includes('/home'))).toEqual([]);
  });

  it('is not looked for by anybody else', () => {
    const sys = world();
    sys.files.set('/proc/self', { owner: 8 });
    for (const name of ['rita/web', 'web']) expect(refusal(sys, name)).not.toContain('runc:rita/web');
  });
});

describe('what is not entered', () => {
  it.each([
    [{ Running: false, Pid: 0 }, 'stopped'],
    [{ Running: true, Restarting: true, Pid: 0 }, 'restarting'],
    [{ Running: false, Dead: true, Pid: 0 }, 'dead'],
  ])('%j: %s', (state, word) => {
    const sys = new FakeSys();
    const config = dockerConfig(ID, 'web', 0, { State: state });
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, config);
    expect(refusal(sys, 'web')).toBe(`enter target 'web': it does not run\ndocker:web is ${word}.`);
  });

  it('one whose end its engine has not written down', () => {
    const sys = new FakeSys();
    addFile(sys, '/run/runc/web/state.json', runcState(7));
    const ended = "enter target 'web': it does not run\nrunc:web is stopped: its process 7 has ended.";
    expect(refusal(sys, 'web')).toBe(ended);
    addProcess(sys, 7);
    sys.endProcess(7, 'reused');
    expect(refusal(sys, 'web')).toBe(ended);
  });

  it('another process that has got the number since', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, '/user.slice');
    addFile(sys, '/run/runc/web/state.json', runcState(7, 69));
    addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, dockerConfig(ID, 'db', 7));
    for (const name of ['web', 'db'])
      expect(refusal(sys, name)).toMatch(/^open target .*: No such process\n/);
    expect(sys.stillOpen().filter((name) => name.startsWith('/run'))).toEqual([]);
  });

  it('one that was restarted since the look is found by a second one', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addProcess(sys, 8);
    addFile(sys, '/run/runc/web/state.json', runcState(7, 69));
    sys.when('open process 7', () => addFile(sys, '/run/runc/web/state.json', runcState(8)));
    expect(pin(sys, 'web')).toBe('target runc:web (8)');
  });

  it('a cgroup whose name only begins so', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, '/lxc.payload.web-2');
    addFile(sys, '/sys/fs/cgroup/cgroup.procs', '');
    addFile(sys, '/sys/fs/cgroup/lxc.payload.web/cgroup.procs', '7\n');
    expect(refusal(sys, 'lxc:web')).toContain('No such process');
  });

  it('a scheme that there is not', () => {
    expect(refusal(new FakeSys(), 'dokcer:web')).toBe(
      "parse target 'dokcer:web': unknown scheme\nThere are docker, podman, pod, containerd, lxc, runc, crun, machine, unit or netns.",
    );
  });

  it('what may not be looked at is said', () => {
    const sys = new FakeSys();
    sys.files.set('/var/lib/docker/containers', {});
    sys.fail('open listing /var/lib/docker/containers', 13);
    expect(refusal(sys, 'web')).toContain(
      'What could not be looked at: /var/lib/docker/containers: Permission denied.',
    );
    for (const path of ['/run/runc', '/run/crun']) {
      sys.files.set(path, {});
      sys.fail(`open listing ${path}`, 13);
    }
    expect(refusal(sys, 'runc:web')).toMatch(
      /\nWhat could not be looked at: \/run\/runc: Permission denied\.$/,
    );
    expect(refusal(sys, 'web')).toMatch(
      /\nWhat could not be looked at: \/var\/lib\/docker\/containers: Permission denied, and 2 others\.$/,
    );
  });
});

describe('what others write', () => {
  const file = `/var/lib/docker/containers/${ID}/config.v2.json`;

  it('counts only where it is root’s or the caller’s', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/run/user/9/crun/web/status', { pid: 7, 'process-start-time': 70 });
    sys.environment.XDG_RUNTIME_DIR = '/run/user/9';
    const all = ['/run/user/9', '/run/user/9/crun', '/run/user/9/crun/web/status'];
    for (const path of all) {
      const before = sys.files.get(path) ?? {};
      sys.files.set(path, { ...before, owner: 9 });
      expect(refusal(sys, 'web')).toContain(`What could not be looked at: ${path}: it belongs to user id 9.`);
      sys.files.set(path, before);
    }
    expect(pin(sys, 'web')).toBe('target crun:web (7)');
    for (const path of all) sys.files.set(path, { ...sys.files.get(path), owner: 9 });
    sys.files.set('/proc/self', { owner: 9 });
    expect(pin(sys, 'web')).toBe('target crun:web (7)');
  });

  it('an id that is none, or another container’s', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, '/user.slice/docker');
    for (const id of ['/', '', 'user', OTHER]) {
      addFile(sys, file, dockerConfig(id, 'web', 7));
      expect(refusal(sys, 'web')).toContain('no container has this name');
    }
  });

  it('an id that is only part of the name of a cgroup', () => {
    const sys = new FakeSys();
    const bundle = '/run/containerd/io.containerd.runtime.v2.task/default/web/init.pid';
    addFile(sys, bundle, '7');
    for (const cgroup of ['/webserver', '/my.web', '/user.slice/web2.scope'])
      for (const _ of [addProcess(sys, 7, cgroup)])
        expect(refusal(sys, 'containerd:web')).toContain('No such process');
    for (const cgroup of [
      '/default/web',
      '/system.slice/cri-containerd-web.scope',
      '/x.slice:cri-containerd:web',
    ])
      for (const _ of [addProcess(sys, 7, cgroup)])
        expect(pin(sys, 'containerd:web')).toBe('target containerd:default/web (7)');
  });

  it('what the runtime that was called contradicts', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    addFile(sys, file, dockerConfig(ID, 'web', 7));
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
    addFile(sys, `/run/docker/runtime-runc/moby/${ID}/state.json`, runcState(8));
    expect(refusal(sys, 'web')).toContain('No such process');
    addFile(sys, `/run/docker/runtime-runc/moby/${ID}/state.json`, runcState(7));
    expect(pin(sys, 'web')).toBe('target docker:web (7)');
    addFile(sys, `/run/docker/runtime-runc/moby/${ID}/state.json`, runcState(7, 1));
    expect(refusal(sys, 'web')).toContain('No such process');
  });

  it('labels of compose in an image', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/docker/${ID}`);
    const Labels = { 'com.docker.compose.project': 'prod', 'com.docker.compose.service': 'db' };
    addFile(sys, file, dockerConfig(ID, 'harmless', 7, { Config: { Labels } }));
    expect(refusal(sys, 'prod/db')).toContain('no container has this name');
    addFile(sys, file, dockerConfig(ID, 'prod_db_1', 7, { Config: { Labels } }));
    expect(pin(sys, 'prod/db')).toBe('target docker:prod_db_1 (7)');
  });

  it('a pod without a name is none', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/${ID}`);
    const task = `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}`;
    addFile(sys, `${task}/init.pid`, '7');
    addFile(sys, `${task}/config.json`, { annotations: { 'io.kubernetes.cri.container-type': 'container' } });
    expect(refusal(sys, 'undefined/undefined')).toContain('no container has this name');
  });

  it('a cgroup that was delegated, or is a container’s own', () => {
    const sys = new FakeSys();
    addFile(sys, '/sys/fs/cgroup/cgroup.procs', '');
    const places = ['/user.slice/user-9.slice/user@9.service', '/docker/x', '/system.slice/docker-x.scope'];
    for (const place of places)
      for (const name of ['lxc.payload.web', 'web.service']) {
        addProcess(sys, 7, `${place}/${name}`);
        addFile(sys, `/sys/fs/cgroup${place}/${name}/cgroup.procs`, '7\n');
      }
    addProcess(sys, 7, '/user.slice/web.service');
    addFile(sys, '/sys/fs/cgroup/user.slice/web.service/cgroup.procs', '7\n');
    sys.files.set('/sys/fs/cgroup/user.slice', { owner: 9 });
    expect(refusal(sys, 'web')).toContain('no container has this name');
    sys.files.set('/sys/fs/cgroup/user.slice', {});
    expect(pin(sys, 'web')).toBe('target unit:web.service (7)');
  });

  it('a process of the host is not entered as a container', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/run/runc/web/state.json', runcState(7));
    for (const name of ['mnt', 'pid'])
      sys.files.set(`/proc/7/ns/${name}`, sys.files.get(`/proc/self/ns/${name}`) ?? {});
    expect(refusal(sys, 'web')).toBe(
      "enter target 'web': it is in no container\n" +
        'The process of target runc:web (7) is in the mount and the PID namespace of the caller; -t 7 enters what else it has.',
    );
  });

  it('a name of any length', () => {
    const sys = new FakeSys();
    addProcess(sys, 7, `/libpod-${ID}`);
    addFile(sys, '/var/lib/containers/storage/overlay-containers/containers.json', [
      { id: ID, names: ['x'.repeat(200_000)] },
    ]);
    addFile(sys, `/run/containers/storage/overlay-containers/${ID}/userdata/pidfile`, '7');
    expect(pin(sys, ID)).toBe(`target podman:${'x'.repeat(128)} (7)`);
  });
});

it('systemd in a container: its processes are in cgroups of their own, its init’s first', () => {
  const sys = new FakeSys();
  addProcess(sys, 7, '/lxc.payload.web/init.scope');
  addFile(sys, '/sys/fs/cgroup/cgroup.procs', '');
  addFile(sys, '/sys/fs/cgroup/lxc.payload.web/cgroup.procs', '');
  addFile(sys, '/sys/fs/cgroup/lxc.payload.web/a.slice/a.service/cgroup.procs', '70\n');
  addFile(sys, '/sys/fs/cgroup/lxc.payload.web/init.scope/cgroup.procs', '7\n');
  expect(pin(sys, 'lxc:web')).toBe('target lxc:web (7)');
  expect(refusal(sys, 'lxc:we')).toContain('lxc has nothing of this name');
});

it.each([
  'SCOPE=machine-web\\\\x2d1.scope',
  'SCOPE="machine-web\\\\x2d1.scope"',
  'SCOPE=machine-web\\x2d1.scope',
])('a machine whose scope is written as %s', (line) => {
  const sys = new FakeSys();
  addProcess(sys, 7, '/machine.slice/machine-web\\x2d1.scope');
  addFile(sys, '/run/systemd/machines/web-1', `${line}\nLEADER=7\n`);
  expect(pin(sys, 'web-1')).toBe('target machine:web-1 (7)');
});

describe('malformed state', () => {
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '"x"',
    '{"init_process_pid": "7", "init_process_start": 70}',
    '{"init_process_pid": -7, "init_process_start": 70}',
    '{"init_process_pid": 7.5, "init_process_start": 70}',
    '{"init_process_pid": 1e300, "init_process_start": 70}',
    '{"init_process_pid": 7}',
    '{"__proto__": {"init_process_pid": 7, "init_process_start": 70}}',
    '['.repeat(100),
    '\0\xff\xfe',
  ];

  it.each(texts)('%j leads nowhere', (text) => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/run/runc/web/state.json', text);
    addFile(sys, '/run/runc/db/state.json', runcState(7));
    expect(refusal(sys, 'web')).toContain('no container has this name');
    expect(pin(sys, 'db')).toBe('target runc:db (7)');
  });

  it('of any engine, of any form', () => {
    const values = [
      null,
      7,
      'x',
      [],
      {},
      [null],
      [[]],
      { ID },
      { ID: 7, State: 7 },
      { ID, State: { Pid: 'x' } },
    ];
    for (const value of values) {
      const sys = new FakeSys();
      addFile(sys, '/etc/docker/daemon.json', value);
      addFile(sys, `/var/lib/docker/containers/${ID}/config.v2.json`, value);
      addFile(sys, '/var/lib/containers/storage/overlay-containers/containers.json', value);
      addFile(sys, `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}/config.json`, value);
      addFile(sys, '/run/crun/x/status', value);
      addFile(sys, '/run/systemd/machines/x', JSON.stringify(value));
      const files = new StateFiles(sys, undefined);
      for (const engine of ENGINES)
        for (const { pid } of engine.find(files, undefined))
          expect([engine.scheme, pid]).toEqual([expect.any(String), 0]);
    }
  });

  it('too large is said', () => {
    const sys = new FakeSys();
    addFile(sys, '/run/runc/web/state.json', ' '.repeat(9 << 20));
    expect(refusal(sys, 'runc:web')).toContain('/run/runc/web/state.json: File too large');
  });
});

describe('--host-root', () => {
  it('state files below it, and the caller’s variables are not about them', () => {
    const sys = new FakeSys();
    addProcess(sys, 7);
    addFile(sys, '/host/run/runc/web/state.json', runcState(7));
    addFile(sys, '/run/runc/own/state.json', runcState(7));
    addFile(sys, '/host/run/user/9/runc/mine/state.json', runcState(7));
    sys.environment.XDG_RUNTIME_DIR = '/run/user/9';
    expect(pin(sys, 'web', '/host')).toBe('target runc:web (7)');
    for (const name of ['own', 'mine']) expect(refusal(sys, name, '/host')).toContain('no container');
    sys.environment.TSENTER_HOST_ROOT = '/host';
    expect(pin(sys, 'web')).toBe('target runc:web (7)');
    sys.privileged = true;
    expect(refusal(sys, 'web')).toContain('no container');
  });

  it('that is not there', () => {
    expect(refusal(new FakeSys(), 'web', '/host')).toBe('open host root /host: No such file or directory');
  });
});
