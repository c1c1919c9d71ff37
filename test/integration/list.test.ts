/** --list: what can be entered, of all engines, at another root of the host so that nothing of this machine is in it. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, said, tsenter } from '../support/command.ts';
import { idOf, writeDocker, writePodman, writePods } from '../support/engine-states.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { violations } from '../support/json-schema.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let targets: Target[];
let host: Scratch;
const pids = () => targets.map(({ pid }) => pid);

beforeAll(async () => {
  buildPrograms();
  targets = await Promise.all([
    startTarget({ namespaces: ['uts', 'net', 'mount'], hostname: 'inside' }),
    startTarget({ namespaces: ['mount'] }),
    startTarget({ namespaces: ['mount', 'ipc'] }),
    startTarget({ namespaces: ['ipc'] }),
  ]);
  host = scratch();
  const [web = 0, db = 0, front = 0, sandbox = 0] = pids();
  writeDocker(host.path, [
    { id: idOf(1), name: 'web', pid: web },
    { id: idOf(2), name: 'old', pid: 0 },
  ]);
  writePodman(host.path, [{ id: idOf(3), name: 'db', pid: db }]);
  writePods(host.path, [
    { id: idOf(4), name: 'front', pid: front, sandbox: { id: idOf(5), name: 'x', pid: sandbox } },
  ]);
});

afterAll(async () => {
  for (const target of targets ?? []) await target.stop();
  host?.[Symbol.dispose]();
});

async function list(format: string, ...operands: string[]) {
  const { status, stdout, stderr } = await run(
    [tsenter, `--list${format}`, '--host-root', host.path, '--', ...operands],
    { env: { PATH: '/bin:/usr/bin' } },
  );
  expect(status).toBe(0);
  return { stdout: stdout.toString(), stderr: stderr.toString() };
}

/** These schemes, whose files are below the other root: what only cgroups and processes tell of is this machine's. */
const SCHEMES = ['docker', 'podman', 'pod'];

describe('what there is', () => {
  it('as a table, without the sandbox', async () => {
    const { stdout, stderr } = await list('', ...SCHEMES);
    expect(stderr).toBe('');
    const [heading, ...rows] = stdout.split('\n').slice(0, -1);
    expect(heading).toMatch(/^ENGINE +NAME +PID +STATE +IMAGE +DIFFERS +USER +UPTIME +ID$/);
    const [web, db, front] = pids();
    const own = rows.filter((row) => row.includes(idOf(0).slice(0, 60)));
    expect(own.map((row) => row.split(/ {2,}/).slice(0, 6).join(' '))).toEqual([
      `docker old - stopped registry.example/shop/front:1.27 -`,
      `docker web ${web} running registry.example/shop/front:1.27 mun`,
      `podman db ${db} running registry.example/db:16 m`,
      `pod shop/front/nginx ${front} running registry.example/front:1 mi`,
    ]);
  });

  it('as JSON, which the schema has', async () => {
    const { stdout } = await list('=json', ...SCHEMES);
    const document = JSON.parse(stdout);
    expect(violations(document)).toEqual([]);
    const web = document.targets.find((one: { target: string }) => one.target === 'docker:web');
    const [pid = 0] = pids();
    const inode = (name: string) => Number(/\d+/.exec(readlinkSync(`/proc/${pid}/ns/${name}`))?.[0]);
    expect(web).toMatchObject({
      pid,
      names: ['web'],
      command: ['/docker-entrypoint.sh', 'nginx', '-g', 'daemon off;'],
      comm: readFileSync(`/proc/${pid}/comm`, 'latin1').trimEnd(),
      namespaces: { net: inode('net'), uts: inode('uts'), mount: inode('mnt'), user: inode('user') },
      differs: ['uts', 'net', 'mount'],
      uid: 0,
      user: 'root',
    });
    expect(web.uptime).toBeLessThan(600);
    const lines = (await list('=ndjson', ...SCHEMES)).stdout.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line).target)).toEqual(
      document.targets.map(({ target }: { target: string }) => target),
    );
    for (const line of lines) expect(violations(JSON.parse(line))).toEqual([]);
  });

  it('as names, each of which -t takes', async () => {
    const { stdout, stderr } = await list('=names', ...SCHEMES);
    expect({ stdout, stderr }).toEqual({
      stdout: 'docker:web\npodman:db\npod:shop/front/nginx\n',
      stderr: '',
    });
    for (const name of stdout.split('\n').slice(0, -1)) {
      const entered = await run([tsenter, '--host-root', host.path, '-t', name, 'true']);
      expect([name, entered.status, entered.stderr.toString()]).toEqual([name, 0, '']);
    }
  });

  it('as processes, and by their namespaces', async () => {
    const [web, db, front] = pids();
    const { stdout } = await list('=pids', 'docker:web', 'podman:db', 'pod:shop/*');
    expect(stdout).toBe(`${web}\n${db}\n${front}\n`);
    const namespaces = (await list('=namespaces', 'docker:web')).stdout.split('\n');
    const net = /\d+/.exec(readlinkSync(`/proc/${web}/ns/net`))?.[0];
    expect(namespaces.map((line) => line.trim().split(/ {2,}/))).toContainEqual([
      net,
      'net',
      '1',
      String(web),
      'root',
      expect.any(String),
      'docker:web',
    ]);
    expect(namespaces).toHaveLength(5);
  });

  it('selected by scheme or pattern', async () => {
    const names = async (...operands: string[]) => (await list('=names', ...operands)).stdout;
    expect(await names('podman:')).toBe('podman:db\n');
    expect(await names('docker:w*')).toBe('docker:web\n');
    expect(await names('shop/*/ngin?', 'db')).toBe('podman:db\npod:shop/front/nginx\n');
    expect(await names('nothing-is-called-so*')).toBe('');
  });
});

it('names that nothing has are in the document, too, where they can be read by a program', async () => {
  const words = [
    '--list=json',
    '--host-root',
    host.path,
    '--',
    'docker:web',
    'nosuch',
    'docker:no*',
    'n\x1bo',
  ];
  const { status, stdout, stderr } = await run([tsenter, ...words], { env: { PATH: '/bin:/usr/bin' } });
  const document = JSON.parse(stdout.toString());
  expect(violations(document)).toEqual([]);
  expect(document.nameless).toEqual(['nosuch', 'n\x1bo']);
  expect(stdout.toString()).not.toContain('\x1b');
  expect(document.targets).toMatchObject([{ target: 'docker:web' }]);
  expect([status, stderr.toString()]).toEqual([
    1,
    ['nosuch', 'n\\x1bo']
      .map((name) => `tsenter: list '${name}': nothing that can be entered is called so\n`)
      .join(''),
  ]);
});

it('what an unprivileged caller may not see is said, and the rest shown', async () => {
  using other = scratch();
  const [web = 0] = pids();
  writeDocker(other.path, [{ id: idOf(1), name: 'web', pid: web }]);
  writePodman(other.path, [{ id: idOf(3), name: 'db', pid: web }]);
  const tasks = `${other.path}/run/containerd/io.containerd.runtime.v2.task`;
  mkdirSync(tasks, { recursive: true });
  const chmod = spawnSync('chmod', ['700', `${other.path}/var/lib/docker/containers`, tasks]);
  expect(chmod.status).toBe(0);
  const as = async (format: string) => {
    const schemes = ['docker', 'podman', 'containerd'];
    const words = [tsenter, `--list=${format}`, '--host-root', other.path, ...schemes];
    const { status, stdout, stderr } = await run(words, { uid: 65534, gid: 65534 });
    expect(status).toBe(0);
    return { stdout: stdout.toString(), stderr: stderr.toString() };
  };
  const table = await as('table');
  expect(table.stdout).toMatch(new RegExp(`^podman +db +${web} +running +\\S+ +\\? +root `, 'm'));
  expect(table.stderr).toContain('tsenter: list /var/lib/docker/containers: Permission denied\n');
  expect(table.stderr).toMatch(/tsenter: list namespaces of \d+ of these: Permission denied\n/);
  expect(table.stderr).not.toMatch(/^(tsenter: list .*\n)(?:.*\n)*\1/m);
  const { unseen, targets: listed } = JSON.parse((await as('json')).stdout);
  expect(unseen).toContain('/var/lib/docker/containers: Permission denied');
  expect(listed.find((one: { pid: number }) => one.pid === web)).toMatchObject({
    namespaces: null,
    differs: null,
  });
});

it('one that -t refuses, because its process is in no container, is named by that', async () => {
  using other = scratch();
  const [web = 0, , , outside = 0] = pids();
  const made = [
    { id: idOf(1), name: 'web', pid: web },
    { id: idOf(2), name: 'own', pid: outside },
  ];
  writeDocker(other.path, made);
  const of = async (...words: string[]) => {
    const { stdout, stderr } = await run([tsenter, '--host-root', other.path, ...words]);
    return `${stdout}${stderr}`;
  };
  expect(await of('--list=names', 'docker')).toBe('docker:web\n');
  const { targets: listed }: { targets: { target: string; id: string }[] } = JSON.parse(
    await of('--list=json', 'docker:'),
  );
  // Another test may have a cgroup that is called as docker's are.
  const ours = listed.filter(({ id }) => made.some((one) => one.id === id));
  expect(ours.map(({ target }) => target)).toEqual([String(outside), 'docker:web']);
  expect(await of('-t', 'docker:own')).toMatch(/^tsenter: enter target 'own': it is in no container\n/);
});

it('a container that nothing but its cgroup tells of is named by its process', async () => {
  const id = idOf(0xabc);
  const mount = /^(?:\S+ ){3}\/ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  const own = /^0::\/?(.*)/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
  const directory = `${mount}/${own}/docker-${id}.scope`;
  mkdirSync(directory);
  const [web = 0] = pids();
  try {
    writeFileSync(`${directory}/cgroup.procs`, String(web));
    using empty = scratch();
    const words = [tsenter, '--list=json', '--host-root', empty.path, 'docker'];
    const { stdout } = await run(words);
    const found = JSON.parse(stdout.toString()).targets.filter((one: { id: string }) => one.id === id);
    expect(found).toMatchObject([
      { target: String(web), engine: 'docker', pid: web, differs: ['uts', 'net', 'mount'] },
    ]);
  } finally {
    writeFileSync(`${mount}/${own}/cgroup.procs`, String(web));
    spawnSync('rmdir', [directory]);
  }
});

describe('what others wrote', () => {
  it('does nothing to a terminal, and hides nothing', async () => {
    using other = scratch();
    const [web = 0, db = 0] = pids();
    writeDocker(other.path, [
      { id: idOf(1), name: 'web\x1b]0;owned\x07\r\n\u009b31m\u2028', pid: web },
      { id: idOf(2), name: 'db', pid: db },
    ]);
    const at = (path: string, text: string) => {
      mkdirSync(dirname(`${other.path}${path}`), { recursive: true });
      writeFileSync(`${other.path}${path}`, text, 'latin1');
    };
    at(`/var/lib/docker/containers/${idOf(7)}/config.v2.json`, '{"ID": "x", "State": {"Pid": 1');
    at(`/var/lib/docker/containers/${idOf(8)}/config.v2.json`, '['.repeat(100_000));
    at(
      `/var/lib/docker/containers/${idOf(9)}/config.v2.json`,
      `{"ID":"${idOf(9)}","Name":"/\xff","State":{"Pid":0},"Config":{"Image":"\xe9\\u00e9"}}`,
    );
    at(`/var/lib/docker/containers/${idOf(10)}/config.v2.json`, '{"__proto__":{"ID":"x","State":{"Pid":1}}}');
    at('/var/lib/docker/containers/other/config.v2.json', '{"ID":"other","State":{"Pid":1}}');
    symlinkSync('/proc/self/mem', `${other.path}/var/lib/docker/containers/loop`);
    const of = async (format: string) => {
      const words = [tsenter, `--list=${format}`, '--host-root', other.path, 'docker'];
      const { status, stdout, stderr } = await run(words);
      expect(status).toBe(0);
      return { stdout, stderr: stderr.toString() };
    };
    const table = await of('table');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(table.stdout.toString('latin1')).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(table.stdout.toString()).toContain('web\\x1b]0;owned\\x07\\x0d\\x0a\\xc2\\x9b31m');
    expect(table.stdout.toString()).toMatch(new RegExp(`^docker +db +${db} +running`, 'm'));
    expect(table.stderr).toContain(`/containers/${idOf(7)}/config.v2.json: malformed`);
    const document = await of('json');
    const text = document.stdout.toString('utf8');
    expect(Buffer.from(text, 'utf8').equals(document.stdout)).toBe(true);
    expect(violations(JSON.parse(text))).toEqual([]);
    expect(text).toContain('"names": ["\\\\xff"]');
    expect(text).toContain('"image": "\\\\xe9é"');
    expect((await of('names')).stdout.toString()).toBe(`docker:db\ndocker:${idOf(1)}\n`);
  });
});

it('a thousand containers take memory for those, and not for their files', async () => {
  using other = scratch();
  const count = 1000;
  const crowd = startCrowd(count);
  try {
    const children = await crowd.children();
    writeDocker(
      other.path,
      children.map((pid, index) => ({ id: idOf(index), name: `web-${index}`, pid })),
    );
    // Of files there are 40 MB, and Node alone takes more than any of this.
    const limit = tsenter.includes('native') ? ['/usr/bin/prlimit', `--as=${16 << 20}`] : [];
    for (const format of ['table', 'json', 'names', 'pids', 'namespaces']) {
      const words = [...limit, tsenter, `--list=${format}`, '--host-root', other.path, 'docker'];
      const { status, stdout, stderr } = await run(words);
      expect([format, status, format === 'namespaces' || stderr.toString()]).toEqual([
        format,
        0,
        format === 'namespaces' || '',
      ]);
      const shown =
        format === 'pids' ? children.map((pid) => `${pid}\n`) : children.map((_, n) => `web-${n}`);
      if (format !== 'namespaces') for (const text of shown) expect(stdout.toString()).toContain(text);
    }
  } finally {
    await crowd.stop();
  }
});

it('where /proc is not mounted, that is said: nothing would be listed as if there were nothing', async () => {
  const covered = (format: string) =>
    run([
      ...['/usr/bin/unshare', '--mount', 'sh', '-c', 'mount -t tmpfs cover /proc && exec "$@"', 'sh'],
      ...[tsenter, `--list=${format}`],
    ]);
  for (const format of ['table', 'namespaces']) {
    const outcome = await covered(format);
    expect([outcome.status, said(outcome)]).toEqual([0, 'tsenter: list processes: /proc is not mounted\n']);
  }
  const { stdout } = await covered('json');
  expect(JSON.parse(stdout.toString())).toMatchObject({ unseen: ['processes: /proc is not mounted'] });
});

function startCrowd(count: number) {
  const crowd = ['unshare', '--mount', program('crowd'), `children=${count}`];
  const child = spawn('/usr/bin/env', crowd, { stdio: ['pipe', 'pipe', 'inherit'] });
  return {
    async children(): Promise<number[]> {
      await new Promise((resolve) => child.stdout.once('data', resolve));
      const text = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'latin1');
      return text.trim().split(' ').map(Number);
    },
    async stop(): Promise<void> {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.stdin.end();
      await ended;
    },
  };
}
