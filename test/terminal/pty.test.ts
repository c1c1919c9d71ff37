/** --pty: a private pseudo-terminal, and the caller's terminal meanwhile and afterwards. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signalName } from '../support/command.ts';
import { until } from '../support/enter.ts';
import { inside } from '../support/inside.ts';
import { startJob } from '../support/job.ts';
import { processOf } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { Recorder } from '../support/recorder.ts';
import { startTarget, type Target } from '../support/targets.ts';
import {
  allSignals,
  freshSettings,
  into,
  outcome,
  startContainer,
  untilGone,
  untilState,
} from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

const pty = (...options: readonly string[]) => into(target, '--pty', ...options);

describe('the program', () => {
  it('has a terminal of the container, leads its session, and is in its foreground', async () => {
    await using started = await inside(pty(), ['about', 'ready', 'wait']);
    const about =
      /pid (\d+) ppid 0 group (\d+) session (\d+) foreground (\d+) controlling yes name (\S+) isatty (\d+)/;
    const [, pid, group, session, foreground, name, isatty] = about.exec(started.recorder.events) ?? [];
    expect([group, session, foreground]).toEqual([pid, pid, pid]);
    expect(name).toBe('/dev/pts/0');
    expect(isatty).toBe('111');
  });

  it('tty(1) says it, and ps and test -t agree', async () => {
    const script = 'tty; test -t 0 && test -t 1 && test -t 2 && echo all; tty </dev/tty';
    await using job = await startJob(pty().words(['/bin/sh', '-c', script], 'terminal'));
    await job.terminal.waitFor('/dev/pts/0\r\nall\r\n/dev/tty\r\n');
    expect(outcome(await job.next())).toBe('exited 0');
  });

  it('without a devpts inside, it has one of the host', async () => {
    await using bare = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
    await using started = await inside(into(bare, '--pty'), ['about', 'ready', 'wait']);
    expect(started.recorder.events).toMatch(/controlling none name none isatty 111 rows 24 columns 80/);
  });

  it('without a mount namespace, it has one of the host', async () => {
    const way = { root: '', words: (words: readonly string[]) => pidOnly(words) };
    await using started = await inside(way, ['about', 'ready', 'wait']);
    const [, name] = /controlling yes name (\S+) isatty 111/.exec(started.recorder.events) ?? [];
    expect(name).toMatch(/^\/dev\/pts\/\d+$/);
    expect(name).not.toBe(started.job.terminal.name);
  });

  it('what is no devpts is not used', async () => {
    await using odd = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(`/proc/${odd.pid}/root/dev/pts`);
    writeFileSync(`/proc/${odd.pid}/root/dev/pts/ptmx`, 'not a terminal');
    await using started = await inside(into(odd, '--pty'), ['about', 'ready', 'wait']);
    expect(started.recorder.events).toMatch(/isatty 111/);
  });

  it.each([
    [80, 24],
    [213, 57],
    [1, 1],
  ])('the window is %i × %i before it runs', async (columns, rows) => {
    await using started = await inside(pty(), ['about', 'ready', 'wait'], { columns, rows });
    expect(started.recorder.events).toContain(`rows ${rows} columns ${columns} `);
  });

  it('each new size arrives, with SIGWINCH', async () => {
    await using started = await inside(pty(), ['catch=28', 'ready', 'wait']);
    for (let count = 1; count <= 5; count++) {
      started.job.terminal.resize(80 + count, 24 + count);
      await until(`SIGWINCH ${count} times`, () => started.recorder.count(28) === count);
    }
    const [pid] = started.recorder.pids();
    expect(pid).toBeDefined();
  });

  it('the last of many sizes is the one', async () => {
    await using started = await inside(pty(), ['ready', 'lines', 'about', 'wait']);
    for (let i = 1; i <= 50; i++) started.job.terminal.resize(80 + i, 24 + i);
    started.job.terminal.type('word\r');
    await started.recorder.waitFor('read word');
    started.job.terminal.type('\x04');
    expect(await started.recorder.about()).toMatchObject({ rows: '74', columns: '130' });
  });

  it('has the settings that the caller had', async () => {
    const script = 'stty -echo erase ^H; "$@"';
    await using started = await inside(pty(), ['about', 'ready', 'wait'], { script });
    expect(started.recorder.events).toContain('echo 0');
  });
});

function pidOnly(words: readonly string[]): string[] {
  const [command = ''] = pty().words([], 'terminal');
  return [command, '-t', String(target.pid), '-p', '--pty', ...words];
}

describe('keys reach only the program', () => {
  it.each([
    ['Ctrl-C', '\x03', 2],
    ['Ctrl-\\', '\x1c', 3],
    ['Ctrl-Z', '\x1a', 20],
  ])('%s, from its own terminal, as soon as it runs', async (_, key, number) => {
    for (let i = 0; i < 20; i++) {
      await using started = await inside(pty(), ['catch=2,3,20', 'ready', 'wait']);
      started.job.terminal.type(key);
      const [, code] = await started.recorder.waitFor(new RegExp(`signal ${number} code (\\d+) `));
      expect(code).toBe('128');
      expect(started.recorder.signals()).toHaveLength(1);
      expect(started.job.events).toBe(`started ${started.job.pid}\n`);
    }
  });

  it('Ctrl-C ends a program that does not handle it, and tsenter alike', async () => {
    await using started = await inside(pty(), ['ready', 'wait']);
    started.job.terminal.type('\x03');
    expect(outcome(await started.job.next())).toBe('killed SIGINT');
  });

  it('Ctrl-S and Ctrl-Q, Ctrl-V, Ctrl-R and all other bytes as they are', async () => {
    const bytes = Buffer.from(Array.from({ length: 127 }, (_, i) => i + 1)).toString('latin1');
    const script = 'stty raw -echo; echo ready; dd bs=1 count=127 2>/dev/null | sha256sum';
    await using job = await startJob(pty().words(['/bin/sh', '-c', script], 'terminal'));
    await job.terminal.waitFor('ready');
    job.terminal.type(bytes);
    const { createHash } = await import('node:crypto');
    await job.terminal.waitFor(createHash('sha256').update(bytes, 'latin1').digest('hex'));
  });
});

/** How tsenter is made to end, and what the shell sees then. */
const ends: readonly (readonly [
  string,
  readonly string[],
  NodeJS.Signals | number | string | null,
  string,
])[] = [
  ['the program exits', ['lines', 'exit=7'], '\x04', 'exited 7'],
  ['the program dies', ['lines', 'kill=11'], '\x04', 'killed SIGSEGV'],
  ['the program is killed', ['lines', 'kill=9'], '\x04', 'killed SIGKILL'],
  ['Ctrl-C', ['wait'], '\x03', 'killed SIGINT'],
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGALRM', 'SIGSEGV', 'SIGABRT'] as const).map(
    (signal) => [`${signal} to tsenter`, ['wait'], signal, `killed ${signal}`] as const,
  ),
  ['SIGRTMAX to tsenter', ['wait'], 64, 'killed SIG64'],
];

describe.each([
  ['--pty', ['--pty']],
  ['--no-pty', ['--no-pty']],
])('%s: the settings of the terminal are as before when', (name, options) => {
  it.each(ends)('%s', async (_, words, how, expected) => {
    await using started = await inside(into(target, ...options), ['ready', ...words]);
    const { job } = started;
    const fresh = await freshSettings();
    if (name === '--pty') await until('raw', () => job.terminal.settings() !== fresh);
    if (typeof how === 'string' && !how.startsWith('SIG')) job.terminal.type(how);
    else if (how !== null) process.kill(job.pid, how as NodeJS.Signals);
    const event = await job.next();
    expect(outcome(event)).toBe(expected);
    expect(event.settings).toBe(fresh);
    expect(event.foreground).toBe(job.pid);
    await untilGone(started.recorder);
  });

  it.each([
    ['a program that is not there', ['/none'], 'exited 127'],
    ['a program that cannot be executed', ['/etc/passwd'], 'exited 126'],
    ['a user that cannot be become', ['-S', '4294967295', '/bin/true'], 'exited 1'],
    ['an option that is not known', ['--none'], 'exited 1'],
  ])('%s', async (_, words, expected) => {
    await using job = await startJob(into(target, ...options).words(words, 'terminal'));
    const event = await job.next();
    expect(outcome(event)).toBe(expected);
    expect(event.settings).toBe(await freshSettings());
    await job.terminal.waitFor(/tsenter:\S* .*\r\n/);
  });
});

/** Those that end a program that leaves them alone. */
const fatal = allSignals.filter((number) => ![9, 17, 18, 19, 20, 21, 22, 23, 28].includes(number));

it('each fatal signal to tsenter: the settings are as before', { timeout: 240_000 }, async () => {
  const fresh = await freshSettings();
  for (const number of fatal) {
    await using started = await inside(pty(), ['ready', 'wait']);
    const { job } = started;
    await until('raw', () => job.terminal.settings() !== fresh);
    process.kill(job.pid, number);
    expect({ number, ...(await job.next()) }).toEqual({
      number,
      what: 'killed',
      how: signalName(number),
      foreground: job.pid,
      settings: fresh,
    });
  }
});

it('each fatal signal to the program: tsenter dies of it, the settings are as before', {
  timeout: 240_000,
}, async () => {
  const fresh = await freshSettings();
  for (const number of [...fatal, 9]) {
    await using started = await inside(pty(), ['ready', 'wait']);
    process.kill(started.recorder.pid(), number);
    expect(await started.job.next()).toMatchObject({
      what: 'killed',
      how: signalName(number),
      settings: fresh,
    });
  }
});

describe('suspended', () => {
  it.each([
    ['SIGTSTP', 'SIGTSTP'],
    ['SIGSTOP of the program', 'SIGSTOP'],
  ] as const)('by %s: the terminal is the shell’s meanwhile, and raw again after fg', async (what, how) => {
    await using started = await inside(pty(), ['ready', 'lines', 'exit=5']);
    const { job, recorder } = started;
    const fresh = await freshSettings();
    for (let count = 1; count <= 5; count++) {
      await until('raw', () => job.terminal.settings() !== fresh);
      const pid = recorder.pid();
      process.kill(what === how ? job.pid : pid, how);
      const event = await job.next();
      expect(event.what).toBe('stopped');
      expect(event.settings).toBe(fresh);
      await untilState(pid, what === how ? (processOf(pid)?.state ?? '') : 'T');
      job.foreground();
      await until('raw again', () => job.terminal.settings() !== fresh);
      job.terminal.type(`word-${count}\r`);
      await recorder.waitFor(`read word-${count}\n`);
    }
    job.terminal.type('\x04');
    expect(await job.next()).toMatchObject({ what: 'exited', how: 5, settings: fresh });
  });

  it('a window that was resized meanwhile has its size after fg', async () => {
    await using started = await inside(pty(), ['ready', 'lines', 'about', 'wait']);
    const { job, recorder } = started;
    process.kill(job.pid, 'SIGTSTP');
    await job.next();
    job.terminal.resize(101, 41);
    job.foreground();
    await until('raw', () => !job.terminal.settings().startsWith('500:5:'));
    job.terminal.type('word\r');
    await recorder.waitFor('read word');
    job.terminal.type('\x04');
    expect(await recorder.about()).toMatchObject({ rows: '41', columns: '101' });
  });
});

describe('in the background', () => {
  it('it stops as a reader of the terminal does, leaves that alone, and one fg is enough', async () => {
    using recorder = new Recorder(pty().root);
    const words = pty().words([...recorder.command, 'ready', 'lines', 'exit=5'], 'terminal');
    await using job = await startJob(words, { background: true });
    const fresh = await freshSettings();
    expect(await job.next()).toEqual({
      what: 'stopped',
      how: 'SIGTTIN',
      foreground: job.terminal.pid,
      settings: fresh,
    });
    job.foreground();
    await recorder.waitFor('ready');
    job.terminal.type('word\r');
    await recorder.waitFor('read word\n');
    job.terminal.type('\x04');
    expect(await job.next()).toMatchObject({ what: 'exited', how: 5, settings: fresh });
  });
});

it('TIOCSTI from inside reaches nothing of the caller’s', async () => {
  const script = '"$@"; echo back; read -r x; echo "got $x"';
  await using started = await inside(pty(), ['ready', 'inject=pushed', 'exit=0'], { script });
  const { job, recorder } = started;
  await recorder.waitFor(/inject/);
  // As long as tsenter is there, what is typed is for the program.
  await job.terminal.waitFor('back');
  job.terminal.type('typed\r');
  await job.terminal.waitFor('got ');
  expect(job.terminal.output).toContain('got typed');
});

it('a terminal that closes reaches the program, and nothing is left', async () => {
  await using started = await inside(pty(), ['catch=1', 'ready', 'wait']);
  started.job.terminal.hangUp();
  process.kill(started.job.pid, 'SIGHUP');
  await started.recorder.waitFor('signal 1 ');
});
