/** docker's daemon, where its files cannot be looked at: what it answers, and what it does not. */
import { chmodSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { scratch } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

beforeAll(buildPrograms);

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const opened: (Server | Socket)[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) 'destroy' in one ? one.destroy() : one.close();
});

type Answer = (socket: Socket, request: string) => void;

/** What tsenter says of docker:web where this answers to what it asks. */
async function told(answer: Answer): Promise<string> {
  using directory = scratch();
  const path = await listen(directory.path, answer);
  const env = { PATH: '/bin:/usr/bin', DOCKER_HOST: `unix://${path}` };
  const { status, stderr } = await run([tsenter, '-t', 'docker:web', 'true'], { env, timeout: 20_000 });
  return `${status} ${stderr.toString().split(path).join('SOCKET')}`;
}

async function listen(directory: string, answer: Answer): Promise<string> {
  const path = `${directory}/docker.sock`;
  const server = createServer((socket) => {
    opened.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => answer(socket, data.toString('latin1')));
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const answerOf = (body: unknown, status = '200 OK') =>
  `HTTP/1.0 ${status}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(body)}`;
const nothing = "1 tsenter: parse target 'docker:web': docker has nothing of this name\n";

it('is asked for the one container, and believed', async () => {
  let asked = '';
  const said = await told((socket, request) => {
    asked = request;
    socket.end(answerOf({ Id: ID, Name: '/web', State: { Running: false, Pid: 0 } }));
  });
  expect(asked).toBe('GET /containers/web/json HTTP/1.0\r\nHost: docker\r\n\r\n');
  expect(said).toBe("1 tsenter: enter target 'web': it does not run\ndocker:web is stopped.\n");
});

it('a process that is not in a cgroup of its is not entered', async () => {
  const said = await told((socket) =>
    socket.end(answerOf({ Id: ID, Name: '/web', State: { Running: true, Pid: process.pid } })),
  );
  expect(said).toMatch(/^1 tsenter: open target docker:web \(\d+\): No such process\n/);
});

it.each([
  ['no such container', answerOf({ message: 'No such container: web' }, '404 Not Found')],
  ['another protocol', 'hello\n'],
  ['nothing', ''],
  ['half of it', answerOf({ Id: ID, Name: '/web' }).slice(0, -3)],
])('%s', async (_, text) => {
  expect(await told((socket) => socket.end(text))).toContain(nothing);
});

it.each([
  ['says nothing', () => undefined],
  [
    'goes on for ever',
    (socket: Socket) => {
      const timer = setInterval(() => socket.write('x'), 100);
      socket.once('close', () => clearInterval(timer));
    },
  ],
])('one that %s is waited for two seconds', async (_, answer) => {
  expect(await told(answer)).toBe(`${nothing}What could not be looked at: SOCKET: Connection timed out.\n`);
});

it('an answer without end', async () => {
  const part = 'x'.repeat(1 << 20);
  const more = (socket: Socket): void => {
    while (socket.writable && socket.write(part));
    socket.once('drain', () => more(socket));
  };
  expect(await told(more)).toBe(`${nothing}What could not be looked at: SOCKET: File too large.\n`);
});

it('nobody there', async () => {
  const env = { PATH: '/bin:/usr/bin', DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  const { stderr } = await run([tsenter, '-t', 'docker:web', 'true'], { env });
  expect(stderr.toString()).toMatch(/docker has nothing of this name\nIt was looked for/);
});

describe('a list for who may not read its files, but ask it', () => {
  const mount = /^(?:\S+ ){3}\/ (\S+) .* - cgroup2 /m.exec(readFileSync('/proc/self/mountinfo', 'utf8'))?.[1];
  const own = /^0::\/?(.*)/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '';
  const cgroup = `${mount}/${own}/docker-${ID}.scope`;
  let target: Target;

  beforeAll(async () => {
    target = await startTarget({ namespaces: ['mount', 'ipc'] });
    mkdirSync(cgroup);
    writeFileSync(`${cgroup}/cgroup.procs`, String(target.pid));
  });

  afterAll(async () => {
    writeFileSync(`${mount}/${own}/cgroup.procs`, String(target.pid));
    rmdirSync(cgroup);
    await target.stop();
  });

  const other = (beginning: string) => beginning.padEnd(64, '0');
  const LISTED = [
    {
      Id: ID,
      Names: ['/shop-web-1'],
      Image: 'registry.example/web:1',
      State: 'running',
      Labels: { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' },
    },
    { Id: other('b'), Names: ['/old'], Image: 'db', State: 'exited', Labels: {} },
    { Id: other('c'), Names: ['/far'], Image: 'db', State: 'running', Labels: {} },
    { Id: other('d'), Names: ['/k8s_POD_x'], Image: 'pause', State: 'running', Labels: {} },
    { Id: 'x', Names: ['/no-id'], State: 'running' },
  ];

  async function list(answer: Answer, format: string, ...operands: string[]) {
    using directory = scratch();
    chmodSync(directory.path, 0o755);
    const path = await listen(directory.path, answer);
    chmodSync(path, 0o777);
    const env = { PATH: '/bin:/usr/bin', DOCKER_HOST: `unix://${path}` };
    const words = [tsenter, `--list=${format}`, ...operands];
    const { status, stdout, stderr } = await run(words, { env, uid: 65534, gid: 65534, timeout: 20_000 });
    return { status, stdout: stdout.toString(), stderr: stderr.toString().split(path).join('SOCKET') };
  }

  it('is what the daemon tells, with the process that the cgroup does', async () => {
    const asked: string[] = [];
    const { status, stdout } = await list(
      (socket, request) => {
        asked.push(request);
        socket.end(answerOf(LISTED));
      },
      'json',
      'docker',
    );
    expect(status).toBe(0);
    expect(asked).toEqual(['GET /containers/json?all=1 HTTP/1.0\r\nHost: docker\r\n\r\n']);
    const { targets, unseen } = JSON.parse(stdout);
    const ours = targets.filter(({ names }: { names: string[] }) => names.length > 0);
    expect(ours).toMatchObject([
      { target: null, names: ['far'], state: 'hidden', pid: null },
      { target: null, names: ['old'], state: 'stopped', pid: null, image: 'db' },
      {
        target: 'docker:shop-web-1',
        names: ['shop-web-1', 'shop/web'],
        id: ID,
        state: 'running',
        pid: target.pid,
        image: 'registry.example/web:1',
      },
    ]);
    expect(unseen.filter((what: string) => what.includes('docker'))).toEqual([]);
  });

  it('selects by name, and the process is that one', async () => {
    const answer: Answer = (socket) => socket.end(answerOf(LISTED));
    expect(await list(answer, 'pids', 'shop-web-*')).toMatchObject({ status: 0, stdout: `${target.pid}\n` });
    expect(await list(answer, 'pids', 'docker:old')).toEqual({
      status: 1,
      stdout: '',
      stderr: "tsenter: list 'docker:old': nothing that runs is called so\n",
    });
  });

  it('is without names where nobody may wait for it', async () => {
    let asked = 0;
    const { status, stdout } = await list(
      (socket) => {
        asked++;
        socket.end(answerOf(LISTED));
      },
      'names',
      'docker',
    );
    expect([status, asked, stdout]).toEqual([0, 0, '']);
  });

  it.each([
    ['another protocol', (socket: Socket) => socket.end('hello\n'), undefined],
    ['half of it', (socket: Socket) => socket.end(answerOf(LISTED).slice(0, -3)), 'SOCKET: malformed'],
    ['nothing for ever', () => undefined, 'SOCKET: Connection timed out'],
  ])('%s: it is said once, and what the cgroup tells is there', async (_, answer, said) => {
    const { stdout, stderr } = await list(answer, 'table', 'docker');
    expect(stdout).toMatch(new RegExp(`^docker +${ID.slice(0, 12)}\\S* +${target.pid} +running`, 'm'));
    const notes = stderr.split('\n').filter((line) => /docker|SOCKET/.test(line));
    // Where docker is installed its files may not be read, which comes first.
    const first = notes[0]?.includes('/docker') ? 'Permission denied' : (said ?? '');
    expect(notes.length).toBeLessThanOrEqual(1);
    expect(notes.join('')).toContain(first);
    if (said !== undefined) expect(notes).toHaveLength(1);
  });
});
