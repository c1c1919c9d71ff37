/** What the other tests of this layer rely on: the terminal, the job and the recorder themselves. */
import { beforeAll, expect, it } from 'vitest';
import { startJob } from '../support/job.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import { startTerminal } from '../support/terminal.ts';

beforeAll(buildPrograms);

it('a terminal: its name, size and settings, what is typed, how the leader ends', async () => {
  const terminal = startTerminal(['/bin/sh', '-c', 'tty; stty size; stty -g; read x; stty size; exit 7'], {
    columns: 91,
    rows: 17,
  });
  await terminal.waitFor(`${terminal.name}\r\n17 91\r\n${terminal.settings()}\r\n`);
  expect(terminal.foreground()).toBe(terminal.pid);
  terminal.resize(90, 16);
  terminal.type('x\r');
  await terminal.waitFor('16 90');
  expect(await terminal.ended).toEqual({ status: 7, signal: null });
});

it('hangs up', async () => {
  using recorder = new Recorder();
  const terminal = startTerminal([...recorder.command, 'catch=all', 'ready', 'wait']);
  await recorder.waitFor('ready');
  terminal.hangUp();
  await recorder.waitFor(/signal 1 code 128/);
  await terminal.stop();
});

it('kills what was started there, wherever it went', async () => {
  using recorder = new Recorder();
  const terminal = startTerminal([...recorder.command, 'ignore=1,2,15', 'keep', 'setsid', 'ready', 'wait']);
  await recorder.waitFor('ready');
  expect(terminal.survivors()).toHaveLength(1);
  await terminal.stop();
  expect(recorder.pids()).toEqual([]);
});

it('a job: stops, goes on in the foreground, and ends', async () => {
  using recorder = new Recorder();
  await using job = await startJob([
    ...recorder.command,
    'catch=2',
    'ready',
    'kill=19',
    'ready',
    'lines',
    'exit=5',
  ]);
  const before = job.terminal.settings();
  await recorder.waitFor('ready');
  expect(await job.next()).toEqual({
    what: 'stopped',
    how: 'SIGSTOP',
    foreground: job.pid,
    settings: before,
  });
  expect(job.terminal.foreground()).toBe(job.terminal.pid);
  job.foreground();
  await recorder.waitFor('ready');
  job.terminal.type('\x03');
  await recorder.waitFor('signal 2 code 128 pid 0 ');
  job.terminal.type('\x04');
  expect(await job.next()).toEqual({ what: 'exited', how: 5, foreground: job.pid, settings: before });
});

it('a recorder takes all signals but two', async () => {
  using recorder = new Recorder();
  await using job = await startJob([...recorder.command, 'catch=all', 'ready', 'wait']);
  await recorder.waitFor('ready');
  const numbers = Array.from({ length: 64 }, (_, i) => i + 1).filter((number) => ![9, 19].includes(number));
  for (const number of numbers) {
    process.kill(job.pid, number);
    await recorder.waitFor(`signal ${number} code 0 pid ${process.pid} `);
  }
  expect(recorder.signals().map(({ number }) => number)).toEqual(numbers);
});

it('an editor restores the terminal before it stops', async () => {
  using recorder = new Recorder();
  await using job = await startJob([...recorder.command, 'editor', 'ready', 'wait']);
  await recorder.waitFor('ready');
  const raw = job.terminal.settings();
  job.terminal.type('\x1a');
  const { settings } = await job.next();
  expect(settings).not.toBe(raw);
  expect(recorder.events).toContain('restored\n');
});
