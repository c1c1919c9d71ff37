/** What stands before tsenter in a command line: timeout, setsid, nohup, loops. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { shell, until } from '../support/enter.ts';
import { inside } from '../support/inside.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { into, startContainer, untilGone } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

it.each([
  ['timeout 3', ['ready', 'wait'], 124],
  ['timeout --foreground 3', ['ready', 'wait'], 124],
  ['timeout -s INT 3', ['ready', 'wait'], 124],
  ['timeout -k 0.5 3', ['ignore=15', 'ready', 'wait'], 137],
  ['timeout --foreground -k 0.5 3', ['ignore=15', 'ready', 'wait'], 137],
  ['timeout --foreground -s KILL 3', ['ready', 'wait'], 137],
])('%s: nothing survives', async (command, words, status) => {
  await using started = await inside(into(target), words, { script: `${command} "$@"; exit $?` });
  expect(await started.job.next({ timeout: 60_000 })).toMatchObject({ what: 'exited', how: status });
  await untilGone(started.recorder);
});

it('setsid: no controlling terminal, and signals arrive', async () => {
  await using started = await inside(into(target), ['about', 'catch=15', 'ready', 'wait'], {
    script: 'exec setsid --fork --wait "$@"',
  });
  const { recorder } = started;
  expect(recorder.events).toMatch(/foreground -1 controlling none/);
  process.kill(processOf(recorder.pid())?.parent ?? 0, 'SIGTERM');
  await recorder.waitFor('signal 15');
});

it('setsid --wait: the status', async () => {
  const { status } = await shell('setsid --wait "$T" -t "$1" -m -p /probe exit 7', [String(target.pid)]);
  expect(status).toBe(7);
});

it('nohup: SIGHUP ends neither', async () => {
  await using started = await inside(into(target), ['catch=10', 'ready', 'wait'], {
    script: 'exec nohup "$@" 2>/dev/null >/dev/null',
  });
  const { job, recorder } = started;
  process.kill(job.pid, 'SIGHUP');
  process.kill(recorder.pid(), 'SIGHUP');
  process.kill(job.pid, 'SIGUSR1');
  await recorder.waitFor('signal 10 ');
  process.kill(recorder.pid(), 'SIGTERM');
  expect(await job.next()).toMatchObject({ what: 'killed', how: 'SIGTERM' });
});

it('a loop of a shell, as watch does it, ends at Ctrl-C', async () => {
  await using started = await inside(into(target), ['ready', 'exit=0'], { script: 'while "$@"; do :; done' });
  const { job, recorder } = started;
  for (let i = 0; i < 5; i++) await recorder.waitFor('ready');
  job.terminal.type('\x03');
  expect(await job.next()).toMatchObject({ what: 'killed', how: 'SIGINT' });
  await untilGone(recorder);
});

it('watch itself shows it, again and again', async () => {
  await using started = await inside(into(target), ['ready', 'say=seen', 'exit=0'], {
    script: 'exec watch -n 0.1 -x "$@"',
  });
  const { job, recorder } = started;
  const settings = job.terminal.settings();
  for (let i = 0; i < 3; i++) await recorder.waitFor('ready');
  await job.terminal.waitFor('seen');
  job.terminal.type('\x03');
  const event = await job.next();
  expect(event.what).not.toBe('stopped');
  expect(settings).not.toBe('');
});

it('xargs and a pipe into it', async () => {
  const { stdout, status } = await shell('printf "%s\\n" a b c | xargs -n 1 "$T" -t "$1" -m -p echo', [
    String(target.pid),
  ]);
  expect(stdout.toString()).toBe('a\nb\nc\n');
  expect(status).toBe(0);
});

it('$(…) ends when the program has closed its output, not when it ends', async () => {
  await using started = await inside(into(target), ['say=first', 'close', 'ready', 'wait'], {
    script: '"$@" | cat; read -r x </dev/tty; echo "got $x"',
  });
  const { terminal } = started.job;
  await terminal.waitFor('first');
  // The shell waits for tsenter as well, but cat is gone.
  const cats = (): boolean =>
    terminal.survivors().some(({ command, state }) => state !== 'Z' && command === 'cat');
  await until('the end of cat', () => !cats());
  expect(started.recorder.pids()).toHaveLength(1);
});
