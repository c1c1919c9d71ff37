/** --failure-status: what of tsenter's own has the status that it says, and what has not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunOptions, run, said, tsenter } from '../support/command.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['mount', 'uts', 'pid'], root: 'pivot' });
});

afterAll(async () => {
  await target?.stop();
});

const STATUS = '--failure-status=99';
const PRESET: RunOptions = { env: { ...defaultEnv, TSENTER_OPTIONS: '--failure-status=98' } };

interface Row {
  readonly what: string;
  /** `PID` stands for that of the target */
  readonly words: readonly string[];
  /** calls that a filter denies */
  readonly denied?: readonly string[];
  readonly options?: RunOptions;
  readonly status: number;
}

const rows: readonly Row[] = [
  { what: 'an option that there is not, behind it', words: [STATUS, '--frobnicate'], status: 99 },
  { what: 'an option that there is not, before it', words: ['--frobnicate', STATUS], status: 1 },
  { what: 'an option without its value', words: [STATUS, '-t'], status: 99 },
  { what: 'its value in a word of its own', words: ['--failure-status', '99', '--frobnicate'], status: 99 },
  { what: 'an abbreviation of it', words: ['--failure-s=99', '--frobnicate'], status: 99 },
  { what: 'the last of several', words: ['--failure-status=7', STATUS, '--frobnicate'], status: 99 },
  { what: 'a value that is malformed', words: [STATUS, '-t', 'PID', '--umask=9', '-u', 'true'], status: 99 },
  {
    what: 'options that exclude each other',
    words: [STATUS, '--pty', '--no-fork', '-u', 'true'],
    status: 99,
  },
  { what: 'nothing to enter', words: [STATUS, 'true'], status: 99 },
  { what: 'a target that there is not', words: [STATUS, '-t', '999999999', '-n', 'true'], status: 99 },
  { what: 'a name that nothing has', words: [STATUS, '-t', 'nothing-has-it', 'true'], status: 99 },
  { what: 'a file that is not there', words: [STATUS, '--net=/nowhere', 'true'], status: 99 },
  { what: 'a format of a list', words: [STATUS, '--list=everything'], status: 99 },
  { what: 'a shell without a script', words: [STATUS, '--completion=csh'], status: 99 },
  { what: 'a step', words: [STATUS, '-t', 'PID', '--user', 'true'], status: 99 },
  {
    what: 'a step behind the fork',
    words: [STATUS, '-t', 'PID', '-a', '--wdns=/nowhere', 'true'],
    status: 99,
  },
  {
    what: 'a step before that of the status',
    words: [STATUS, '-t', 'PID', '-m', 'true'],
    denied: ['open_tree', 'memfd_create'],
    status: 99,
  },
  { what: 'TSENTER_OPTIONS', words: ['-t', 'PID', '--user', 'true'], options: PRESET, status: 98 },
  { what: 'TSENTER_OPTIONS, and a bad option', words: ['--frobnicate'], options: PRESET, status: 98 },
  { what: 'both', words: [STATUS, '--frobnicate'], options: PRESET, status: 99 },
  {
    what: 'a malformed TSENTER_OPTIONS',
    words: [STATUS, '-t', 'PID', '-u', 'true'],
    options: { env: { ...defaultEnv, TSENTER_OPTIONS: '--net' } },
    status: 99,
  },
  ...['0', '256', '-1', 'x', ''].map((value) => ({
    what: `a status that is none: '${value}'`,
    words: [`--failure-status=${value}`, '-t', 'PID', '-u', 'true'],
    status: 1,
  })),
  { what: 'a program that is not found', words: [STATUS, '-t', 'PID', '-a', 'nothing-has-it'], status: 127 },
  { what: 'a program that cannot be executed', words: [STATUS, '-t', 'PID', '-a', '/etc'], status: 126 },
];

const messageOf = ({ words, denied, options }: Row) =>
  run(
    [
      ...(denied ? [program('filtered'), '1', ...denied, '--'] : []),
      tsenter,
      ...words.map((word) => (word === 'PID' ? String(target.pid) : word)),
    ],
    options,
  );

describe('the status of a failure', () => {
  it.each(rows.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const outcome = await messageOf(row);
    expect([said(outcome).startsWith('tsenter: '), outcome.status]).toEqual([true, row.status]);
  });

  it('is not that of the program', async () => {
    const { status } = await run([tsenter, STATUS, '-t', String(target.pid), '-a', 'false']);
    expect(status).toBe(1);
  });

  it('is not that of what is only asked', async () => {
    const list = await run([tsenter, STATUS, '--list=names', 'nothing-has-it']);
    const explained = await run([tsenter, STATUS, '--explain', '-t', String(target.pid), '--user', 'true']);
    expect([list.status, explained.status]).toEqual([1, 1]);
  });

  it('is that of output that is lost', async () => {
    const words = [tsenter, STATUS, '-t', String(target.pid), '-a', '--pty', 'seq', '10000'];
    const { status } = await run(['/bin/sh', '-c', 'exec "$@" > /dev/full', 'sh', ...words]);
    expect(status).toBe(99);
  });

  it('changes nothing else of an entry', async () => {
    const steps = async (...words: readonly string[]) => {
      const { stdout } = await run([
        tsenter,
        ...words,
        '-t',
        String(target.pid),
        '-a',
        '--explain=steps',
        'true',
      ]);
      return stdout
        .toString()
        .split('\n')
        .map((line) => line.split(' ')[0]?.replace(/@\d+|\d+:/g, ''));
    };
    const [plain, with99] = [await steps(), await steps(STATUS)];
    expect(with99.filter((word) => word !== 'failure-status=99')).toEqual(plain);
    expect(with99).toHaveLength(plain.length + 1);
  });
});
