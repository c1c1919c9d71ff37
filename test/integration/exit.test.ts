/** How the program ends is how tsenter ends, whether it is the program itself or waits for it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, signalName, tsenter } from '../support/command.ts';
import { enter, fatalSignals, scratch, shell, stateOf, until } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
/** What makes tsenter fork and wait, and what does not. */
let ways: Readonly<Record<'forked' | 'in place', readonly string[]>>;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['pid', 'uts'] });
  ways = { forked: ['-p', '-t', String(target.pid)], 'in place': ['-u', '-t', String(target.pid)] };
});

afterAll(() => target?.stop());

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  return text.split(' ').filter(Boolean).map(Number);
}

const statuses = Array.from({ length: 256 }, (_, index) => index);

/** Two at a time: as many as the machine has processors. */
async function each<T>(values: readonly T[], check: (value: T) => Promise<void>): Promise<void> {
  const queue = [...values];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await check(next);
  };
  await Promise.all([worker(), worker()]);
}

describe.each(['forked', 'in place'] as const)('%s', (way) => {
  it('every exit status', { timeout: 300_000 }, async () => {
    const seen: (number | string | null)[] = [];
    await each(statuses, async (status) => {
      const outcome = await enter([...ways[way], program('probe'), 'exit', String(status)]);
      seen[status] = outcome.signal ?? outcome.status;
      expect(outcome.stderr.toString()).toBe('');
    });
    expect(seen).toEqual(statuses);
  });

  it('every fatal signal', { timeout: 300_000 }, async () => {
    const seen: Record<string, string | number | null> = {};
    await each(fatalSignals, async (signal) => {
      const outcome = await enter([...ways[way], program('probe'), 'kill', String(signal)]);
      seen[signalName(signal)] = outcome.signal ?? outcome.status;
      expect(outcome.orphans).toBe(0);
    });
    expect(seen).toEqual(Object.fromEntries(fatalSignals.map((one) => [signalName(one), signalName(one)])));
  });

  it.each(['SIGTERM', 'SIGQUIT', 'SIGSEGV', 'SIGPIPE', 'SIG34'])(
    '%s, although the caller ignores and blocks it',
    async (name) => {
      const number = fatalSignals.find((one) => signalName(one) === name) ?? 0;
      const around = { ignore: [number], block: [number] };
      const outcome = await enter([...ways[way], program('probe'), 'kill', String(number)], around);
      expect(outcome).toMatchObject({ signal: name, status: null });
    },
  );

  it('leaves no second core', async () => {
    using directory = scratch();
    const script = `cd ${directory.path}; ulimit -c unlimited; exec "$T" "$@" "$PROBE" kill 3`;
    const outcome = await shell(script, ways[way]);
    expect(outcome.signal).toBe('SIGQUIT');
    expect(readdirSync(directory.path).length).toBeLessThanOrEqual(1);
  });

  it('127 for a program that is not there, 126 for one that cannot be executed', async () => {
    const failures = [
      ['/no/such/program', 127, 'No such file or directory'],
      ['no-such-program', 127, 'No such file or directory'],
      ['/etc/passwd', 126, 'Permission denied'],
      ['/etc', 126, 'Permission denied'],
      ['/etc/passwd/x', 126, 'Not a directory'],
      ['', 127, 'No such file or directory'],
    ] as const;
    for (const [name, status, cause] of failures) {
      const outcome = await enter([...ways[way], name]);
      expect(outcome.stderr.toString().split('\n')[0]).toBe(`tsenter: execute ${name}: ${cause}`);
      expect(outcome).toMatchObject({ status, signal: null, orphans: 0 });
    }
  });
});

describe('in place, a program that stops', () => {
  it('is seen stopped by whoever started it, and goes on', async () => {
    const outcome = await enter([...ways['in place'], program('probe'), 'stop']);
    expect(outcome).toMatchObject({ status: 7, signal: null, orphans: 0, stops: ['SIGSTOP'] });
  });

  it('does so again', async () => {
    const script = 'kill -s STOP $$; echo again; kill -s STOP $$; exit 9';
    const outcome = await enter([...ways['in place'], '/bin/sh', '-c', script]);
    expect(outcome).toMatchObject({ status: 9, stops: ['SIGSTOP', 'SIGSTOP'] });
    expect(outcome.stdout.toString()).toBe('again\n');
  });
});

describe('forked, without a terminal', () => {
  // Nobody there could be relied on to continue tsenter as well; test/terminal has the stops on a terminal.
  it('a program that stops does not stop tsenter, which continues it when told so', async () => {
    const child = spawn(tsenter, [...ways.forked, program('probe'), 'stop'], { detached: true });
    const ended = once(child, 'exit');
    const pid = child.pid as number;
    await until('the program has stopped', () => childrenOf(pid).some((one) => stateOf(one) === 'T'));
    await until('tsenter goes on waiting', () => stateOf(pid) === 'S');
    child.kill('SIGCONT');
    expect(await ended).toEqual([7, null]);
  });
});

describe.each([[[]], [['--pty']]])('siblings that the program makes (CLONE_PARENT) %j', (options) => {
  it('are reaped while it runs, and only its own end and stops count', async () => {
    const words = [...ways.forked, ...options, program('actor'), 'siblings'];
    const child = spawn(tsenter, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    const pid = child.pid as number;
    await once(child.stdout, 'data');
    await until('two are left: the program, and the sibling that has stopped', () => {
      const states = childrenOf(pid).map((one) => stateOf(one));
      return states.length === 2 && states.includes('T') && states.includes('S');
    });
    await until('tsenter goes on waiting', () => stateOf(pid) === 'S');
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
  });
});

describe('as the first process of a PID namespace', () => {
  // The kernel gives it only the signals that it handles: it cannot die of any but SIGKILL from outside.
  it.each([
    [constants.signals.SIGTERM, 143],
    [constants.signals.SIGSEGV, 139],
    [constants.signals.SIGKILL, 137],
    [64, 192],
  ])('signal %d gives status %d', async (signal, status) => {
    const words = ['-p', '-t', '1', program('probe'), 'kill', String(signal)];
    const script = 'mount -t proc proc /proc && exec "$T" "$@"';
    const outcome = await run(['/bin/sh', '-c', script, 'sh', ...words], {
      pid1: true,
      unshare: ['mount'],
      timeout: 60_000,
      env: { PATH: process.env.PATH ?? '', T: tsenter },
    });
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome).toMatchObject({ status, signal: null });
  });

  it('an exit status is passed on', async () => {
    const words = ['-p', '-t', '1', program('probe'), 'exit', '42'];
    const script = 'mount -t proc proc /proc && exec "$T" "$@"';
    const outcome = await run(['/bin/sh', '-c', script, 'sh', ...words], {
      pid1: true,
      unshare: ['mount'],
      timeout: 60_000,
      env: { PATH: process.env.PATH ?? '', T: tsenter },
    });
    expect(outcome).toMatchObject({ status: 42, signal: null });
  });
});

it('a program that ends while its own children live on does not hold tsenter', async () => {
  const outcome = await enter([
    '-p',
    '-t',
    String(target.pid),
    '/bin/sh',
    '-c',
    'sleep 1000 >&- 2>&- & exit 5',
  ]);
  expect(outcome.status).toBe(5);
});
