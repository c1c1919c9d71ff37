/** The mounted /proc is of another PID namespace than the caller, or there is none. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, run, said, tsenter } from '../support/command.ts';
import { entered, namespacesOf, startActor, tool } from '../support/enter.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'net'], hostname: 'inside' });
  t = String(target.pid);
});

afterAll(() => target?.stop());

/** Tries them as process 1 of a PID namespace whose /proc is that of the one above. */
function below(...words: string[]): Promise<Outcome> {
  return run(['/usr/bin/unshare', '--pid', '--fork', '--kill-child', ...words], { timeout: 60_000 });
}

function told(outcome: Outcome): [number | null, string, string] {
  return [outcome.status, outcome.stdout.toString(), said(outcome)];
}

describe('a number that the caller’s PID namespace has not', () => {
  it('is the process that /proc shows, as in nsenter', async () => {
    for (const words of [
      ['-u', 'uname', '-n'],
      ['-n', '-u', '-r', '-w', '-S', 'follow', '-G', 'follow', '-c', '-e', 'uname', '-n'],
    ])
      expect(told(await below(tsenter, '-t', t, ...words))).toEqual([0, 'inside\n', '']);
    expect(told(await below(nsenter, '-t', t, '-u', 'uname', '-n'))).toEqual([0, 'inside\n', '']);
  });

  it('and no more of it is entered than was named', async () => {
    const { status, stdout } = await below(tsenter, '-t', t, '-n', program('probe'), '--fd', '1');
    expect(status).toBe(0);
    const { pid: _, pid_for_children: __, ...ns } = parseProbe(stdout)?.ns ?? {};
    expect(entered(namespacesOf(target.pid), ['net'])).toMatchObject(ns);
  });

  it('but no process there either: said', async () => {
    expect(told(await below(tsenter, '-t', '4194304', '-u', 'true'))).toEqual([
      1,
      '',
      'tsenter: open target 4194304: No such process\n',
    ]);
  });

  it('with the inode of a pidfd: refused, because none can be opened', async () => {
    const inode = tool(program('actor'), 'inode', t).trim();
    const [status, stdout, stderr] = told(await below(tsenter, '-t', `${t}:${inode}`, '-u', 'true'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^tsenter: open target \d+:\d+: no pidfd of it can be opened, whose inode this is\n/,
    );
  });
});

it('a number that is a process of the caller’s PID namespace, too, is refused; what is said works', async () => {
  const [status, stdout, stderr] = told(await below(tsenter, '-t', '1', '-u', 'true'));
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(
    /^tsenter: open target 1: \/proc is of another PID namespace\n.*--net=\/proc\/1\/ns\/net/,
  );
  expect(told(await below(tsenter, `--uts=/proc/${t}/ns/uts`, 'uname', '-n'))).toEqual([0, 'inside\n', '']);
});

describe('a /proc that does not list the caller', () => {
  it('is refused, and what is said works', async () => {
    const script = 'hostname other && echo ready $$ && read line';
    const words = ['--pid', '--fork', '--kill-child', '--mount-proc', '--uts', '/bin/sh', '-c', script];
    await using container = await startActor(words, {}, '/usr/bin/unshare');
    const inside = readFileSync(`/proc/${container.pid}/task/${container.pid}/children`, 'utf8').trim();
    const there = (...words: string[]) =>
      run([nsenter, '-t', inside, '-m', tsenter, ...words], { timeout: 60_000 });
    const [status, stdout, stderr] = told(await there('-t', '1', '-u', 'true'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^tsenter: open target 1: \/proc is of another PID namespace\n.*--net=\/proc\/1\/ns\/net/,
    );
    expect(told(await there('--uts=/proc/1/ns/uts', 'uname', '-n'))).toEqual([0, 'other\n', '']);
  });
});

describe('without /proc', () => {
  const without = (command: string, ...words: string[]) => {
    const script = `mount -t tmpfs none /mnt && touch /mnt/uts && mount --bind /proc/${t}/ns/uts /mnt/uts &&
      umount -l /proc && exec "$@"`;
    return run(['/usr/bin/unshare', '--mount', '/bin/sh', '-c', script, 'sh', command, ...words], {
      timeout: 60_000,
    });
  };

  it('namespaces are entered by their files, as in nsenter', async () => {
    const words = ['--uts=/mnt/uts', 'uname', '-n'];
    expect(told(await without(nsenter, ...words))).toEqual([0, 'inside\n', '']);
    expect(told(await without(tsenter, ...words))).toEqual([0, 'inside\n', '']);
  });

  it('a target is refused', async () => {
    const [status, stdout, stderr] = told(await without(tsenter, '-t', t, '-u', 'true'));
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^tsenter: read \/proc\/self.*: No such file or directory\nIs \/proc mounted\?\n$/,
    );
  });
});
