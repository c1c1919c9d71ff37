/** docker's daemon, where its files cannot be looked at: what it answers, and what it does not. */
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { scratch } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';

beforeAll(buildPrograms);

const ID = 'a1b2c3d4e5f60718'.repeat(4);
const opened: (Server | Socket)[] = [];

afterEach(() => {
  for (const one of opened.splice(0)) 'destroy' in one ? one.destroy() : one.close();
});

/** What tsenter says of docker:web where this answers to what it asks. */
async function told(answer: (socket: Socket, request: string) => void): Promise<string> {
  using directory = scratch();
  const path = `${directory.path}/docker.sock`;
  const server = createServer((socket) => {
    opened.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', (data) => answer(socket, data.toString('latin1')));
  });
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const env = { PATH: '/bin:/usr/bin', DOCKER_HOST: `unix://${path}` };
  const { status, stderr } = await run([tsenter, '-t', 'docker:web', 'true'], { env, timeout: 20_000 });
  return `${status} ${stderr.toString().split(path).join('SOCKET')}`;
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
