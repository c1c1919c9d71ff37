/** What goes into run() and comes out of it while it runs: input that fails, and lines that are read early, late, twice and in part. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { type Running, type RunOptions, run } from 'tsenter';
import { describe, expect, it } from 'vitest';
import { failure } from '../support/library.ts';

const inside = { target: process.pid, namespaces: { uts: '/proc/self/ns/uts' } } as const;
const shell = (code: string, options: RunOptions = {}) => run('sh', ['-c', code], { ...inside, ...options });

async function linesOf(running: Running): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of running) lines.push(line);
  return lines;
}

describe('lines', () => {
  it('are all there when it has ended, and again', async () => {
    const running = shell('seq 5');
    await running;
    for (let time = 0; time < 2; time++) expect(await linesOf(running)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('of two that were begun together, one after the other', async () => {
    const [one, other] = [shell('echo a'), shell('echo b')];
    expect([await linesOf(one), await linesOf(other)]).toEqual([['a'], ['b']]);
  });

  it.each(['', 'a', 'a\\n', 'a\\rb\\n', 'a\\r\\n\\nb\\r\\n', '\\n', 'gr\\303\\266\\303\\237e\\n', 'a\\r'])(
    'are those of the result: %j',
    async (text) => {
      const running = run('printf', [text], { ...inside, as: 'lines' });
      const { stdout } = await running;
      expect(await linesOf(running)).toEqual(stdout);
    },
  );

  it('come in time, also of a line of a hundred thousand parts', async () => {
    const lines = await linesOf(shell('head -c 50000000 /dev/zero; echo; echo last'));
    expect(lines.map((line) => line.length)).toEqual([50_000_000, 4]);
  });

  it('that nobody wants any more end it', async () => {
    const running = shell('trap "exit 3" TERM; echo a; while :; do sleep 0.1; done');
    for await (const line of running) {
      expect(line).toBe('a');
      break;
    }
    expect(await failure(running)).toMatchObject({ isCanceled: true });
  });
});

describe('input that fails', () => {
  it('a file that is not there', async () => {
    const error = await failure(shell('cat', { input: createReadStream('/nonexistent/file') }));
    expect(error).toMatchObject({ code: 'ERR_INPUT', cause: { code: 'ENOENT' } });
    expect(error.message).toContain('its input failed');
  });

  it('in the middle', async () => {
    const input = Readable.from(
      (async function* () {
        yield 'half';
        throw new Error('the database has gone');
      })(),
    );
    expect(await failure(shell('cat; echo whole', { input }))).toMatchObject({
      cause: { message: 'the database has gone' },
    });
  });

  it('one that was closed before its end', async () => {
    const input = new Readable({ read: () => undefined });
    input.destroy();
    expect(await failure(shell('cat', { input }))).toMatchObject({ code: 'ERR_INPUT' });
  });

  it('is none where the program does not want the rest', async () => {
    const input = Readable.from(Array.from({ length: 1000 }, () => 'x'.repeat(10_000)));
    expect((await shell('head -c 3', { input })).stdout).toBe('xxx');
    expect(input.destroyed).toBe(true);
  });

  it('nor where it has ended', async () => {
    const input = Readable.from(['a', 'b']);
    expect((await shell('cat', { input })).stdout).toBe('ab');
    expect((await shell('cat', { input })).stdout).toBe('');
  });
});

it('a time of 0 is none', async () => {
  expect((await shell('sleep 0.05; echo done', { timeout: 0 })).stdout).toBe('done');
});

it('output that somebody has made text is bytes all the same', async () => {
  const running = shell('echo größe');
  running.process?.stdout?.setEncoding('utf8');
  expect((await running).stdout).toBe('größe');
});
