/** TSENTER_OPTIONS: options of the waiting parent, for callers that know nsenter's only. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, run, tsenter } from '../support/command.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['pid'] });
});

afterAll(async () => {
  await target?.stop();
});

function runWith(
  options: string,
  words: readonly string[],
  before: readonly string[] = [],
): Promise<Outcome> {
  const env = { ...defaultEnv, TSENTER_OPTIONS: options };
  return run([...before, tsenter, '-t', String(target.pid), '-p', ...words], { env });
}

/** The steps that --explain=steps shows, by their words. */
async function stepsWith(options: string, ...words: readonly string[]): Promise<readonly string[]> {
  const { stdout, stderr } = await runWith(options, [...words, '--explain=steps', 'true']);
  expect(stderr.toString()).toBe('');
  return stdout
    .toString()
    .split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '');
}

describe('TSENTER_OPTIONS', () => {
  it('is read before the command line', async () => {
    expect(await stepsWith('')).toEqual(expect.arrayContaining(['forward-signals', 'die-with-parent=9']));
    const steps = await stepsWith(' --no-forward-signals\t--no-kill-child\n');
    expect(steps.filter((step) => /^(forward-signals|die-with-parent)/.test(step))).toEqual([]);
    expect(await stepsWith('--kill-child=TERM')).toContain('die-with-parent=15');
    expect(await stepsWith('--no-kill-child', '--kill-child=TERM')).toContain('die-with-parent=15');
    expect(await stepsWith('--kill-child=HUP', '--kill-child=TERM')).toContain('die-with-parent=15');
  });

  it('reaches the program as it was', async () => {
    const options = ' --no-kill-child  --kill-child ';
    const { stdout } = await runWith(options, ['/usr/bin/printenv', 'TSENTER_OPTIONS']);
    expect(stdout.toString()).toBe(`${options}\n`);
  });

  it.each([
    '--unsealed',
    '--pty',
    '--no-pty',
    '--explain',
    '--mount',
    '-m',
    '--no-kill',
    '--no-kill-child=1',
    '--escape',
    '--',
    'true',
    '--help',
  ])('may not say %s', async (word) => {
    const { status, stdout, stderr } = await runWith(`--no-kill-child ${word}`, ['echo', 'executed']);
    expect(stderr.toString()).toMatch(
      /^tsenter: parse TSENTER_OPTIONS '.+': not an option that may be preset\nThere are --escape=VALUE, --kill-child\[=VALUE\], --no-kill-child, --no-forward-signals, --failure-status=VALUE\.\n$/,
    );
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' });
  });

  it('keeps nobody from the help', async () => {
    expect((await runWith('--mount', ['--help'])).stdout.toString()).toContain('Usage:');
  });

  it('is not obeyed where ids differ: it is of who called', async () => {
    const { status, stderr } = await runWith(
      '--unsealed',
      ['--explain=steps', 'true'],
      ['/usr/bin/setpriv', '--ruid=1001'],
    );
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  });
});
