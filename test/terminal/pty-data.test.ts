/** --pty: every byte arrives, in order, also the last ones. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { enter, until } from '../support/enter.ts';
import { inside } from '../support/inside.ts';
import { startJob } from '../support/job.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { freshSettings, into, outcome, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

const MEBIBYTE = 1024 * 1024;
const words = (...program: readonly string[]): string[] => [
  '-t',
  String(target.pid),
  '-m',
  '-p',
  '--pty',
  ...program,
];

/** Any byte, none of them predictable from the one before. */
function noise(length: number): Buffer {
  const block = createHash('sha512').update('noise').digest();
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 64) {
    block.writeUInt32LE(at, 0);
    createHash('sha512').update(block).digest().copy(bytes, at);
  }
  return bytes;
}

function hundredTimes(bytes: Buffer): string {
  const hash = createHash('sha256');
  for (let i = 0; i < 100; i++) hash.update(bytes);
  return hash.digest('hex');
}

function sum(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The program's terminal, and nothing that changes bytes on their way. */
const raw = 'stty raw -echo';

it('100 MB out, through the caller’s terminal', { timeout: 300_000 }, async () => {
  const bytes = noise(MEBIBYTE);
  writeFileSync(`/proc/${target.pid}/root/tmp/noise`, bytes);
  const hash = createHash('sha256');
  let length = 0;
  const script = `${raw}; for i in $(seq 100); do cat /tmp/noise; done`;
  // The leader of the session stays: at its end the kernel throws away what nobody has read of its terminal.
  await using job = await startJob([tsenter, ...words('/bin/sh', '-c', script)], {
    onData: (data) => {
      hash.update(data);
      length += data.length;
    },
  });
  expect(outcome(await job.next({ timeout: 280_000 }))).toBe('exited 0');
  await until('everything has arrived', () => length >= 100 * MEBIBYTE);
  expect(length).toBe(100 * MEBIBYTE);
  expect(hash.digest('hex')).toBe(hundredTimes(bytes));
});

it('100 MB out, into a pipe', { timeout: 300_000 }, async () => {
  const bytes = noise(MEBIBYTE);
  writeFileSync(`/proc/${target.pid}/root/tmp/noise2`, bytes);
  const script = `${raw}; for i in $(seq 100); do cat /tmp/noise2; done`;
  const child = spawn(tsenter, words('/bin/sh', '-c', script), { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = once(child, 'exit');
  const hash = createHash('sha256');
  for await (const part of child.stdout) hash.update(part);
  expect(await end).toEqual([0, null]);
  expect(hash.digest('hex')).toBe(hundredTimes(bytes));
});

it('20 MB in and out at once', { timeout: 300_000 }, async () => {
  const bytes = noise(20 * MEBIBYTE);
  const child = spawn(tsenter, words('/bin/sh', '-c', `${raw}; echo ready; exec head -c ${bytes.length}`), {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => {
    // What is typed before the terminal is raw would be edited.
    if (parts.length === 0) child.stdin.write(bytes);
    parts.push(part);
  });
  const [status] = await once(child, 'close');
  child.stdin.destroy();
  expect(status).toBe(0);
  const got = Buffer.concat(parts).subarray('ready\n'.length);
  expect(got.length).toBe(bytes.length);
  expect(sum(got)).toBe(sum(bytes));
});

it('the last bytes of a program that exits at once, a hundred times', { timeout: 120_000 }, async () => {
  const script = 'head -c 60000 /dev/zero | cat; echo end; exit 3';
  for (let i = 0; i < 100; i++) {
    const { stdout, status } = await enter(words('/bin/sh', '-c', script));
    expect(status).toBe(3);
    expect(stdout.length).toBe(60_000 + 'end\r\n'.length);
    expect(stdout.subarray(-5).toString()).toBe('end\r\n');
  }
});

it('the last bytes before a death by SIGKILL', async () => {
  for (let i = 0; i < 20; i++) {
    const outcome = await enter(words('/bin/sh', '-c', 'echo last; kill -9 $$'));
    expect(outcome.stdout.toString()).toBe('last\r\n');
    expect(outcome.signal).toBe('SIGKILL');
  }
});

it('a reader that is slow gets everything', { timeout: 120_000 }, async () => {
  const child = spawn(tsenter, words('/bin/sh', '-c', `${raw}; head -c 3000000 /dev/zero; echo end`), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let length = 0;
  for await (const part of child.stdout) {
    length += part.length;
    if (Math.random() < 0.1) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(length).toBe(3_000_000 + 'end\n'.length);
});

it('a reader that goes away ends it', async () => {
  const child = spawn(tsenter, words('/bin/yes'), { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [status, signal] = await end;
  expect([status, signal]).not.toEqual([0, null]);
});

describe('standard input is no terminal', () => {
  it.each([
    ['a pipe', 'echo hi | "$@"'],
    ['/dev/null', '"$@" </dev/null'],
    ['closed', '"$@" <&-'],
    ['a file', '"$@" </etc/hostname'],
  ])('%s: its end arrives, and output is a terminal', async (_, script) => {
    await using started = await inside(into(target, '--pty'), ['about', 'ready', 'lines', 'exit=6'], {
      script,
    });
    expect(started.recorder.events).toContain('isatty 111');
    await started.recorder.waitFor('eof');
    expect(await started.job.next()).toMatchObject({ what: 'exited', how: 6 });
  });

  it('its last line, without an end of line, arrives before the end', async () => {
    const { stdout, status } = await enter(words('/bin/cat'), { stdin: 'one\ntwo' });
    expect(stdout.toString()).toBe('one\r\ntwo');
    expect(status).toBe(0);
  });

  it.each([3999, 4000, 4001, 4094, 4095, 4096, 8000, 8001, 100_000])(
    'a line of %i characters, with an end and without',
    async (length) => {
      for (const [end, printed] of Object.entries({ '\n': '\r\n', '': '' })) {
        const text = 'x'.repeat(length);
        const { stdout, status } = await enter(words('/bin/cat'), { stdin: text + end });
        expect([stdout.toString() === text + printed, stdout.length, status]).toEqual([
          true,
          length + printed.length,
          0,
        ]);
      }
    },
  );

  it('long lines, of which each is read when there are several', async () => {
    const text = Array.from(
      { length: 300 },
      (_, i) => `${'abcdefg'.charAt(i % 7).repeat((i * 211) % 9001)}\n`,
    );
    const reader = `i=0; while read -r line; do i=$((i+1)); echo \${#line}; done; echo read $i`;
    const { stdout } = await enter(words('/bin/sh', '-c', reader), { stdin: text.join(''), timeout: 60_000 });
    const lengths = text.map((line) => `${line.length - 1}\r\n`).join('');
    expect(stdout.toString()).toBe(`${lengths}read 300\r\n`);
  });

  it('a long line that a control character empties is told no end of file', async () => {
    const emptied = `${'x'.repeat(3999)}\x15`;
    const { stdout } = await enter(words('/bin/cat'), { stdin: `${emptied}\n${emptied}yz\nlast\n` });
    expect(stdout.toString()).toBe('\r\nyz\r\nlast\r\n');
  });

  /** What a program reads of it, once its terminal is as `settings` say; `ready` comes when it is. */
  async function read(settings: string, input: Buffer, program: string): Promise<Buffer> {
    const script = `stty -echo -opost ${settings}; echo ready; ${program}`;
    const child = spawn(tsenter, words('/bin/sh', '-c', script), { stdio: ['pipe', 'pipe', 'inherit'] });
    const end = once(child, 'close');
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => {
      if (parts.length === 0) child.stdin.end(input);
      parts.push(part);
    });
    expect(await end).toEqual([0, null]);
    return Buffer.concat(parts).subarray('ready\n'.length);
  }

  const repeated = (byte: number, times = 9000) => Buffer.alloc(times, byte);

  it.each([
    ['tabs', '', repeated(9)],
    ['^A', '', repeated(1)],
    ['NUL', '', repeated(0)],
    ['0xff', '', repeated(0xff)],
    ['0xff, of which the terminal makes two', 'parmrk', repeated(0xff), repeated(0xff, 18_000)],
    ['carriage returns', '-icrnl', repeated(13)],
    ['line feeds, of which the terminal makes carriage returns', 'inlcr -icrnl', repeated(10), repeated(13)],
    ['^C where it is no signal', '-isig', repeated(3)],
    ['DEL where it erases nothing', 'erase undef', repeated(127)],
    ['^R where nothing is printed again', '', repeated(18)],
    ['^W without IEXTEN', '-iexten', repeated(23)],
    ['^Q without IXON', '-ixon', repeated(17)],
    ['^V and ^C', '', Buffer.from('\x16\x03'.repeat(9000)), repeated(3)],
    ['^V and an end of line', '', Buffer.from('\x16\n'.repeat(9000)), repeated(10)],
    ['0x81 of seven bits', 'istrip', repeated(0x81), repeated(1)],
  ])('a line of %s', async (_, settings, input, expected = input) => {
    const got = await read(settings, input, 'exec cat');
    expect([got.length, got.equals(expected)]).toEqual([expected.length, true]);
  });

  it('a line that special characters are in is handed on behind none of them', async () => {
    const emptied = Buffer.concat([repeated(0x78, 3999), repeated(0x15, 20), Buffer.from('y\n')]);
    expect((await read('', emptied, 'exec cat')).toString()).toBe('y\n');
    const ended = Buffer.concat([repeated(0x78, 3999), Buffer.from('\ry\n')]);
    expect((await read('', ended, 'exec cat')).toString()).toBe(`${'x'.repeat(3999)}\ny\n`);
  });

  it('its end arrives behind a ^V, too', async () => {
    expect((await read('', Buffer.from('abc\x16'), 'exec cat')).toString()).toBe('abc\x04');
  });

  it('where the terminal has no end of file nothing is written instead, and it comes when there is one', async () => {
    const long = Buffer.concat([repeated(0x78, 9000), Buffer.from('\nnext\n')]);
    const program = 'head -n 2; stty eof ^D; echo again; cat; echo end';
    const got = await read('eof undef', long, program);
    // What the kernel keeps of a line, and its end.
    expect(got.toString()).toBe(`${'x'.repeat(4095)}\nnext\nagain\nend\n`);
  });

  it('100,000 lines', { timeout: 120_000 }, async () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `line ${i}\n`).join('');
    const outcome = await enter(words('/bin/sha256sum'), { stdin: text, timeout: 120_000 });
    expect(outcome.stdout.toString()).toContain(sum(Buffer.from(text)));
  });
});

it('standard output is a pipe: what comes is the program’s alone, and the caller’s terminal is as it was afterwards', async () => {
  const fresh = await freshSettings();
  const script = '"$@" | cat >/dev/null; stty -g';
  await using started = await inside(into(target, '--pty'), ['ready', 'about', 'exit=0'], { script });
  expect(await started.recorder.about()).toMatchObject({ isatty: '111' });
  await started.job.terminal.waitFor(fresh);
});

it('all three are closed', async () => {
  await using job = await startJob([
    '/bin/sh',
    '-c',
    '"$@" <&- >&- 2>&-; echo "status $?"',
    'sh',
    ...into(target, '--pty').words(['/bin/sh', '-c', 'test -t 0 && test -t 1 && exit 5'], 'pipe'),
  ]);
  await job.terminal.waitFor('status 5');
});

describe('the end of an input that is no terminal', () => {
  it('is seen by a line editor', async () => {
    const { stdout, status } = await enter(words('/bin/sh', '-i'), { stdin: 'echo h""i\n' });
    expect(stdout.toString()).toContain('hi\r\n');
    expect(status).toBe(0);
  });

  it('is no byte for a program that wants them as they are, and comes when it does not any more', async () => {
    const script = `${raw}; echo ready; head -c 3; stty -raw; echo; cat; echo end`;
    const child = spawn(tsenter, words('/bin/sh', '-c', script), { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (part: Buffer) => {
      if (output === '') child.stdin.end('abc');
      output += part.toString('latin1');
    });
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output.replace(/\r/g, '')).toBe('ready\nabc\nend\n');
  });
});

it('a terminal of the caller’s that is not raw, because the input is none, gets each line end once', async () => {
  let output = '';
  const command = ['/bin/sh', '-c', 'exec "$@" </dev/null', 'sh', tsenter, ...words('echo', 'x')];
  await using job = await startJob(command, {
    onData: (data) => {
      output += data.toString('latin1');
    },
  });
  expect(outcome(await job.next())).toBe('exited 0');
  await until('it has arrived', () => output.endsWith('\n'));
  expect(output).toBe('x\r\n');
});
