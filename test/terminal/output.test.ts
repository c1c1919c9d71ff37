/** --pty with an output that is no terminal: the terminal that is typed on is the program's all the same, and no output is lost silently. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { until } from '../support/enter.ts';
import { inside } from '../support/inside.ts';
import { startJob } from '../support/job.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import type { Terminal } from '../support/terminal.ts';
import { freshSettings, into, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

const pty = () => into(target, '--pty');

/** ISIG, which is 1 among the local modes (stty -g). */
function makesSignals(terminal: Terminal): boolean {
  return Number.parseInt(terminal.settings().split(':')[3] ?? '', 16) % 2 === 1;
}

describe('on a terminal, before tee', () => {
  it('a line that is typed is seen once', async () => {
    const shell = pty().words(['/bin/sh', '-c', 'echo ready; read x; echo "got $x"'], 'terminal');
    await using job = await startJob(['/bin/sh', '-c', '"$@" | tee /dev/null', 'sh', ...shell]);
    await job.terminal.waitFor('ready\r\n');
    job.terminal.type('word\r');
    // Once tsenter has ended, the terminal adds a carriage return to what tee has yet to write, as with ssh(1).
    await job.terminal.waitFor(/got word\r+\n/);
    expect(job.terminal.output.split('ready\r\n')[1]).toMatch(/^word\r+\ngot word\r+\n$/);
  });

  it('Ctrl-C goes inside, and to nobody else', async () => {
    await using started = await inside(pty(), ['catch=2', 'ready', 'wait'], {
      script: '"$@" | cat; echo "left $?"',
    });
    started.job.terminal.type('\x03');
    await started.recorder.waitFor('signal 2 ');
    expect(started.job.terminal.output).not.toContain('left');
  });

  it('the terminal is as it was afterwards', async () => {
    await using started = await inside(pty(), ['ready', 'exit=0'], {
      script: '"$@" | cat; stty -a | grep -o "[-]*icanon"; read -r x; echo "got $x"',
    });
    await started.job.terminal.waitFor('icanon');
    expect(started.job.terminal.output).not.toContain('-icanon');
    started.job.terminal.type('typed\r');
    await started.job.terminal.waitFor('got typed');
  });
});

it('what is left of it when the program has ended, and nobody takes, keeps nobody: the keys are the terminal’s own', async () => {
  const script = '{ trap : INT; "$@"; echo "status $?" >&2; } | sleep 1000';
  const program = ['/bin/sh', '-c', 'read line; head -c 70000 /dev/zero; exit 5'];
  await using job = await startJob(['/bin/sh', '-c', script, 'sh', ...pty().words(program, 'terminal')]);
  await until('a raw terminal', () => !makesSignals(job.terminal));
  job.terminal.type('\r');
  await until('keys of its own', () => makesSignals(job.terminal));
  job.terminal.type('\x03');
  await job.terminal.waitFor('status 5');
  expect((await job.next()).settings).toBe(await freshSettings());
});

describe('what cannot be written', () => {
  const words = (...program: string[]) => [
    tsenter,
    '-t',
    String(target.pid),
    '-m',
    '-p',
    '--pty',
    ...program,
  ];
  const into = (redirection: string, ...program: string[]) =>
    run(['/bin/sh', '-c', `"$@" ${redirection}`, 'sh', ...words(...program)], { stdin: '' });

  it.each([
    ['a full device', '>/dev/full', 'No space left on device'],
    ['what is open for reading', '1</dev/null', 'Bad file descriptor'],
    ['a closed one', '>&-', 'Bad file descriptor'],
  ])('is told of: %s', async (_, redirection, cause) => {
    const outcome = await into(redirection, '/bin/sh', '-c', 'echo hi');
    expect(outcome.stderr.toString()).toBe(`tsenter: write standard output: ${cause}\n`);
    expect(outcome).toMatchObject({ status: 1, signal: null, orphans: 0 });
  });

  it('is told of whatever the program ends with', async () => {
    const outcome = await into('>/dev/full', '/bin/sh', '-c', 'echo hi; exit 7');
    expect(outcome).toMatchObject({ status: 1, signal: null });
  });

  it('is nothing where the program writes nothing', async () => {
    const outcome = await into('>/dev/full', '/bin/sh', '-c', 'exit 7');
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome).toMatchObject({ status: 7 });
  });

  it('is told of with a limit of the size of files, which is a signal as well', async () => {
    const script = 'f=$(mktemp); ulimit -f 1; "$@" >"$f"; s=$?; wc -c <"$f"; rm "$f"; exit $s';
    const flood = ['/bin/sh', '-c', 'yes | head -c 100000'];
    const outcome = await run(['/bin/bash', '-c', script, 'sh', ...words(...flood)], { stdin: '' });
    expect(outcome.stderr.toString()).toBe('tsenter: write standard output: File too large\n');
    expect(outcome).toMatchObject({ status: 1 });
    expect(Number(outcome.stdout.toString())).toBeLessThan(100_000);
  });

  it('is a death by SIGPIPE where nobody reads any more, as of a program that writes itself', async () => {
    const script = '{ "$@"; echo "status $?" >&2; } | head -1';
    const outcome = await run(['/bin/sh', '-c', script, 'sh', ...words('/bin/sh', '-c', 'yes')], {
      stdin: '',
    });
    expect(outcome.stderr.toString()).toBe('status 141\n');
  });

  it('and is told of to who ignores that', async () => {
    const script = 'trap \'\' PIPE; { "$@"; echo "status $?" >&2; } | head -1';
    const outcome = await run(['/bin/sh', '-c', script, 'sh', ...words('/bin/sh', '-c', 'yes')], {
      stdin: '',
    });
    expect(outcome.stderr.toString()).toBe('tsenter: write standard output: Broken pipe\nstatus 1\n');
  });
});

describe('an input that cannot be read to its end', () => {
  const fromDirectory = (script: string) => {
    const words = pty().words(['/bin/sh', '-c', script], 'pipe');
    return run(['/bin/sh', '-c', '"$@" </etc', 'sh', ...words]);
  };

  it('is told of where the program took that for the end', async () => {
    const outcome = await fromDirectory('cat');
    expect(outcome.stderr.toString()).toBe('tsenter: read standard input: Is a directory\n');
    expect(outcome).toMatchObject({ status: 1, signal: null, orphans: 0 });
  });

  it('is nothing beside what the program itself tells', async () => {
    const outcome = await fromDirectory('cat; exit 7');
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome).toMatchObject({ status: 7 });
  });
});
