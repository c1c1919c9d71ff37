/** --escape: what gives the terminal back, whatever the program does. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { until } from '../support/enter.ts';
import { FreezableCgroup, freezers } from '../support/freezer.ts';
import { inside } from '../support/inside.ts';
import { startJob } from '../support/job.ts';
import { mustRun } from '../support/must-run.ts';
import { hasTerminal, processOf, signal } from '../support/processes.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { startTerminal } from '../support/terminal.ts';
import { freshSettings, into, outcome, startContainer, untilGone } from './tsenter.ts';

let target: Target;
let fresh: string;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
  fresh = await freshSettings();
});

afterAll(() => target?.stop());

const pty = (...options: readonly string[]) => into(target, '--pty', ...options);

const NOT_ENDED =
  ' wait for the program: Operation canceled\r\n' +
  'Its terminal has hung up, but it has not ended: it may be frozen, or ignore that.\r\n';

describe('~. hangs up', () => {
  it('at once, and the program has the end that it makes of that', async () => {
    await using started = await inside(pty(), ['ready', 'wait']);
    started.job.terminal.type('~.');
    const end = await started.job.next();
    expect([outcome(end), end.settings]).toEqual(['killed SIGHUP', fresh]);
    await untilGone(started.recorder);
  });

  it('one that ends otherwise', async () => {
    await using started = await inside(pty(), ['catch=1', 'ready', 'read', 'exit=7']);
    started.job.terminal.type('\r~.');
    expect(outcome(await started.job.next())).toBe('exited 7');
  });

  it('one that ignores it is killed with tsenter', async () => {
    await using started = await inside(pty(), ['ignore=1', 'ready', 'wait']);
    started.job.terminal.type('~.');
    const end = await started.job.next();
    expect([outcome(end), end.settings]).toEqual(['exited 129', fresh]);
    await started.job.terminal.waitFor(NOT_ENDED);
    await untilGone(started.recorder);
  });

  it('with --no-kill-child that one goes on', async () => {
    await using started = await inside(pty('--no-kill-child'), ['ignore=1', 'catch=64', 'ready', 'wait']);
    started.job.terminal.type('~.');
    expect(outcome(await started.job.next())).toBe('exited 129');
    signal(started.recorder.pid(), 64);
    await started.recorder.waitFor('signal 64 ');
  });

  it('one that does not take what was pasted: most of a megabyte', async () => {
    const program = ['/bin/sh', '-c', 'stty raw -echo; echo ready; exec sleep 1000'];
    await using job = await startJob(pty().words(program, 'terminal'));
    await job.terminal.waitFor('ready');
    job.terminal.type(`${'all work and no play\r'.repeat(45_000)}~.`);
    const end = await job.next({ timeout: 60_000 });
    expect([outcome(end), end.settings]).toEqual(['killed SIGHUP', fresh]);
  });

  const there = freezers.length > 0 || mustRun('no cgroup can be frozen');

  it.skipIf(!there).each(freezers)(
    'one that is frozen by cgroup version $version, with much that it has not read',
    async (freezer) => {
      await using cgroup = new FreezableCgroup(freezer);
      await using started = await inside(pty(), ['ready', 'wait']);
      using _frozen = await cgroup.freeze(started.recorder.pid());
      for (let line = 0; line < 50; line++) started.job.terminal.type(`${'x'.repeat(1000)}\r`);
      started.job.terminal.type('\x03~');
      started.job.terminal.type('\r~');
      started.job.terminal.type('.');
      const end = await started.job.next();
      // In version 2 a signal that is fatal ends it even so.
      expect([outcome(end), end.settings]).toEqual([
        freezer.version === 1 ? 'exited 129' : 'killed SIGHUP',
        fresh,
      ]);
      cgroup.thaw();
      await untilGone(started.recorder);
    },
  );
});

describe('~^Z stops tsenter', () => {
  it('and fg continues it', async () => {
    await using started = await inside(pty(), ['ready', 'lines']);
    const { job, recorder } = started;
    for (let count = 1; count <= 2; count++) {
      job.terminal.type(`~\x1aword ${count}\r`);
      const event = await job.next();
      expect([outcome(event), event.settings]).toEqual(['stopped SIGTSTP', fresh]);
      job.foreground();
      await recorder.waitFor(`read word ${count}\n`);
    }
    job.terminal.type('\x04');
    expect(outcome(await job.next())).toBe('exited 0');
  });

  it('together with what waits for it', async () => {
    const script = '"$@"; echo "left $?"';
    await using started = await inside(pty(), ['ready', 'read', 'exit=3'], { script });
    const { job, recorder } = started;
    job.terminal.type('~\x1a');
    expect(outcome(await job.next())).toBe('stopped SIGTSTP');
    expect(processOf(job.pid)?.state).toBe('T');
    job.foreground();
    job.terminal.type('word\r');
    await recorder.waitFor('read word\n');
    await job.terminal.waitFor('left 3');
  });
});

describe('what is typed for the program', () => {
  /** What it gets of these lines, by the rule of ssh(1). */
  const received = (line: string): string => (line.startsWith('~~') ? line.slice(1) : line);

  it.each([
    ['~~', '~'],
    ['~~.', '~.'],
    ['~~~', '~~'],
    ['~/bin/x', '~/bin/x'],
    ['~', '~'],
    ['x~.', 'x~.'],
    [' ~.', ' ~.'],
    ['~x~.', '~x~.'],
  ])('%j is %j', async (line, expected) => {
    expect(received(line)).toBe(expected);
    await using started = await inside(pty(), ['ready', 'lines']);
    started.job.terminal.type(`first\r${line}\r`);
    await started.recorder.waitFor(`read first\nread ${expected}\n`);
    for (const key of `${line}\r`) started.job.terminal.type(key);
    await started.recorder.waitFor(`read ${expected}\n`);
  });

  it('any lines, in any pieces', async () => {
    const line = fc
      .string({ unit: fc.constantFrom('~', 'a', '.', '?', ' '), maxLength: 6 })
      .filter((text) => !/^~[.?]/.test(text) && text !== '');
    const typed = fc.array(fc.tuple(line, fc.integer({ min: 1, max: 9 })), { minLength: 20, maxLength: 20 });
    await using started = await inside(pty(), ['ready', 'lines']);
    await fc.assert(
      fc.asyncProperty(typed, async (lines) => {
        const bytes = lines.map(([text]) => `${text}\r`).join('');
        const [size = 1] = lines.map(([, piece]) => piece);
        for (let at = 0; at < bytes.length; at += size) started.job.terminal.type(bytes.slice(at, at + size));
        await started.recorder.waitFor(lines.map(([text]) => `read ${received(text)}\n`).join(''));
      }),
      { numRuns: 30 },
    );
  });

  it('a megabyte at once', { timeout: 120_000 }, async () => {
    const bytes = 'all work and no play\r~makes\r'.repeat(40_000);
    const script = `stty raw -echo; echo ready; head -c ${bytes.length} | sha256sum`;
    await using job = await startJob(pty().words(['/bin/sh', '-c', script], 'terminal'));
    await job.terminal.waitFor('ready');
    job.terminal.type(bytes);
    await job.terminal.waitFor(createHash('sha256').update(bytes).digest('hex'), { timeout: 60_000 });
  });

  it('input that comes from no terminal', async () => {
    const outcome = await run(pty().words(['/bin/sh', '-c', 'cat'], 'pipe'), { stdin: '~.\n~?\n~~\n' });
    expect(outcome.stdout.toString()).toBe('~.\r\n~?\r\n~~\r\n');
    expect(outcome.status).toBe(0);
  });
});

it('a hang-up stays one, whatever is typed with it', async () => {
  await using started = await inside(pty(), ['ready', 'wait']);
  started.job.terminal.type('~.~\x1a');
  expect(outcome(await started.job.next())).toBe('killed SIGHUP');
});

describe('what a terminal sends by itself does not begin a line', () => {
  it.each([
    ['where the cursor is', '\x1b[24;80R'],
    ['what it is', '\x1b[?62;22c'],
    ['what it is, in more words', '\x1b[>41;354;0c'],
    ['that it is well', '\x1b[0n'],
    ['a mode', '\x1b[?2026;2$y'],
    ['its size', '\x1b[8;24;80t'],
    ['how it sends keys', '\x1b[?0u'],
    ['that it has the focus', '\x1b[I'],
    ['that it has it no more', '\x1b[O'],
    ['a colour', '\x1b]11;rgb:0000/0000/0000\x07'],
    ['a colour, with the other end', '\x1b]11;rgb:0000/0000/0000\x1b\\'],
    ['its name', '\x1bP>|XTerm(390)\x1b\\'],
    ['several of them', '\x1b]11;rgb:0/0/0\x1b\\\x1b[?1u\x1b[1;1R\x1b[?1c'],
  ])('%s', async (_, answer) => {
    await using started = await inside(pty(), ['ready', 'wait']);
    started.job.terminal.type(answer);
    started.job.terminal.type('~.');
    expect(outcome(await started.job.next())).toBe('killed SIGHUP');
    await using other = await inside(pty(), ['ready', 'lines']);
    other.job.terminal.type(`x${answer}~.\r`);
    await other.recorder.waitFor('~.\n');
    for (const key of `${answer}~.`) other.job.terminal.type(key);
    expect(outcome(await other.job.next())).toBe('killed SIGHUP');
  });

  it.each([
    ['an arrow', '\x1b[A'],
    ['a function key', '\x1b[15~'],
    ['one with a modifier', '\x1b[1;5C'],
    ['another kind of arrow', '\x1bOA'],
    ['Alt and a letter', '\x1bx'],
    ['ESC', '\x1b'],
    ['a paste', '\x1b[200~'],
  ])('but %s is a key', async (_, key) => {
    await using started = await inside(pty(), ['ready', 'lines']);
    started.job.terminal.type(`${key}~.\r`);
    await started.recorder.waitFor('~.\n');
  });

  it.each(['\x1b]', '\x1bP', '\x1b[', '\x1b[?'])('nor does what only looks like it last: %j', async (key) => {
    await using started = await inside(pty(), ['ready', 'wait']);
    started.job.terminal.type(`${key}word\r~.`);
    expect(outcome(await started.job.next())).toBe('killed SIGHUP');
  });

  it('at the prompt of a shell that asks', async () => {
    await using job = await startJob(pty().words(['/bin/busybox', 'sh', '-i'], 'terminal'));
    await job.terminal.waitFor('\x1b[6n');
    job.terminal.type('\x1b[1;3R');
    job.terminal.type('~.');
    const end = await job.next();
    expect(end.settings).toBe(fresh);
  });
});

it('~? lists them', async () => {
  await using started = await inside(pty('--escape=^]'), ['ready', 'lines']);
  started.job.terminal.type('\x1d?word\r');
  const list =
    '\r\n^]. hang up and end\r\n^]^Z stop tsenter, until fg\r\n^]? this list\r\n^]^] the character itself\r\n';
  await started.job.terminal.waitFor(list);
  await started.recorder.waitFor('read word\n');
});

describe('another character', () => {
  it('--escape=^]', async () => {
    await using started = await inside(pty('--escape=^]'), ['ready', 'lines']);
    started.job.terminal.type('~.\r');
    await started.recorder.waitFor('read ~.\n');
    started.job.terminal.type('\x1d.');
    expect(outcome(await started.job.next())).toBe('killed SIGHUP');
  });

  it('none', async () => {
    await using started = await inside(pty('--escape', 'none'), ['ready', 'lines']);
    started.job.terminal.type('~.\r~?\r~~\r');
    await started.recorder.waitFor('read ~.\nread ~?\nread ~~\n');
  });

  it('in TSENTER_OPTIONS, and the command line has the last word', async () => {
    const script = 'TSENTER_OPTIONS=--escape=% exec "$@"';
    await using started = await inside(pty(), ['ready', 'lines'], { script });
    started.job.terminal.type('~.\r');
    await started.recorder.waitFor('read ~.\n');
    started.job.terminal.type('%.');
    expect(outcome(await started.job.next())).toBe('killed SIGHUP');
    await using other = await inside(pty('--escape=none'), ['ready', 'lines'], { script });
    other.job.terminal.type('%.\r');
    await other.recorder.waitFor('read %.\n');
  });
});

describe('the library', () => {
  const script = (options: string) => [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { spawn } from ${JSON.stringify(`${repository}/dist/lib/index.js`)};
     const child = spawn('sh', ['-c', 'read line; echo got $line; exec sleep 1000'], {
       target: ${target.pid}, namespaces: ['mount', 'pid'], pty: true, stdio: 'inherit', ${options}
     });
     child.entered.then(() => console.log('entered'));
     child.on('close', (code, signal) => console.log('closed', signal));`,
  ];

  it.each([
    ['', '~.', ''],
    ['escape: "^]"', '~.', '\x1d.'],
  ])('{ %s }', async (options, typed, left) => {
    await using terminal = await startTerminal(script(options));
    await terminal.waitFor('entered');
    terminal.type(`${typed}\r`);
    await terminal.waitFor(`got ${typed}`);
    if (left === '') return;
    terminal.type(left);
    await terminal.waitFor('closed SIGHUP');
  });
});

it('two in one another: each has its own', async () => {
  await using outer = await inside(pty(), ['ready', 'wait']);
  await until('it has the terminal', () => {
    const found = processOf(outer.recorder.pid());
    return found !== undefined && hasTerminal(found);
  });
  outer.job.terminal.type('~~.');
  outer.job.terminal.type('\r~.');
  expect(outcome(await outer.job.next())).toBe('killed SIGHUP');
});
