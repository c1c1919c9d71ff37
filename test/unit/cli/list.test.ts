import { describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { bindWithClipanion } from '../../../src/cli/words/clipanion.ts';
import { lookUpIn } from '../../../src/options/lookup.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { violations } from '../../support/json-schema.ts';
import { addFile, addProcess, dockerConfig, runcState } from '../support/engine-world.ts';
import { FakeSys } from '../support/fake-sys.ts';
import { screens } from '../support/screens.ts';

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const OTHER = 'b1ffffffffffffff'.repeat(4);
const EACCES = 13;

/** The number that ends in two zeros: each process is a hundredth of it old. */
function world(...words: string[]): FakeSys {
  const sys = new FakeSys(words);
  sys.files.set('/proc/uptime', { text: '100000.25 1.00\n' });
  sys.files.set('/proc/1/stat', {});
  addFile(sys, '/etc/passwd', 'root:x:0:0::/root:/bin/sh\nweb:x:7:7::/:/bin/sh\nother:x:7:7::/:/bin/sh\n');
  return sys;
}

function run(sys: FakeSys): { status: number; stdout: string; stderr: string } {
  const status = main(sys, lookUpIn(OPTION_ROWS), bindWithClipanion, () => screens);
  return { status, stdout: sys.written[1], stderr: sys.written[2] };
}

/** What is written where nothing is wrong. */
function output(sys: FakeSys): string {
  const { status, stdout, stderr } = run(sys);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

const docker = (sys: FakeSys, id: string, name: string, pid: number, more: object = {}) =>
  addFile(sys, `/var/lib/docker/containers/${id}/config.v2.json`, dockerConfig(id, name, pid, more));

/** docker:web, which is also a task of containerd's; runc:db; a stopped docker:old. */
function addContainers(sys: FakeSys): void {
  addProcess(sys, 7, `/docker/${ID}`, { own: ['net', 'mount', 'pid'] });
  addProcess(sys, 8, '/', { own: ['user', 'mount'] });
  docker(sys, ID, 'web', 7, { Config: { Image: 'nginx:1' }, Path: 'nginx', Args: ['-g', 'daemon off;'] });
  docker(sys, OTHER, 'old', 0);
  addFile(sys, `/run/containerd/io.containerd.runtime.v2.task/moby/${ID}/init.pid`, '7');
  addFile(sys, '/run/runc/db/state.json', runcState(8));
}

describe('--list', () => {
  it('shows what there is, each once', () => {
    const sys = world('--list');
    addContainers(sys);
    expect(output(sys)).toBe(`\
ENGINE  NAME  PID  STATE    IMAGE    DIFFERS  USER  UPTIME  ID
docker  old     -  stopped  -        -        -          -  ${OTHER}
docker  web     7  running  nginx:1  mnp      web       1d  ${ID}
runc    db      8  running  a) b     mU       8         1d  db
`);
  });

  it('nothing where there is nothing', () => {
    expect(output(world('--list'))).toMatch(/^ENGINE .*ID\n$/);
    for (const format of ['names', 'pids', 'ndjson']) expect(output(world(`--list=${format}`))).toBe('');
    expect(JSON.parse(output(world('--list=json')))).toEqual({
      version: 1,
      targets: [],
      unseen: [],
      nameless: [],
    });
  });

  it.each(['table', 'names', 'pids', 'namespaces', 'json', 'ndjson'])(
    'a name that nothing has is an error, beside what there is, with %s',
    (format) => {
      const sys = world(`--list=${format}`, 'nosuch', 'we', 'web', 'runc:web', 'no*', 'podman');
      addContainers(sys);
      const what = format === 'names' || format === 'pids' ? 'runs' : 'can be entered';
      const { status, stdout, stderr } = run(sys);
      const told = ['nosuch', 'we', 'runc:web'].map(
        (name) => `tsenter: list '${name}': nothing that ${what} is called so\n`,
      );
      expect([status, stderr]).toEqual([1, told.join('')]);
      expect(stdout).toMatch(format === 'pids' ? /^7\n$/ : /web/);
    },
  );

  it('one that does not run is listed, and is none of the names', () => {
    const [table, names] = ['--list', '--list=names'].map((option) => {
      const sys = world(option, 'old');
      addContainers(sys);
      return run(sys);
    });
    expect([table?.status, table?.stderr]).toEqual([0, '']);
    expect([names?.status, names?.stdout]).toEqual([1, '']);
    expect(names?.stderr).toBe("tsenter: list 'old': nothing that runs is called so\n");
  });

  it.each([
    [1, 'cgroup cgroup rw,freezer', '3:freezer:/db', 'freezer.state', 'FROZEN\n', 'paused'],
    [1, 'cgroup cgroup rw,freezer', '3:freezer:/db', 'freezer.state', 'THAWED\n', 'running'],
    [2, 'cgroup2 cgroup2 rw', '0::/db', 'cgroup.events', 'populated 1\nfrozen 1\n', 'paused'],
    [2, 'cgroup2 cgroup2 rw', '0::/db', 'cgroup.events', 'populated 1\nfrozen 0\n', 'running'],
  ])(
    'what the cgroup (version %s) of a container holds is paused: %s %s %s %j',
    (_, mount, cgroup, file, text, state) => {
      const sys = world('--list=ndjson', 'runc:');
      addContainers(sys);
      sys.files.set('/proc/self/mountinfo', { text: `30 24 0:26 / /cg rw - ${mount}\n` });
      sys.files.set('/proc/8/cgroup', { text: `${cgroup}\n` });
      sys.files.set(`/cg/db/${file}`, { text });
      expect(JSON.parse(output(sys)).state).toBe(state);
    },
  );

  it.each([
    [['docker'], ['docker:old', 'docker:web']],
    [['docker:'], ['docker:old', 'docker:web']],
    [['runc:'], ['runc:db']],
    [['containerd'], ['containerd:moby/']],
    [['w*'], ['docker:web']],
    [['docker:w*'], ['docker:web']],
    [['runc:w*'], []],
    [['d*:[wx]eb'], ['docker:web']],
    [
      ['db', 'old'],
      ['docker:old', 'runc:db'],
    ],
    [[ID], ['docker:web']],
    [[`${ID.slice(0, 4)}*`], ['docker:web']],
    [['--', 'web'], ['docker:web']],
  ])('%j', (operands, expected) => {
    const sys = world('--list', ...operands);
    addContainers(sys);
    const rows = output(sys).split('\n').slice(1, -1);
    const found = rows.map((row) => row.split(/ +/).slice(0, 2).join(':'));
    expect(found.map((name, index) => name.slice(0, expected[index]?.length))).toEqual(expected);
  });

  it('fits into a terminal, whatever its width', () => {
    for (let width = 20; width <= 200; width++) {
      const sys = world('--list');
      addContainers(sys);
      docker(sys, 'c'.repeat(64), 'a-long-name-'.repeat(4), 0, { Config: { Image: 'i'.repeat(90) } });
      sys.terminals.add(1);
      sys.environment.NO_COLOR = '1';
      sys.width = width;
      for (const line of output(sys).split('\n'))
        expect([width, line.length <= width || width < 33]).toContain(true);
    }
  });

  it('cuts first what is long, then leaves out what is least needed', () => {
    const shown = (width: number) => {
      const sys = world('--list');
      addContainers(sys);
      sys.terminals.add(1);
      sys.environment.NO_COLOR = '1';
      sys.width = width;
      return output(sys);
    };
    expect(shown(80)).toContain(`  ${ID.slice(0, 19)}+\n`);
    expect(shown(60)).toContain('docker  web     7  running  nginx:1  mnp      web       1d\n');
    expect(shown(40)).toContain('docker  web     7  running  mnp\n');
  });

  it('says what may not be looked at', () => {
    const sys = world('--list');
    addContainers(sys);
    sys.fail('open listing /var/lib/docker/containers', EACCES);
    sys.fail('readlink /proc/8/ns/user', EACCES);
    const { status, stdout, stderr } = run(sys);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^containerd .* 7 {2}running /m);
    expect(stdout).toMatch(/^runc +db +8 +running +a\) b +\? /m);
    expect(stderr).toBe(
      'tsenter: list /var/lib/docker/containers: Permission denied\ntsenter: list namespaces of 1 of these: Permission denied\n',
    );
  });

  it('says no more of what cannot be read than anybody would read', () => {
    const sys = world('--list');
    for (let index = 0; index < 1000; index++) addFile(sys, `/run/runc/x${index}/state.json`, '{');
    const { stderr } = run(sys);
    expect(stderr.split('\n')).toHaveLength(7);
    expect(stderr).toContain('tsenter: list /run/runc/x0/state.json: malformed\n');
    expect(stderr).toContain('995 more could not be read');
  });

  it('says that processes are hidden', () => {
    const sys = world('--list');
    docker(sys, ID, 'web', 7);
    sys.files.delete('/proc/1/stat');
    sys.files.set('/proc/self/mountinfo', { text: '1 1 0:1 / /proc rw - proc proc rw,hidepid=2\n' });
    const { stdout, stderr } = run(sys);
    expect(stdout).toMatch(/^docker +web +- +hidden /m);
    expect(stderr).toContain('/proc is mounted with hidepid=2');
  });

  it('a process that has ended, or is another by now, is none', () => {
    const sys = world('--list');
    addProcess(sys, 8);
    addProcess(sys, 9, '/docker/other');
    addFile(sys, '/run/runc/gone/state.json', runcState(7));
    addFile(sys, '/run/runc/reused/state.json', runcState(8, 79));
    docker(sys, ID, 'web', 9);
    const lines = output(sys).split('\n').slice(1, -1);
    expect(lines.map((line) => line.split(/ +/).slice(1, 4).join(' '))).toEqual([
      'web - ended',
      'gone - ended',
      'reused - ended',
    ]);
  });

  it('shows no sandbox of a pod', () => {
    const sys = world('--list=names');
    const ids = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(64));
    const database = '6'.repeat(64);
    const [sandbox = '', container = '', infra = '', pause = '', crio = ''] = ids;
    const task = (id: string) => `/run/containerd/io.containerd.runtime.v2.task/k8s.io/${id}`;
    const notes = (type: string) => ({
      annotations: {
        'io.kubernetes.cri.container-type': type,
        'io.kubernetes.cri.sandbox-namespace': 'shop',
        'io.kubernetes.cri.sandbox-name': 'front',
        'io.kubernetes.cri.container-name': 'nginx',
        'io.kubernetes.cri.image-name': 'nginx:1',
      },
      process: { args: ['nginx', 7, '-g'] },
    });
    addFile(sys, `${task(sandbox)}/init.pid`, '11');
    addFile(sys, `${task(sandbox)}/config.json`, notes('sandbox'));
    addFile(sys, `${task(container)}/init.pid`, '12');
    addFile(sys, `${task(container)}/config.json`, notes('container'));
    addFile(sys, '/var/lib/containers/storage/overlay-containers/containers.json', [
      { id: infra, names: [`${'0'.repeat(12)}-infra`] },
      { id: crio, names: ['k8s_x'], metadata: '{"pod-name":"front","image-name":"pause"}' },
      { id: database, names: ['db'], metadata: '{"image-name":"postgres:16"}' },
    ]);
    for (const [id, pid] of [
      [infra, 13],
      [crio, 14],
      [database, 15],
    ] as const)
      addFile(sys, `/run/containers/storage/overlay-containers/${id}/userdata/pidfile`, String(pid));
    docker(sys, pause, 'k8s_POD_front_shop_7_0', 16);
    for (const [id, type] of [
      [crio, 'sandbox'],
      ['7'.repeat(64), 'container'],
    ] as const) {
      const directory = `/run/containers/storage/overlay-containers/${id}/userdata`;
      const annotations = {
        'io.kubernetes.cri-o.ContainerType': type,
        'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.pod.name': 'back',
        'io.kubernetes.container.name': 'go',
        'io.kubernetes.cri-o.ImageName': 'go:1',
      };
      addFile(sys, `${directory}/config.json`, { annotations });
      addFile(sys, `${directory}/state.json`, { initPid: type === 'sandbox' ? 14 : 17 });
    }
    expect(output(sys)).toBe('podman:db\npod:shop/back/go\npod:shop/front/nginx\n');

    const again = world('--list=json', 'containerd', 'podman', 'pod');
    for (const [path, file] of sys.files) again.files.set(path, file);
    addProcess(again, 17, `/crio-${'7'.repeat(64)}`);
    for (const pid of [11, 12, 13, 14, 15, 16])
      addProcess(again, pid, pid === 15 ? `/libpod-${database}` : `/kubepods/pod7/${ids[pid - 11]}`);
    const { targets } = JSON.parse(output(again));
    expect(
      targets.map(({ target, image, command }: Record<string, unknown>) => [target, image, command]),
    ).toEqual([
      ['podman:db', 'postgres:16', null],
      ['pod:shop/back/go', 'go:1', null],
      ['pod:shop/front/nginx', 'nginx:1', ['nginx', '-g']],
    ]);
  });
});

describe('containers of which only their cgroups tell', () => {
  it('are named by their process, the first one; a sandbox by its program is left out', () => {
    const sys = world('--list=json');
    addProcess(sys, 30, `/docker/${ID}`);
    addProcess(sys, 29, `/docker/${ID}`);
    addProcess(sys, 31, `/kubepods/pod7/${OTHER}`);
    sys.files.set('/proc/31/comm', { text: 'pause\n' });
    addProcess(sys, 32, '/lxc.monitor.web');
    const { targets } = JSON.parse(output(sys));
    expect(targets).toMatchObject([{ target: '29', engine: 'docker', id: ID, pid: 29, names: [] }]);
  });

  it('are not those that an engine tells of, by id or by process', () => {
    const sys = world('--list=pids');
    addProcess(sys, 7, `/docker/${ID}`);
    addProcess(sys, 70, `/docker/${ID}`);
    addProcess(sys, 8, `/docker/${OTHER}`);
    docker(sys, ID, 'web', 7);
    addFile(sys, '/run/runc/db/state.json', runcState(8));
    expect(output(sys)).toBe('7\n8\n');
  });

  it('are none where the process is in no container: who has a cgroup of his own calls it as he likes', () => {
    const sys = world('--list=pids');
    addProcess(sys, 7, `/user.slice/docker-${ID}.scope`, { own: ['net'] });
    addProcess(sys, 8, `/user.slice/docker-${OTHER}.scope`, { own: ['pid'] });
    expect(output(sys)).toBe('8\n');
  });

  it('can be asked for', () => {
    for (const [operand, expected] of [
      ['docker', '7\n'],
      ['lxc', ''],
      ['cgroup', undefined],
    ] as const) {
      const sys = world('--list=pids', operand);
      addProcess(sys, 7, `/docker/${ID}`);
      expect(expected === undefined ? run(sys).status : output(sys)).toBe(expected ?? 1);
    }
  });

  it('a process whose files cannot be read hides no other', () => {
    const sys = world('--list=pids');
    addProcess(sys, 7, `/docker/${ID}`);
    addProcess(sys, 8, `/docker/${OTHER}`);
    sys.fail('read /proc/7/cgroup', 36);
    expect(output(sys)).toBe('8\n');
  });
});

describe('--list=names', () => {
  it('each leads to one: its name, or its id where others are called so', () => {
    const sys = world('--list=names');
    docker(sys, ID, 'web', 7);
    docker(sys, OTHER, 'old', 0);
    const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'front' };
    docker(sys, 'c'.repeat(64), 'shop-front-1', 9, { Config: { Labels: compose } });
    addFile(sys, '/var/lib/containers/storage/overlay-containers/containers.json', [
      { id: '5'.repeat(64), names: ['web'] },
      { id: '6'.repeat(64), names: ['web'] },
    ]);
    for (const [id, pid] of [
      ['5'.repeat(64), 17],
      ['6'.repeat(64), 18],
    ] as const)
      addFile(sys, `/run/containers/storage/overlay-containers/${id}/userdata/pidfile`, String(pid));
    addFile(sys, '/run/runc/no name/state.json', runcState(19));
    expect(output(sys).split('\n')).toEqual([
      'docker:shop-front-1',
      'docker:web',
      `podman:${'5'.repeat(64)}`,
      `podman:${'6'.repeat(64)}`,
      '',
    ]);
  });

  it('looks at no more of a process than whether it is in a container', () => {
    const sys = world('--list=names');
    addContainers(sys);
    addFile(sys, '/run/crun/x/status', { pid: 9, 'process-start-time': 90 });
    expect(output(sys)).toBe('docker:web\nrunc:db\ncrun:x\n');
    const ofProcesses = sys.calls.filter((call) => /\/proc\/\d/.test(call));
    expect(ofProcesses).toEqual([7, 8, 9].map((pid) => `readlink /proc/${pid}/ns/mnt`));
  });

  it('leaves out what -t refuses, which is in no container', () => {
    const sys = world('--list=names');
    addContainers(sys);
    addProcess(sys, 8, '/', { own: ['user'] });
    expect(output(sys)).toBe('docker:web\n');
  });

  it('a machine that nothing but its processes tells of for who asks for machines', () => {
    for (const [words, expected] of [
      [['--list=names'], ''],
      [['--list=names', 'machine:'], 'machine:deb\n'],
      [['--list=pids'], '6\n'],
    ] as const) {
      const sys = world(...words);
      addProcess(sys, 5, '/', {});
      addProcess(sys, 6);
      sys.files.set('/proc/5/comm', { text: 'systemd-nspawn\n' });
      sys.files.set('/proc/5/cmdline', { text: 'systemd-nspawn\0-Mdeb\0' });
      sys.files.set('/proc/5/task/5/children', { text: '6 ' });
      sys.files.set('/proc/6/stat', { text: '6 (x) S 5 1' });
      expect(output(sys)).toBe(expected);
    }
  });

  it('units and network namespaces for who asks for them', () => {
    const here = (...words: string[]) => {
      const sys = world(...words);
      addProcess(sys, 8, '/system.slice/ssh.service');
      addFile(sys, '/sys/fs/cgroup/cgroup.procs', '1\n');
      addFile(sys, '/sys/fs/cgroup/system.slice/ssh.service/cgroup.procs', '8\n');
      addFile(sys, '/run/netns/blue', '');
      sys.files.set('/run/netns/blue', { namespace: { type: 'net', id: 'blue' }, inode: '99' });
      return output(sys);
    };
    expect(here('--list=names')).toBe('');
    expect(here('--list=names', 's*', 'b*')).toBe('');
    expect(here('--list=names', 'unit:', 'netns:')).toBe('unit:ssh.service\nnetns:blue\n');
    expect(here('--list=pids', 'unit:', 'netns:')).toBe('8\n');
    expect(here('--list', 'netns')).toMatch(/^netns +blue +- +namespace +- +n /m);
  });
});

describe('--list=json and ndjson', () => {
  const both = (prepare: (sys: FakeSys) => void) => {
    const [document, lines] = [world('--list=json'), world('--list=ndjson')];
    for (const sys of [document, lines]) prepare(sys);
    return { document: output(document), lines: output(lines) };
  };

  it('have every field of the schema, and no other', () => {
    const { document, lines } = both(addContainers);
    const { targets, ...rest } = JSON.parse(document);
    expect(violations(JSON.parse(document))).toEqual([]);
    expect(rest).toEqual({ version: 1, unseen: [], nameless: [] });
    expect(targets[1]).toEqual({
      target: 'docker:web',
      engine: 'docker',
      names: ['web'],
      id: ID,
      pid: 7,
      state: 'running',
      image: 'nginx:1',
      command: ['nginx', '-g', 'daemon off;'],
      comm: 'a) b',
      namespaces: { user: 1, cgroup: 1, ipc: 1, uts: 1, net: 7, pid: 7, mount: 7, time: 1 },
      differs: ['net', 'pid', 'mount'],
      uid: 7,
      user: 'web',
      uptime: 99_999,
    });
    expect(targets[0]).toMatchObject({
      target: null,
      pid: null,
      state: 'stopped',
      namespaces: null,
      uptime: null,
    });
    for (const [index, line] of lines.split('\n').slice(0, -1).entries()) {
      expect(violations(JSON.parse(line))).toEqual([]);
      expect(JSON.parse(line)).toEqual({ version: 1, ...targets[index] });
    }
  });

  it('the schema refuses what is otherwise', () => {
    const { lines } = both(addContainers);
    const line = JSON.parse(lines.split('\n')[1] ?? '');
    for (const wrong of [
      { version: 2 },
      { pid: 0 },
      { pid: '7' },
      { names: 'x' },
      { differs: ['mnt'] },
      { target: undefined },
    ])
      expect(violations(JSON.parse(JSON.stringify({ ...line, ...wrong })))).not.toEqual([]);
  });

  it('what could not be looked at is in the document', () => {
    const sys = world('--list=json');
    sys.files.set('/var/lib/docker/containers', {});
    sys.fail('open listing /var/lib/docker/containers', EACCES);
    const unseen = ['/var/lib/docker/containers: Permission denied'];
    expect(JSON.parse(output(sys))).toEqual({ version: 1, targets: [], unseen, nameless: [] });
  });

  it('are UTF-8 that no terminal acts on, whatever the bytes are', () => {
    const bytes = Array.from({ length: 256 }, (_, index) => String.fromCharCode(index)).join('');
    const image = `\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\xb3 ${bytes}\xc2\x9b2J\xed\xa0\x80`;
    const { document } = both((sys) => {
      addProcess(sys, 7, `/docker/${ID}`);
      sys.files.set('/proc/7/stat', { text: `7 (\x1b]0;x\x07\xff) S${' 0'.repeat(40)}` });
      docker(sys, ID, 'web', 7, { Config: { Image: image }, Path: '\u2028\ud83d\udc33', Args: [] });
      // As Go writes it.
      const path = `/var/lib/docker/containers/${ID}/config.v2.json`;
      const text = sys.files.get(path)?.text ?? '';
      sys.files.set(path, {
        text: text.replace(/[\u0100-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`),
      });
    });
    const text = Buffer.from(document, 'latin1').toString('utf8');
    expect(Buffer.from(text, 'utf8').toString('latin1')).toBe(document);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(text.replace(/\n/g, '')).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
    const [target] = JSON.parse(text).targets;
    expect(target.comm).toBe('\x1b]0;x\x07\\xff');
    expect(target.command).toEqual(['\u2028\ud83d\udc33']);
    expect(target.image.startsWith('é€🐳 \x00\x01')).toBe(true);
    expect(target.image).toContain('~\x7f\\x80\\x81');
    expect(target.image.endsWith('\\xfe\\xff\x9b2J\\xed\\xa0\\x80')).toBe(true);
  });
});

it('the table is nothing that a terminal acts on', () => {
  const sys = world('--list');
  addProcess(sys, 7, `/docker/${ID}`);
  docker(sys, ID, 'a\x1b[31mb\n', 7, { Config: { Image: '\xc2\x9b2J\xff\x07' } });
  const text = output(sys);
  expect(text).toContain('a\\x1b[31mb\\x0a');
  expect(text).toContain('\\xc2\\x9b2J\\xff\\x07');
  expect(text.split('\n')).toHaveLength(3);
});

describe('--list=namespaces', () => {
  it('has each namespace with its processes and the containers that have it for themselves', () => {
    const sys = world('--list=namespaces');
    addContainers(sys);
    addProcess(sys, 70, `/docker/${ID}`, { own: [] });
    sys.files.set('/proc/70/ns/net', { namespace: { type: 'net', id: '7' }, inode: '7' });
    const lines = output(sys).split('\n');
    expect(lines[0]).toBe('NS  TYPE    NPROCS  PID  USER  COMMAND  CONTAINERS');
    expect(lines).toContain(' 7  net          2    7  web   a) b     docker:web');
    expect(lines).toContain(' 8  user         1    8  8     a) b     runc:db');
    expect(lines.filter((line) => /^ 1 {2}net /.test(line))).toHaveLength(1);
  });

  it('with operands, only those of what is asked for', () => {
    const sys = world('--list=namespaces', 'runc:');
    addContainers(sys);
    expect(output(sys).split('\n').slice(1)).toEqual([
      ' 8  user        1    8  8     a) b     runc:db',
      ' 8  mount       1    8  8     a) b     runc:db',
      '',
    ]);
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    [
      ['--list=csv'],
      'parse --list=csv: unknown format\nThere are table, json, ndjson, names, pids and namespaces',
    ],
    [['--list', '-t', '7'], 'parse options --list and --target: mutually exclusive'],
    [['-a', '--list'], 'parse options --list and --all: mutually exclusive'],
    [['--list', '--explain'], 'parse options --list and --explain: mutually exclusive'],
    [['--list', 'dokcer:web'], "parse target 'dokcer:web': unknown scheme\nThere are docker, "],
    [['--list', '--host-root', '/nowhere'], 'open host root /nowhere: No such file or directory'],
  ])('%j', (words, message) => {
    const { status, stdout, stderr } = run(world(...words));
    expect([status, stdout, stderr.slice(0, 9 + message.length)]).toEqual([1, '', `tsenter: ${message}`]);
  });

  it('what the environment presets is no part of it', () => {
    const sys = world('--list=names');
    sys.environment.TSENTER_OPTIONS = '--no-kill-child';
    expect(output(sys)).toBe('');
  });
});

it('a thousand containers take a few calls each, and no file is read twice', () => {
  const sys = world('--list');
  const count = 1000;
  for (let number = 1; number <= count; number++) {
    const id = number.toString(16).padStart(64, '0');
    addProcess(sys, number + 10, `/docker/${id}`);
    docker(sys, id, `web-${number}`, number + 10);
    addFile(sys, `/run/docker/runtime-runc/moby/${id}/state.json`, runcState(number + 10));
  }
  expect(output(sys).split('\n')).toHaveLength(count + 2);
  // Two state files and four files of the process, to open, read and close; whose the former are; its namespaces.
  expect(sys.calls.length / count).toBeLessThan(6 * 3 + 2 + 8 + 0.1);
});
