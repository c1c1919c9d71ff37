/** --kill-child: nothing outlives a tsenter that is killed, however. */
import { chmodSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter, identityUser, until } from '../support/enter.ts';
import { inside, type Way } from '../support/inside.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Recorder } from '../support/recorder.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { into, outcome, startContainer, untilGone } from './tsenter.ts';

let target: Target;
let withUser: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
  chmodSync(`/proc/${target.pid}/root/tmp`, 0o1777);
  withUser = await startTarget({ namespaces: ['mount', 'pid'], user: identityUser });
});

afterAll(async () => {
  await target?.stop();
  await withUser?.stop();
});

async function killed(way: Way, words: readonly string[]): Promise<Recorder> {
  const started = await inside(way, words);
  process.kill(started.job.pid, 'SIGKILL');
  expect(outcome(await started.job.next())).toBe('killed SIGKILL');
  return started.recorder;
}

it('a program that is stopped, and so a tsenter that is stopped, does not survive it either', async () => {
  await using started = await inside(into(target), ['ignore=15', 'ready', 'kill=19', 'wait']);
  const { job, recorder } = started;
  expect(outcome(await job.next())).toBe('stopped SIGSTOP');
  process.kill(job.pid, 'SIGKILL');
  expect(outcome(await job.next())).toBe('killed SIGKILL');
  await untilGone(recorder);
});

describe.each([
  ['', []],
  [' --pty', ['--pty']],
])('by default:%s', (_name, pty) => {
  it.each([
    ['a program that handles nothing', []],
    ['a program that ignores every signal', ['ignore=all']],
    ['a program that handles every signal', ['catch=all']],
    ['a program in a session of its own', ['setsid', 'ignore=all']],
    ['a program that has closed its terminal', ['close', 'ignore=all']],
  ])('%s does not survive SIGKILL of tsenter', async (_, words) => {
    using recorder = await killed(into(target, ...pty), [...words, 'ready', 'wait']);
    await untilGone(recorder);
  });

  it.each([
    ['of another user', ['-S', '1000', '-G', '1000']],
    ['of another group', ['-G', '1000']],
    ['with the rights of a user namespace', ['--keep-caps', '-S', '1000']],
  ])('a program %s does not either', async (_, options) => {
    using recorder = await killed(into(target, ...pty, ...options), ['ignore=all', 'ready', 'wait']);
    await untilGone(recorder);
  });
});

it('in a user namespace as well', async () => {
  const way = { ...into(withUser, '-U'), root: '' };
  using recorder = await killed(way, ['ignore=all', 'ready', 'wait']);
  await untilGone(recorder);
});

describe('--kill-child=SIGNAL', () => {
  it.each([
    ['TERM', 15],
    ['SIGTERM', 15],
    ['term', 15],
    ['15', 15],
    ['HUP', 1],
    ['USR2', 12],
    ['64', 64],
    ['34', 34],
  ])('%s', async (word, number) => {
    const started = await inside(into(target, `--kill-child=${word}`), ['catch=all', 'ready', 'wait']);
    await using _ = started;
    process.kill(started.job.pid, 'SIGKILL');
    await started.recorder.waitFor(`signal ${number} `);
    expect(started.recorder.signals()).toHaveLength(1);
  });

  it.each(['', '0', '65', 'NONE', '-1', 'TERM,KILL', '9x'])('%j is refused', async (word) => {
    const { status, stderr } = await enter(['-t', String(target.pid), '-p', `--kill-child=${word}`, 'true']);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(/^tsenter: parse \w+ '.*' of --kill-child: /);
  });
});

describe('--no-kill-child', () => {
  it('the program outlives it', async () => {
    using recorder = await killed(into(target, '--no-kill-child'), ['catch=all', 'ready', 'wait']);
    const pid = recorder.pid();
    process.kill(pid, 64);
    await recorder.waitFor('signal 64 ');
    expect(recorder.signals()).toHaveLength(1);
  });
});

it('what forks twice and detaches outlives tsenter, as after ssh', async () => {
  await using started = await inside(into(target), ['setsid', 'fork', 'catch=15', 'close', 'ready', 'wait']);
  expect(outcome(await started.job.next())).toBe('exited 0');
  const pid = started.recorder.pid();
  expect(processOf(pid)?.state).toMatch(/[RSD]/);
  process.kill(pid, 'SIGTERM');
  await started.recorder.waitFor('signal 15 ');
});

it('a program that has closed its terminal still gets Ctrl-C', async () => {
  await using started = await inside(into(target), ['catch=2', 'close', 'ready', 'wait']);
  started.job.terminal.type('\x03');
  await started.recorder.waitFor('signal 2 code 128');
  expect(started.recorder.signals()).toHaveLength(1);
});

describe.each([
  ['', []],
  [' --pty', ['--pty']],
])('the waiting parent,%s', (_, options) => {
  it('does not wake', async () => {
    await using started = await inside(into(target, ...options), ['ready', 'wait']);
    const { pid } = started.job;
    await until('it sleeps', () => processOf(pid)?.state === 'S');
    const before = wakeUps(pid);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(wakeUps(pid)).toBe(before);
  });
});

it('the waiting parent holds only the terminal that it gives back at the end, and the pipe by which it sees the exec', async () => {
  await using started = await inside(into(target), ['ready', 'wait']);
  const directory = `/proc/${started.job.pid}/fd`;
  const held = (fd: string): string => {
    try {
      return readlinkSync(`${directory}/${fd}`);
    } catch {
      return 'closed since it was listed';
    }
  };
  await until('only these are open', () =>
    /^\/dev\/tty,pipe:\[\d+\]$/.test(readdirSync(directory).map(held).sort().join()),
  );
});

function wakeUps(pid: number): string | undefined {
  return /^voluntary_ctxt_switches:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
}
