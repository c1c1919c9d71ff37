/** A descriptor that cannot be had is told before the program runs: nothing of its output is lost. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startJob } from '../support/job.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms, program } from '../support/programs.ts';
import type { Target } from '../support/targets.ts';
import { freshSettings, into, outcome, startContainer } from './tsenter.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startContainer();
});

afterAll(() => target?.stop());

// A message without colours.
const env = { ...defaultEnv, NO_COLOR: '1' };

// With 3 the dynamic loader of Node opens nothing any more.
const limits = Array.from({ length: 37 }, (_, index) => index + 4);

describe.each([[['']], [['--pty']], [['--pty', '--kill-child']]])('%j', (options) => {
  it('from 4 to 40 open files: the program and its output, or a message', { timeout: 120_000 }, async () => {
    const words = into(target, ...options.filter(Boolean)).words(
      ['/bin/sh', '-c', 'echo output; exit 7'],
      'terminal',
    );
    const script = `for limit in ${limits.join(' ')}; do (ulimit -Sn $limit; exec "$@"); echo "status $?."; done; echo end`;
    await using job = await startJob(['/bin/sh', '-c', script, 'sh', ...words], { env });
    await job.terminal.waitFor('end\r\n', { timeout: 100_000 });
    const ends = job.terminal.output.split(/status (\d+)\.\r\n/);
    const seen = limits.map((_, index) => `${ends[2 * index]}${ends[2 * index + 1]}`);
    for (const one of seen)
      expect(one).toMatch(
        /^(output\r\n7|tsenter: (open|duplicate) [^\r\n]+: Too many open files\r\n([^\r\n]+\r\n)?1)$/,
      );
    expect(seen.at(-1)).toMatch(/7$/);
    expect((await job.next()).settings).toBe(await freshSettings());
  });
});

it.each([12, 23, 24])(
  'no descriptor of signals, errno %i: a message, and the terminal as it was',
  async (errno) => {
    const words = into(target, '--pty').words(['/bin/echo', 'executed'], 'terminal');
    await using job = await startJob([program('filtered'), String(errno), 'signalfd', '--', ...words], {
      env,
    });
    const end = await job.next();
    expect(outcome(end)).toBe('exited 1');
    expect(end.settings).toBe(await freshSettings());
    expect(job.terminal.output).toMatch(/^tsenter: open descriptor of signals: [^\r\n]+\r\n$/);
  },
);
