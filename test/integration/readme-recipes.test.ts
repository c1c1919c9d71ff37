/** The recipes of the README, each typed as it stands there, and whether it does what the text says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, type Outcome, type RunOptions, run, tsenter } from '../support/command.ts';
import { has, type Scratch, scratch, tool, until } from '../support/enter.ts';
import { defaultEnv, literal } from '../support/launch.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

const [, recipes = ''] =
  /^## Recipes\n([\s\S]*?)^## /m.exec(readFileSync(`${repository}/README.md`, 'utf8')) ?? [];
const blocks = (language: string): string[] =>
  [...recipes.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    ([, text = '']) => text,
  );
/** One begins with a dollar sign and ends where the next does. */
const commands = blocks('console')
  .flatMap((text) => text.split(/^\$ /m).slice(1))
  .map((text) => text.trimEnd());
const [program = '', ...others] = blocks('js');

/** Every name has the address 10.0.0.7, and no other record (RFC 1035). */
const NAME_SERVER = `
  const server = require('node:dgram').createSocket('udp4');
  server.on('message', (query, { port, address }) => {
    let end = 12;
    while (query[end]) end += query[end] + 1;
    const isAddress = query.readUInt16BE(end + 1) === 1;
    const header = Buffer.from([query[0], query[1], 0x81, 0x80, 0, 1, 0, Number(isAddress), 0, 0, 0, 0]);
    const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 7]);
    const answer = [header, query.subarray(12, end + 5), ...(isAddress ? [record] : [])];
    server.send(Buffer.concat(answer), port, address);
  });
  server.bind(53, '127.0.0.1');`;

const HTTP = 8080;
let web: Target;
/** Nothing listens there. */
let other: Target;
let files: Scratch;
let servers: ChildProcess[] = [];

const busybox = '/bin/busybox';
const missing = has(busybox) ? undefined : 'needs busybox-static';

beforeAll(async () => {
  buildPrograms();
  if (missing !== undefined) return;
  files = scratch();
  web = await startTarget({
    namespaces: ['cgroup', 'ipc', 'uts', 'net', 'pid', 'mount'],
    root: 'pivot',
    hostname: 'web',
  });
  other = await startTarget({ namespaces: ['net', 'pid', 'mount'], root: 'pivot' });
  for (const folder of ['bin', 'runc', 'www/health', 'node_modules'])
    mkdirSync(`${files.path}/${folder}`, { recursive: true });
  symlinkSync(repository, `${files.path}/node_modules/tsenter`);
  symlinkSync(tsenter, `${files.path}/bin/tsenter`);
  for (const name of ['nslookup', 'wget'])
    if (!has(`/usr/bin/${name}`)) symlinkSync(busybox, `${files.path}/bin/${name}`);
  writeFileSync(`${files.path}/www/health/index.html`, 'well\n');
  writeFileSync(`/proc/${web.pid}/root/etc/resolv.conf`, 'nameserver 127.0.0.1\n');
  for (const [name, { pid }] of Object.entries({ web, 'web-other': other })) writeState(name, pid);
  for (const { pid } of [web, other]) tool(tsenter, '-t', `${pid}`, '-n', 'ip', 'link', 'set', 'lo', 'up');
  servers = [
    startIn(web, busybox, 'httpd', '-f', '-p', `127.0.0.1:${HTTP}`, '-h', `${files.path}/www`),
    startIn(web, process.execPath, '-e', NAME_SERVER),
  ];
  await until('the servers', () => listens(web, 'tcp', HTTP) && listens(web, 'udp', 53));
});

afterAll(async () => {
  for (const server of servers) server.kill();
  for (const target of [web, other]) await target?.stop();
  files?.[Symbol.dispose]();
});

/** What runc writes down of a container. */
function writeState(name: string, pid: number): void {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  mkdirSync(`${files.path}/runc/${name}`);
  writeFileSync(
    `${files.path}/runc/${name}/state.json`,
    `{"init_process_pid": ${pid}, "init_process_start": ${start}}`,
  );
}

function startIn({ pid }: Target, ...words: readonly string[]): ChildProcess {
  return spawn(tsenter, ['-t', `${pid}`, '-n', ...words], { stdio: 'ignore' });
}

function listens({ pid }: Target, protocol: string, port: number): boolean {
  const entry = `:${port.toString(16).toUpperCase().padStart(4, '0')} `;
  return readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8').includes(entry);
}

function surroundings(): { env: Record<string, string>; cwd: string } {
  const env = {
    ...defaultEnv,
    PATH: `${files.path}/bin:${defaultEnv.PATH}:/usr/sbin:/sbin`,
    XDG_RUNTIME_DIR: files.path,
  };
  return { env, cwd: files.path };
}

function type(command: string, options: RunOptions = {}): Promise<Outcome> {
  const words = ['/bin/bash', '--norc', '-c', literal(command)];
  return run(words, { ...surroundings(), timeout: 60_000, ...options });
}

/** Standard output of one that succeeds and says nothing else. */
async function output(command: string, options: RunOptions = {}): Promise<string> {
  const { status, stdout, stderr } = await type(command, options);
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout.toString();
}

type Check = (command: string) => Promise<void>;

/** By how each begins, in their order. */
const CHECKS: readonly (readonly [begin: string, check: Check])[] = [
  [
    'tsenter -t web -n ss',
    async (command) => {
      const listening = await output(command);
      expect(listening).toMatch(new RegExp(`127\\.0\\.0\\.1:${HTTP} .*pid=${servers[0]?.pid},`));
      expect(listening.trimEnd().split('\n')).toHaveLength(2);
    },
  ],
  ['tsenter -t web -m cat', async (command) => expect(await output(command)).toBe('nameserver 127.0.0.1\n')],
  [
    'tsenter -t web -n nslookup',
    async (command) =>
      expect((await type(command)).stdout.toString()).toMatch(
        /Name:\s+db\.internal\s+Address[^\n]* 10\.0\.0\.7\n/,
      ),
  ],
  ['strace', followed],
  ['gdb', async (command) => expect((await type(command)).stdout.toString()).toMatch(/exe = '.*target.*'/)],
  [
    'tsenter -t web -a -w/bin',
    async (command) => {
      const bin = `/proc/${web.pid}/root/bin`;
      tool('mv', bin, `${bin}.away`);
      const said = await output(command, { stdin: 'hostname; cd /; ls -d bin.away\n' }).finally(() =>
        tool('mv', `${bin}.away`, bin),
      );
      expect(said).toBe('web\nbin.away\n');
    },
  ],
  [
    'tsenter --list=names | while',
    async (command) => {
      // Other containers of this machine may come and go meanwhile.
      const hasIpv6 = has(`/proc/${web.pid}/net/if_inet6`);
      const lines = (await type(command)).stdout.toString().trimEnd().split('\n');
      const told: { name: string; addresses: string[] }[] = lines.map((line) => JSON.parse(line));
      expect(told.filter(({ name }) => name.includes('web'))).toEqual(
        ['web', 'web-other'].map((name) => ({
          name: expect.stringMatching(`^(runc:)?${name}$`),
          addresses: hasIpv6 ? ['127.0.0.1', '::1'] : ['127.0.0.1'],
        })),
      );
    },
  ],
];

/** It goes on until it is interrupted. */
async function followed(command: string): Promise<void> {
  const child = spawn('/bin/bash', ['--norc', '-c', command], {
    ...surroundings(),
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  let said = '';
  child.stderr.on('data', (part: Buffer) => {
    said += part.toString();
  });
  try {
    await until('strace to attach', () => said.includes('attached'));
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGINT');
    await ended;
  }
  expect(said).toContain(`strace: Process ${web.pid} attached`);
}

function isCommand(name: string): boolean {
  const path = surroundings().env.PATH ?? '';
  return path.split(':').some((folder) => has(`${folder}/${name}`));
}

if (missing !== undefined) it.skipIf(!mustRun(missing))(missing, () => undefined);

describe.skipIf(missing !== undefined)('recipes', () => {
  it('are all here, in their order', () => {
    expect(commands.map((command, at) => command.slice(0, CHECKS[at]?.[0].length))).toEqual(
      CHECKS.map(([begin]) => begin),
    );
    expect(program).toContain("from 'tsenter'");
    expect(others).toEqual([]);
  });

  it.for(CHECKS.map(([begin, check], at) => ({ begin, check, command: commands[at] ?? '' })))(
    '$begin',
    async ({ command, check }, context) => {
      for (const name of ['ss', 'strace', 'gdb', 'jq', 'ip'])
        if (new RegExp(`\\b${name} `).test(command) && !isCommand(name)) mustRun(`needs ${name}`, context);
      await check(command);
    },
  );

  it('from Node', async () => {
    writeFileSync(`${files.path}/health.mjs`, program);
    const { status, stdout, stderr } = await run([process.execPath, 'health.mjs'], {
      ...surroundings(),
      timeout: 60_000,
    });
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
    expect(stdout.toString()).toBe('runc:web is well\nrunc:web-other is ill\n');
  });
});
