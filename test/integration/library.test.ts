/** The library's spawn(): an ordinary child process, and failures that are never taken for the program's own. */
import { spawn as spawnProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execPath } from 'node:process';
// The built library, as users get it: it finds its helper beside itself.
import { type EnteredProcess, type SpawnOptions, spawn, TsenterError } from 'tsenter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scratch, stateOf, until } from '../support/enter.ts';
import type { ProbeReport } from '../support/probe.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({
    namespaces: ['mount', 'pid', 'uts'],
    hostname: 'inside',
    root: 'pivot',
    env: { MARK: 'theirs', PATH: '/bin' },
  });
});

afterAll(() => target.stop());

async function outcome(
  child: EnteredProcess,
): Promise<{ stdout: string; code: number | null; error: unknown }> {
  let stdout = '';
  let error: unknown;
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString('latin1');
  });
  child.once('error', (failure) => {
    error = failure;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { stdout, code, error };
}

function run(
  words: readonly string[],
  options: Omit<SpawnOptions, 'target'> = {},
): ReturnType<typeof outcome> {
  const [program, ...rest] = words;
  return outcome(spawn(program, rest, { target: target.pid, namespaces: ['mount', 'pid'], ...options }));
}

describe('a program that is executed', () => {
  it('is inside, and its status is its own', async () => {
    expect(await run(['sh', '-c', 'echo $$; cat /etc/passwd | head -n 1; exit 1'])).toEqual({
      stdout: expect.stringMatching(/^[0-9]{1,3}\nroot:x:0:0:root:/),
      code: 1,
      error: undefined,
    });
  });

  it('is who a name says, in groups that are said, with its environment', async () => {
    const as = async (options: Omit<SpawnOptions, 'target'>) =>
      (await run(['sh', '-c', 'id -u; id -g; id -G; echo $HOME $A'], options)).stdout.split('\n', 4);
    const env = { PATH: '/bin', HOME: '/nowhere', A: 'b' };
    expect(await as({ uid: 'guest', env })).toEqual(['1000', '1000', '1000', '/home/guest b']);
    expect(await as({ uid: 'guest:root', groups: [5, 'guest'], env })).toEqual([
      '1000',
      '0',
      '0 5 1000',
      '/home/guest b',
    ]);
    expect(await as({ uid: 7, gid: 'guest', groups: [], env })).toEqual(['7', '1000', '1000', '/nowhere b']);
    expect(() => spawn('true', [], { target: target.pid, uid: 'nobody' })).toThrow(
      /^find user 'nobody': no such user in \/etc\/passwd of target \d+$/,
    );
  });

  it('in a container by its name, below another root of the host', async () => {
    using host = scratch();
    mkdirSync(`${host.path}/run/runc/web`, { recursive: true });
    const start = Number(readFileSync(`/proc/${target.pid}/stat`, 'latin1').split(' ')[21]);
    const state = { init_process_pid: target.pid, init_process_start: start };
    writeFileSync(`${host.path}/run/runc/web/state.json`, JSON.stringify(state));
    const named = { target: 'web', hostRoot: host.path };
    expect(await outcome(spawn('hostname', [], named))).toMatchObject({ stdout: 'inside\n', code: 0 });
    expect(() => spawn('hostname', [], { ...named, target: 'crun:web' })).toThrow(
      "parse target 'crun:web': crun has nothing of this name",
    );
  });

  it('fulfils `entered` before it ends', async () => {
    const child = spawn('cat', [], { target: target.pid, all: true });
    await child.entered;
    expect(child.exitCode).toBeNull();
    child.stdin?.end();
    expect((await outcome(child)).code).toBe(0);
  });

  it('gets stdin, and words that are UTF-8', async () => {
    const child = spawn('sh', ['-c', 'cat; printf %s "$1"', 'sh', 'größe'], {
      target: target.pid,
      namespaces: ['mount'],
    });
    child.stdin?.end('from outside ');
    const { stdout } = await outcome(child);
    expect(Buffer.from(stdout, 'latin1').toString()).toBe('from outside größe');
  });

  it('has the environment that was asked for', async () => {
    expect((await run(['sh', '-c', 'echo $MARK'], { env: { MARK: 'mine', PATH: '/bin' } })).stdout).toBe(
      'mine\n',
    );
    expect((await run(['sh', '-c', 'echo $MARK'], { targetEnvironment: true })).stdout).toBe('theirs\n');
  });

  it('has what was asked for beside the target’s environment', async () => {
    const environment = async (options: Omit<SpawnOptions, 'target'>): Promise<string[]> => {
      const { stdout } = await run(['/bin/env'], options);
      return stdout.trim().split('\n').sort();
    };
    const env = { MORE: 'a=\u00e9', NONE: undefined };
    const theirs = { targetEnvironment: true } as const;
    const more = Buffer.from('MORE=a=\u00e9').toString('latin1');
    expect(await environment({ ...theirs, env })).toEqual(['MARK=theirs', more, 'PATH=/bin']);
    expect(await environment({ ...theirs, env: { MARK: 'mine' } })).toEqual(['MARK=mine', 'PATH=/bin']);
    expect(await environment({ ...theirs, env: { MARK: undefined } })).toEqual(['PATH=/bin']);
    expect(await environment({ asTarget: ['env'], env })).toEqual(['MARK=theirs', more, 'PATH=/bin']);
    expect(await environment({ asTarget: ['umask'], env })).toEqual([more]);
    expect(await environment({ env })).toEqual([more]);
    expect(await environment({ env: {} })).toEqual(['']);
  });

  it('finds the program and the shell in what was asked for', async () => {
    const theirs = { targetEnvironment: true } as const;
    const { error } = await run(['env'], { ...theirs, env: { PATH: '/nowhere' } });
    expect(error).toMatchObject({
      hint: "It is not in PATH=/nowhere; targetEnvironment: true takes the target's.",
    });
    const child = spawn(undefined, [], {
      target: target.pid,
      namespaces: ['mount', 'pid'],
      env: { SHELL: '/bin/sh', PATH: '/bin' },
    });
    child.stdin?.end('echo $0 $SHELL\n');
    expect((await outcome(child)).stdout).toBe('-sh /bin/sh\n');
  });

  it('is what the controls say', async () => {
    const look = async (options: Omit<SpawnOptions, 'target'>): Promise<ProbeReport> => {
      const { stdout, error } = await run(['/probe'], options);
      expect(error).toBeUndefined();
      return JSON.parse(stdout) as ProbeReport;
    };
    const caps = (...numbers: number[]) =>
      numbers
        .reduce((bits, number) => bits | (1n << BigInt(number)), 0n)
        .toString(16)
        .padStart(16, '0');
    expect((await look({ caps: ['net_raw', 'cap_kill'] })).caps).toMatchObject({
      effective: caps(5, 13),
      bounding: caps(5, 13),
    });
    expect((await look({ caps: 'none' })).caps).toMatchObject({ effective: caps(), bounding: caps() });
    expect((await look({ caps: [] })).caps).toMatchObject({ permitted: caps(), bounding: caps() });
    expect((await look({ noNewPrivileges: true })).no_new_privs).toBe(1);
    expect((await look({ umask: 0o27 })).umask).toBe('0027');
    expect((await look({ umask: '070' })).umask).toBe('0070');
    const { sid, pgrp, pid } = await look({ newSession: true });
    expect([sid, pgrp]).toEqual([pid, pid]);
    const fds = async (options: Omit<SpawnOptions, 'target'>): Promise<number[]> => {
      const stdio = ['ignore', 'pipe', 'ignore', 'pipe', 'pipe', 'pipe'] as const;
      const report = await look({ stdio, ...options });
      // Whoever started the test may have handed on others.
      return report.fds.map(({ fd }) => fd).filter((fd) => fd < 20);
    };
    expect(await fds({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await fds({ closeDescriptors: true })).toEqual([0, 1, 2]);
    expect(await fds({ preserveDescriptors: 2 })).toEqual([0, 1, 2, 3, 4]);
    expect(await fds({ preserveDescriptors: 200 })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await fds({ asTarget: true })).toEqual([0, 1, 2]);
    expect(await fds({ asTarget: [] })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await fds({ asTarget: ['-fds'] })).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('tells what of the target it has not', async () => {
    const [, ...rest] = ['sh', '-c', ':'];
    const child = spawn('sh', rest, { target: target.pid, asTarget: true });
    expect(child.notTaken).toEqual([]);
    await once(child, 'close');
  });

  it('has no descriptor but the standard streams', async () => {
    const { stdout } = await run(['/probe'], {
      namespaces: { mount: true, net: '/proc/self/ns/net' },
      root: true,
    });
    const { fds } = JSON.parse(stdout) as ProbeReport;
    // What Node itself inherited at high numbers it hands on to every child.
    expect(fds.map(({ fd }) => fd).filter((fd) => fd < 100)).toEqual([0, 1, 2]);
  });

  it('is a login shell where none is named', async () => {
    const child = spawn(undefined, [], { target: target.pid, namespaces: ['mount'], env: { PATH: '/bin' } });
    child.stdin?.end('echo $0');
    expect((await outcome(child)).stdout).toBe('-sh\n');
  });

  it('stays in its PID namespace with fork: false', async () => {
    const child = spawn('sh', ['-c', 'echo $$'], {
      target: target.pid,
      namespaces: ['mount', 'pid'],
      fork: false,
    });
    expect((await outcome(child)).stdout).toBe(`${child.pid}\n`);
  });

  it('is killed by the signal that aborts', async () => {
    const controller = new AbortController();
    const child = spawn('cat', [], { target: target.pid, all: true, signal: controller.signal, fork: false });
    await child.entered;
    const ended = outcome(child);
    controller.abort();
    expect((await ended).error).toMatchObject({ name: 'AbortError' });
  });
});

/** What a program in JavaScript can write, whatever the types say. */
function misspelt(options: object): SpawnOptions {
  return { target: process.pid, ...options } as SpawnOptions;
}

describe('a failure', () => {
  it('of the program is an error with its cause', async () => {
    const child = spawn('nonexistent', [], { target: target.pid, namespaces: ['mount'] });
    const rejected = expect(child.entered).rejects.toBeInstanceOf(TsenterError);
    const { code, error } = await outcome(child);
    await rejected;
    // As child_process has it of what it could not spawn.
    expect(code).toBe(-2);
    expect(error).toMatchObject({
      message: 'execute nonexistent: No such file or directory',
      verb: 'execute',
      object: 'nonexistent',
      reason: 'No such file or directory',
      errno: 2,
      code: 'ENOENT',
      status: 127,
    });
  });

  it('of a step is an error with a hint', async () => {
    const child = spawn('true', [], { target: target.pid, namespaces: { user: '/proc/self/ns/user' } });
    const { code, error } = await outcome(child);
    expect(code).toBe(-22);
    expect(error).toMatchObject({
      message: 'enter user namespace of /proc/self/ns/user: Invalid argument',
      hint: expect.stringContaining('in already'),
    });
  });

  it('has a message for people and logs, and the name as it is', async () => {
    const name = '/café\x1b[2J\n';
    const escaped = '/café\\x1b[2J\\x0a';
    const expected = (verb: string, before: string) => ({
      message: `${verb} ${before}${escaped}: No such file or directory`,
      object: `${before}${name}`,
      stack: expect.stringContaining(`${before}${escaped}: `),
    });
    const inside = await outcome(spawn(name, [], { target: target.pid, namespaces: ['mount'] }));
    expect(inside.error).toMatchObject(expected('execute', ''));
    let thrown: unknown;
    try {
      spawn('true', [], { target: target.pid, namespaces: { net: name } });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject(expected('open', 'net namespace '));
    expect(() => spawn('true', [], misspelt({ é: true }))).toThrow("option 'é': unknown option");
  });

  it.each<[string, SpawnOptions, RegExp]>([
    ['no target', { all: true }, /no target PID specified/],
    ['a target that is not there', { target: 0x7fff_fffe, all: true }, /No such process/],
    ['nothing to enter', { target: process.pid }, /no namespace specified/],
    ['a namespace by its name in /proc', misspelt({ namespaces: ['mnt', 'uts'] }), /unknown namespace/],
    ['a namespace that is misspelt', misspelt({ namespaces: { mnt: true } }), /unknown namespace/],
    ['one namespace as a string', misspelt({ namespaces: 'uts' }), /not an array or an object, but string/],
    ['an option that is misspelt', misspelt({ all: true, rooot: true }), /option 'rooot': unknown option/],
    [
      'options that exclude each other',
      { target: process.pid, workingDirectory: '/', workingDirectoryInside: '/' },
      /mutually exclusive/,
    ],
    [
      'an unknown capability',
      { target: process.pid, all: true, caps: 'net_row' },
      /capability 'net_row' of caps: not known/,
    ],
    [
      'an unknown aspect',
      misspelt({ target: process.pid, asTarget: ['cap'] }),
      /aspect 'cap' of asTarget: not known/,
    ],
    ['a bad mask', { target: process.pid, all: true, umask: 0o1000 }, /value '1000' of umask/],
    ['no mask', { target: process.pid, all: true, umask: -1 }, /value '-1' of umask/],
    ['a bad count', { target: process.pid, all: true, preserveDescriptors: -1 }, /of preserveDescriptors/],
    [
      'a session without a fork',
      { target: process.pid, all: true, newSession: true, fork: false },
      /mutually exclusive/,
    ],
    [
      'a variable without a name',
      { target: process.pid, all: true, targetEnvironment: true, env: { '': 'x' } },
      /it has no name/,
    ],
    ['a bad id', { target: process.pid, all: true, uid: -1 }, /not a number/],
  ])('before anything is started is thrown: %s', (_, options, message) => {
    expect(() => spawn('true', [], options)).toThrow(message);
  });
});

describe('a program that is waited for', () => {
  const inside = () => ({ target: target.pid, namespaces: ['pid', 'mount'] as const });

  it('gets the signals that kill() sends', async () => {
    const child = spawn('sh', ['-c', 'trap "exit 5" TERM; echo ready; while :; do sleep 1; done'], inside());
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    expect((await outcome(child)).code).toBe(5);
  });

  it('does not get them with forwardSignals: false, and is killed with who waits', async () => {
    const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; exec sleep 1000'], {
      ...inside(),
      forwardSignals: false,
    });
    await once(child.stdout as NodeJS.ReadableStream, 'data');
    child.kill('SIGTERM');
    // The end of its output is the end of the program.
    await outcome(child);
    expect(child.signalCode).toBe('SIGTERM');
  });

  it('has a terminal with pty: true', async () => {
    const child = spawn('sh', ['-c', 'test -t 0 -a -t 1 -a -t 2 && cat'], { ...inside(), pty: true });
    child.stdin?.end('typed\n');
    expect(await outcome(child)).toMatchObject({ stdout: 'typed\r\n', code: 0 });
  });

  /** A program of JavaScript that spawns one and prints its number on the host; it runs until it is killed. */
  const owner = (code: string) =>
    spawnProcess(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { spawn } from ${JSON.stringify(`${repository}/dist/lib/index.js`)};
         import { readFileSync } from 'node:fs';
         const start = async (options) => {
           const child = spawn('sleep', ['1000'], { target: ${target.pid}, namespaces: ['pid', 'mount'], stdio: 'ignore', ...options });
           await child.entered;
           console.log(readFileSync('/proc/' + child.pid + '/task/' + child.pid + '/children', 'latin1').trim());
         };
         ${code}
         setInterval(() => {}, 1e6);`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );

  it('ends when the process that spawned it is killed', async () => {
    const killed = owner('await start({});');
    const program = Number(await once(killed.stdout, 'data'));
    await until('the program waits', () => stateOf(program) === 'S');
    killed.kill('SIGKILL');
    await until('the program has ended', () => !['S', 'R'].includes(stateOf(program) ?? ''));
  });

  it('goes on when only the worker that spawned it ends', async () => {
    using files = scratch();
    const module = `${files.path}/worker.mjs`;
    writeFileSync(
      module,
      `import { readFileSync } from 'node:fs';
       import { isMainThread, parentPort, Worker } from 'node:worker_threads';
       import { spawn } from ${JSON.stringify(`${repository}/dist/lib/index.js`)};
       if (isMainThread) {
         const worker = new Worker(new URL(import.meta.url));
         worker.once('message', async (program) => {
           await worker.terminate();
           console.log(program);
         });
         setInterval(() => {}, 1e6);
       } else {
         const child = spawn('sleep', ['1000'], { target: ${target.pid}, namespaces: ['pid', 'mount'], stdio: 'ignore' });
         await child.entered;
         parentPort.postMessage(readFileSync('/proc/' + child.pid + '/task/' + child.pid + '/children', 'latin1').trim());
       }`,
    );
    const owned = spawnProcess(execPath, [module], { stdio: ['ignore', 'pipe', 'inherit'] });
    const program = Number(await once(owned.stdout, 'data'));
    await until('the program waits', () => stateOf(program) === 'S');
    owned.kill('SIGKILL');
    await until('the program has ended', () => !['S', 'R'].includes(stateOf(program) ?? ''));
  });

  it('goes on where it is detached', async () => {
    const killed = owner('await start({ detached: true });');
    const program = Number(await once(killed.stdout, 'data'));
    killed.kill('SIGKILL');
    await once(killed, 'close');
    await until('the program waits', () => stateOf(program) === 'S');
    process.kill(program, 'SIGKILL');
  });
});

it('leaves no descriptor open', async () => {
  const count = () => readdirSync('/proc/self/fd').length;
  await run(['true']);
  const before = count();
  for (let i = 0; i < 5; i++) {
    await run(['true'], { uid: 0, namespaces: [], all: true });
    expect(() => spawn('true', [], { target: target.pid, namespaces: { net: '/nowhere' } })).toThrow();
  }
  expect(count()).toBe(before);
});
