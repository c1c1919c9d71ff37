/** The shells that people have: tsenter as their job, with and without a terminal of its own. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable } from '../support/command.ts';
import { scratch, until } from '../support/enter.ts';
import type { Way } from '../support/inside.ts';
import { defaultEnv } from '../support/launch.ts';
import { mustRun } from '../support/must-run.ts';
import { hasTerminal, type Process, processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import type { Target } from '../support/targets.ts';
import { startTerminal, type Terminal } from '../support/terminal.ts';
import { directly, into, startContainer, untilState } from './tsenter.ts';

let target: Target;
/** Where they leave their histories. */
const home = scratch();

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(async () => {
  await target?.stop();
  home[Symbol.dispose]();
});

interface Shell {
  readonly name: string;
  readonly words: readonly string[];
  /** The status of the last command. */
  readonly status: string;
}

const PROMPT = 'prompt> ';

const shells: readonly Shell[] = [
  { name: 'bash', words: ['/bin/bash', '--norc', '--noprofile', '-i'], status: '$?' },
  { name: 'zsh', words: ['/bin/zsh', '-f', '-i', '+Z', '-o', 'NO_PROMPT_SP'], status: '$?' },
  { name: 'dash', words: ['/bin/dash', '-i'], status: '$?' },
  {
    name: 'fish',
    words: ['/usr/bin/fish', '--no-config', '-i', '-C', `function fish_prompt; echo -n '${PROMPT}'; end`],
    status: '$status',
  },
];

/** At its prompt, with the terminal as it wants it. */
async function startShell(shell: Shell): Promise<Terminal> {
  const env = { ...defaultEnv, HOME: home.path, PS1: PROMPT, LC_ALL: 'C.UTF-8' };
  const terminal = startTerminal(shell.words, { columns: 300, env });
  await terminal.waitFor(PROMPT);
  await untilIdle(terminal);
  return terminal;
}

/** It waits for a key, in its own foreground: what is typed is for it. */
async function untilIdle(terminal: Terminal): Promise<void> {
  await until('the shell reads', () => {
    const { foreground, group, state } = processOf(terminal.pid) ?? {};
    return state === 'S' && foreground === group;
  });
}

async function prompt(terminal: Terminal): Promise<void> {
  await terminal.waitFor(PROMPT);
  await untilIdle(terminal);
}

const quote = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');

/** The status of the last command, as the shell tells it. */
async function status(shell: Shell, terminal: Terminal): Promise<string> {
  terminal.type(`echo status-${shell.status}-\r`);
  const [, number = ''] = await terminal.waitFor(/status-(\d+)-/);
  await prompt(terminal);
  return number;
}

for (const shell of shells) {
  const there = isExecutable(shell.words[0] ?? '') || mustRun(`${shell.name} is not installed`);
  describe.skipIf(!there)(shell.name, () => {
    it.each([
      ['Ctrl-C', ['wait'], '\x03', '130'],
      ['an exit', ['lines', 'exit=7'], '\x04', '7'],
      ['a death', ['lines', 'kill=15'], '\x04', '143'],
    ])('%s: the status, and the settings', async (_, words, key, expected) => {
      for (const options of [[], ['--pty']]) {
        using recorder = new Recorder(into(target).root);
        await using terminal = await startShell(shell);
        const settings = terminal.settings();
        terminal.type(
          `${quote(into(target, ...options).words([...recorder.command, 'ready', ...words], 'terminal'))}\r`,
        );
        await recorder.waitFor('ready');
        terminal.type(key);
        await prompt(terminal);
        expect(await status(shell, terminal)).toBe(expected);
        expect(terminal.settings()).toBe(settings);
        expect(recorder.pids()).toEqual([]);
      }
    });

    // Some shells tell another status after fg: what they tell without tsenter is right.
    it('Ctrl-Z, then fg: once', async () => {
      expect(await stopped(shell, into(target))).toBe(await stopped(shell, directly));
    });

    it('--pty: suspended by SIGTSTP, then fg', async () => {
      using recorder = new Recorder(into(target).root);
      await using terminal = await startShell(shell);
      const settings = terminal.settings();
      const words = into(target, '--pty').words(
        [...recorder.command, 'ready', 'lines', 'exit=3'],
        'terminal',
      );
      terminal.type(`${quote(words)}\r`);
      await recorder.waitFor('ready');
      const outer = processOf(recorder.pid())?.parent ?? 0;
      process.kill(outer, 'SIGTSTP');
      await prompt(terminal);
      expect(terminal.settings()).toBe(settings);
      terminal.type('fg\r');
      await until('raw', () => terminal.foreground() === outer && terminal.settings() !== settings);
      terminal.type('word\r');
      await recorder.waitFor('read word\n');
      terminal.type('\x04');
      await prompt(terminal);
      expect(terminal.settings()).toBe(settings);
    });

    it('in the background, then fg: once', async () => {
      expect(await inBackground(shell, into(target))).toBe(await inBackground(shell, directly));
    });

    it('--pty: job control of a shell inside', async () => {
      await using terminal = await startShell(shell);
      const settings = terminal.settings();
      terminal.type(
        `${quote(into(target, '--pty').words(['/bin/env', 'PS1=inner> ', '/bin/sh', '-i'], 'terminal'))}\r`,
      );
      await terminal.waitFor('inner> ');
      await until('the shell inside reads', () => insideReads(terminal));
      expect(terminal.output).not.toContain('job control turned off');
      terminal.type('sleep 1000\r');
      await terminal.waitFor('sleep 1000\r\n');
      await until('sleep runs', () => sleeps(terminal).some(hasTerminal));
      terminal.type('\x1a');
      await terminal.waitFor('Stopped');
      await terminal.waitFor('inner> ');
      terminal.type('jobs\r');
      await terminal.waitFor(/Stopped +sleep 1000/);
      terminal.type('bg\r');
      await until('it goes on', () => sleeps(terminal)[0]?.state === 'S');
      terminal.type('fg\r');
      await until('it has the terminal', () => sleeps(terminal).some(hasTerminal));
      terminal.type('\x03');
      await until('it ends', () => sleeps(terminal).length === 0);
      await terminal.waitFor('inner> ');
      terminal.type('exit 9\r');
      await prompt(terminal);
      expect(await status(shell, terminal)).toBe('9');
      expect(terminal.settings()).toBe(settings);
    });

    it('leaves nothing when its terminal is closed', async () => {
      for (const options of [[], ['--pty']]) {
        using recorder = new Recorder(into(target).root);
        await using terminal = await startShell(shell);
        terminal.type(
          `${quote(into(target, ...options).words([...recorder.command, 'ready', 'wait'], 'terminal'))}\r`,
        );
        await recorder.waitFor('ready');
        terminal.hangUp();
        await until('the program ends', () => recorder.pids().length === 0);
      }
    });
  });
}

/** The status after three times Ctrl-Z and fg. */
async function stopped(shell: Shell, way: Way): Promise<string> {
  using recorder = new Recorder(way.root);
  await using terminal = await startShell(shell);
  const settings = terminal.settings();
  terminal.type(`${quote(way.words([...recorder.command, 'ready', 'lines', 'exit=3'], 'terminal'))}\r`);
  await recorder.waitFor('ready');
  for (let count = 1; count <= 3; count++) {
    terminal.type('\x1a');
    await prompt(terminal);
    await untilState(recorder.pid(), 'T');
    expect(terminal.settings()).toBe(settings);
    terminal.type('fg\r');
    await untilState(recorder.pid(), 'S');
    terminal.type(`word-${count}\r`);
    await recorder.waitFor(`read word-${count}\n`);
  }
  terminal.type('\x04');
  await prompt(terminal);
  expect(terminal.settings()).toBe(settings);
  return await status(shell, terminal);
}

/** The status after one fg of a job that reads the terminal. */
async function inBackground(shell: Shell, way: Way): Promise<string> {
  using recorder = new Recorder(way.root);
  await using terminal = await startShell(shell);
  terminal.type(
    `${quote(way.words([...recorder.command, 'ready', 'read', 'lines', 'exit=3'], 'terminal'))} &\r`,
  );
  await recorder.waitFor('ready');
  const pid = recorder.pid();
  await untilState(pid, 'T');
  // What the shell knows as its job.
  const waiting = processOf(pid)?.parent ?? 0;
  if (waiting !== terminal.pid) await untilState(waiting, 'T');
  await untilIdle(terminal);
  terminal.type('fg\r');
  await untilState(pid, 'S');
  terminal.type('word\r');
  await recorder.waitFor('read word\n');
  terminal.type('\x04');
  await prompt(terminal);
  return await status(shell, terminal);
}

/** Busybox, asleep in the foreground of its own terminal. */
function insideReads(terminal: Terminal): boolean {
  return terminal.survivors().some((process) => process.command === 'sh' && hasTerminal(process));
}

function sleeps(terminal: Terminal): Process[] {
  return terminal.survivors().filter(({ command }) => command === 'sleep');
}
