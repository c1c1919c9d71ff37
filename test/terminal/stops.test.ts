/** Ctrl-Z, fg, bg, and what a shell sees of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tool, until } from '../support/enter.ts';
import { type Inside, inside } from '../support/inside.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import type { Target } from '../support/targets.ts';
import { startTerminal } from '../support/terminal.ts';
import { into, startContainer, untilState } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

/** What the shell has seen, without the terminal's state. */
function seen({ job }: Inside): string[] {
  return [...job.events.matchAll(/^(\w+ \d+) foreground/gm)].map(([, event = '']) => event);
}

async function reads({ job, recorder }: Inside, word: string): Promise<void> {
  job.terminal.type(`${word}\r`);
  await recorder.waitFor(`read ${word}\n`);
  expect(job.terminal.foreground()).toBe(job.pid);
}

it('Ctrl-Z and fg, again and again: one stop each time', async () => {
  await using started = await inside(into(target), ['ready', 'lines']);
  const { job } = started;
  const settings = job.terminal.settings();
  for (let count = 1; count <= 10; count++) {
    job.terminal.type('\x1a');
    const event = await job.next();
    expect(event).toMatchObject({ what: 'stopped', how: 'SIGTSTP', foreground: job.pid });
    expect(event.settings).toBe(settings);
    job.foreground();
    await reads(started, `word-${count}`);
    expect(seen(started)).toHaveLength(count);
  }
});

it('a program that handles SIGTSTP is not stopped, nor is tsenter', async () => {
  await using started = await inside(into(target), ['catch=20', 'ready', 'lines']);
  started.job.terminal.type('\x1a');
  await started.recorder.waitFor('signal 20 ');
  await reads(started, 'word');
  expect(seen(started)).toEqual([]);
});

it('an editor: its handler restores the terminal before the shell has it', async () => {
  await using started = await inside(into(target), ['editor', 'ready', 'wait']);
  const { job, recorder } = started;
  const raw = job.terminal.settings();
  job.terminal.type('\x1a');
  const event = await job.next();
  expect(recorder.events).toContain('restored\n');
  expect(event.settings).not.toBe(raw);
  job.foreground();
  await recorder.waitFor(/resumed foreground \d+\n/);
  expect(job.terminal.foreground()).toBe(job.pid);
});

it.each([
  ['SIGSTOP', 19],
  ['SIGTSTP', 20],
  ['SIGTTIN', 21],
  ['SIGTTOU', 22],
])('%s from elsewhere stops tsenter alike, and fg continues both', async (name, number) => {
  await using started = await inside(into(target), ['ready', 'lines']);
  const { job, recorder } = started;
  process.kill(recorder.pid(), number);
  expect(await job.next()).toMatchObject({ what: 'stopped', how: name });
  await untilState(job.pid, 'T');
  job.foreground();
  await reads(started, 'word');
  expect(seen(started)).toEqual([`stopped ${number}`]);
});

it.each([20, 21, 22])('%i to tsenter stops both, and fg continues both', async (number) => {
  await using started = await inside(into(target), ['ready', 'lines']);
  const { job, recorder } = started;
  process.kill(job.pid, number);
  expect(await job.next()).toMatchObject({ what: 'stopped' });
  await untilState(recorder.pid(), 'T');
  job.foreground();
  await reads(started, 'word');
  expect(seen(started)).toHaveLength(1);
});

it('bg continues both, in the background', async () => {
  await using started = await inside(into(target), ['catch=10', 'ready', 'wait']);
  const { job, recorder } = started;
  job.terminal.type('\x1a');
  await job.next();
  job.background();
  process.kill(job.pid, 'SIGUSR1');
  await recorder.waitFor('signal 10 ');
  expect(job.terminal.foreground()).toBe(job.terminal.pid);
});

describe('in the background', () => {
  it('a read of the terminal stops it, and one fg is enough', async () => {
    await using started = await inside(into(target), ['ready', 'lines'], { background: true });
    const { job } = started;
    job.terminal.type('x\r');
    expect(await job.next()).toMatchObject({ what: 'stopped', how: 'SIGTTIN' });
    job.foreground();
    await reads(started, 'word');
    expect(seen(started)).toEqual(['stopped 21']);
  });

  it('with tostop, a write stops it, and one fg is enough', async () => {
    const words = ['ready', 'kill=19', 'say=written', 'lines'];
    await using started = await inside(into(target), words, { background: true });
    const { job } = started;
    expect(await job.next()).toMatchObject({ how: 'SIGSTOP' });
    tool('stty', '-F', job.terminal.name, 'tostop');
    job.background();
    expect(await job.next()).toMatchObject({ what: 'stopped', how: 'SIGTTOU' });
    job.foreground();
    await job.terminal.waitFor('written');
    await reads(started, 'word');
    expect(seen(started)).toEqual(['stopped 19', 'stopped 22']);
  });

  it('it never takes the terminal, also not at its end', async () => {
    await using started = await inside(into(target), ['catch=10', 'ready', 'wait'], { background: true });
    const { job, recorder } = started;
    process.kill(recorder.pid(), 'SIGKILL');
    expect(await job.next()).toMatchObject({ how: 'SIGKILL', foreground: job.terminal.pid });
  });
});

describe('where nobody could resume it, tsenter does not stop', () => {
  it('as the leader of a session: its group is orphaned', async () => {
    using recorder = new Recorder(`/proc/${target.pid}/root`);
    const words = into(target).words(
      [...recorder.command, 'catch=10', 'ready', 'lines', 'exit=3'],
      'terminal',
    );
    await using terminal = startTerminal(words);
    await recorder.waitFor('ready');
    const pid = recorder.pid();
    process.kill(pid, 'SIGSTOP');
    await untilState(pid, 'T');
    // A tsenter that had stopped would be continued by this and no more: it hands it on.
    process.kill(terminal.pid, 'SIGCONT');
    terminal.type('word\r');
    await recorder.waitFor('read word\n');
    // It may not be asleep again yet.
    expect(processOf(terminal.pid)?.state).toMatch(/^[RS]$/);
    terminal.type('\x04');
    expect(await terminal.ended).toEqual({ status: 3, signal: null });
  });

  it('without a controlling terminal', async () => {
    await using started = await inside(into(target), ['catch=10', 'ready', 'wait'], {
      script: 'exec setsid --fork --wait "$@"',
    });
    const pid = started.recorder.pid();
    const parent = processOf(pid)?.parent ?? 0;
    process.kill(pid, 'SIGSTOP');
    await untilState(pid, 'T');
    process.kill(pid, 'SIGCONT');
    await untilState(pid, 'S');
    await until('tsenter waits', () => processOf(parent)?.state === 'S');
    process.kill(parent, 'SIGUSR1');
    await started.recorder.waitFor('signal 10 ');
  });
});
