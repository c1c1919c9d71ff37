/** Whole screens, in tmux: what a person sees. */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable } from '../support/command.ts';
import { scratch, tool, until } from '../support/enter.ts';
import { mustRun } from '../support/must-run.ts';
import { hasTerminal, type Process, processesWith } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { into, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

class Tmux implements Disposable {
  readonly #directory = scratch();
  readonly #socket = `${this.#directory.path}/tmux-${randomUUID().slice(0, 8)}`;

  /** In the environment of everything inside. */
  readonly #mark = `TSENTER_TEST_TERMINAL=${randomUUID()}`;

  constructor(command: readonly string[], columns = 80, rows = 24) {
    const size = ['-x', String(columns), '-y', String(rows)];
    this.run(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      ...size,
      '-e',
      'PS1=outer> ',
      '-e',
      this.#mark,
      ...command,
    );
    this.run('set-option', '-g', 'window-size', 'manual');
  }

  run(...words: readonly string[]): string {
    return tool('tmux', '-S', this.#socket, ...words);
  }

  keys(...keys: readonly string[]): void {
    this.run('send-keys', ...keys);
  }

  type(text: string): void {
    this.run('send-keys', '-l', text);
    this.keys('Enter');
  }

  screen(): string {
    return this.run('capture-pane', '-p').trimEnd();
  }

  async shows(pattern: RegExp): Promise<void> {
    let seen = '';
    await until(`${pattern} on the screen`, () => {
      seen = this.screen();
      return pattern.test(seen);
    }).catch(() => {
      throw new Error(`no ${pattern} on the screen:\n${seen}`);
    });
  }

  /** What is typed before that is echoed by whoever had the terminal, or not at all. */
  hasInForeground(command: string): Promise<void> {
    return until(`${command} has the terminal`, () => this.processes(command).some(hasTerminal));
  }

  processes(command: string): Process[] {
    return processesWith(this.#mark).filter((process) => process.command === command);
  }

  [Symbol.dispose](): void {
    spawnSync('tmux', ['-S', this.#socket, 'kill-server']);
    this.#directory[Symbol.dispose]();
  }
}

const there = isExecutable('/usr/bin/tmux') || mustRun('tmux is not installed');
const quote = (words: readonly string[]): string => words.map((word) => `'${word}'`).join(' ');
const bash = ['/bin/bash', '--norc', '--noprofile', '-i'];

describe.skipIf(!there)('in tmux', () => {
  it('a session inside looks as one outside', async () => {
    using tmux = new Tmux(bash, 100, 20);
    await tmux.shows(/^outer> $|^outer>$/);
    tmux.type('clear');
    tmux.type(quote(into(target, '--pty').words(['/bin/env', 'PS1=inner> ', '/bin/sh', '-i'], 'terminal')));
    await tmux.shows(/inner>$/);
    tmux.keys('C-l');
    tmux.type('clear; tty; stty size; echo $((6*7))');
    await tmux.shows(/^\/dev\/pts\/0\n20 100\n42\ninner>$/);
    tmux.run('resize-window', '-x', '70', '-y', '15');
    tmux.type('clear; stty size');
    await tmux.shows(/^15 70\ninner>$/);
    tmux.type('exit');
    await tmux.shows(/outer>$/);
    tmux.type('clear; echo back; stty -a | grep -o " -icanon\\| icanon"');
    await tmux.shows(/back\n icanon\nouter>$/);
  });

  it('an inner job is stopped and continued, and Ctrl-C is its', async () => {
    using tmux = new Tmux(bash);
    await tmux.shows(/^outer>$/);
    tmux.type(quote(into(target, '--pty').words(['/bin/env', 'PS1=inner> ', '/bin/sh', '-i'], 'terminal')));
    await tmux.shows(/inner>$/);
    tmux.type('clear; sleep 1000');
    await tmux.hasInForeground('sleep');
    tmux.keys('C-z');
    await tmux.shows(/Stopped.*sleep 1000\ninner>$/);
    tmux.type('fg');
    await tmux.hasInForeground('sleep');
    tmux.keys('C-c');
    await tmux.shows(/\^C\ninner>$/);
    tmux.type('exit');
    await tmux.shows(/outer>$/);
  });

  it('without --pty, Ctrl-Z stops tsenter and fg continues it', async () => {
    using tmux = new Tmux(bash);
    await tmux.shows(/^outer>$/);
    tmux.type(`clear; ${quote(into(target).words(['/bin/cat'], 'terminal'))}`);
    await tmux.hasInForeground('cat');
    tmux.type('first');
    await tmux.shows(/first\nfirst$/);
    tmux.keys('C-z');
    await tmux.shows(/Stopped[\s\S]*\nouter>$/);
    tmux.type('fg');
    await tmux.hasInForeground('cat');
    tmux.type('second');
    await tmux.shows(/second\nsecond$/);
    tmux.keys('C-d');
    await tmux.shows(/second\nouter>$/);
    expect(tmux.screen()).toContain('first\nfirst');
  });

  it.skipIf(!isExecutable('/usr/bin/less') && !mustRun('less is not installed'))(
    'a pager behind it',
    async () => {
      using tmux = new Tmux(bash, 80, 10);
      await tmux.shows(/^outer>$/);
      tmux.type(`${quote(into(target).words(['/bin/seq', '100000'], 'pipe'))} | less`);
      await tmux.shows(/^1\n2\n3\n/);
      tmux.keys('Space');
      await tmux.shows(/^10\n11\n12\n/);
      tmux.keys('q');
      await tmux.shows(/outer>$/);
      tmux.type('clear; echo back');
      await tmux.shows(/^back\nouter>$/);
    },
  );

  it('a window that is closed leaves nothing inside', async () => {
    using tmux = new Tmux(bash);
    await tmux.shows(/^outer>$/);
    tmux.type(
      quote(into(target, '--pty').words(['/bin/sh', '-c', 'echo there; exec sleep 1000'], 'terminal')),
    );
    await tmux.shows(/there$/);
    tmux.run('kill-session');
    await until('nothing is left', () => tmux.processes('sleep').length === 0);
  });
});
