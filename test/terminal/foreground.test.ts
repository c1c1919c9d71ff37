/** Who has the terminal: after an inner shell, beside a pager, in a pipeline. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inside } from '../support/inside.ts';
import { startJob } from '../support/job.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { freshSettings, into, startContainer } from './tsenter.ts';

let target: Target;
let host: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
  host = await startTarget({ namespaces: ['mount', 'pid'] });
});

afterAll(async () => {
  await target?.stop();
  await host?.stop();
});

const script = (command: string): string[] => ['/bin/sh', '-c', command, 'sh'];

describe.each([
  ['a shell of the container', () => into(target).words(['/bin/sh', '-i'], 'terminal')],
  ['bash', () => into(host).words(['/bin/bash', '--norc', '-i'], 'terminal')],
  ['dash', () => into(host).words(['/bin/dash', '-i'], 'terminal')],
])('%s inside, interactive', (_, words) => {
  it('a script reads the terminal afterwards', async () => {
    await using job = await startJob([
      ...script('"$@"; echo "left $?"; read -r x; echo "got $x"'),
      ...words(),
    ]);
    const { terminal } = job;
    const settings = await freshSettings();
    terminal.type('echo in-$((40+2))\r');
    await terminal.waitFor('in-42');
    terminal.type('exit 3\r');
    // dash fails to give the terminal back to a group that it does not see, and says so with its status.
    await terminal.waitFor(/left [23]\r/);
    terminal.type('word\r');
    await terminal.waitFor('got word');
    expect(await job.next()).toEqual({ what: 'exited', how: 0, foreground: job.pid, settings });
  });

  it('killed, it leaves the terminal to the script', async () => {
    await using job = await startJob([
      ...script('"$@"; echo "left $?"; read -r x; echo "got $x"'),
      ...words(),
    ]);
    const { terminal } = job;
    terminal.type('kill -9 $$\r');
    await terminal.waitFor('left 137');
    terminal.type('word\r');
    await terminal.waitFor('got word');
    expect(await job.next()).toMatchObject({ what: 'exited', how: 0, foreground: job.pid });
  });
});

it('a reader behind a pipe has the terminal', async () => {
  const pipe = '"$@" | { cat; read -r x </dev/tty; echo "got $x"; }';
  const words = ['ready', 'say=through', 'exit=0'];
  await using started = await inside(into(target), words, { script: pipe });
  const { terminal } = started.job;
  await terminal.waitFor('through');
  terminal.type('word\r');
  await terminal.waitFor('got word');
});

it('it reads the terminal itself, before a pipe', async () => {
  await using started = await inside(into(target), ['ready', 'read', 'say=answer', 'exit=0'], {
    script: '"$@" | cat',
  });
  started.job.terminal.type('word\r');
  await started.recorder.waitFor('read word');
  await started.job.terminal.waitFor('answer');
});

it('Ctrl-C ends a pipeline, and the script that has started it', async () => {
  await using started = await inside(into(target), ['ready', 'wait'], {
    script: 'for i in 1 2 3; do "$@" | cat; done',
  });
  started.job.terminal.type('\x03');
  expect(await started.job.next()).toMatchObject({ what: 'killed', how: 'SIGINT' });
});

it('the program sees the foreground group of its terminal as nsenter shows it', async () => {
  await using started = await inside(into(target), ['about', 'ready', 'wait']);
  // Groups of another PID namespace have no number there.
  expect(started.recorder.events).toMatch(/group 0 session 0 foreground 0 controlling yes/);
});
