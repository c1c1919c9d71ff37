/**
 * Called as nsenter, the first line of every failure is nsenter's own, word for word: callers tell by it whether their program ran. Each
 * row runs with both. Where util-linux 2.43 says something else than 2.38, which is here, the row has that and the reason.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, nsenter, type RunOptions, run, tsenter } from '../support/command.ts';
import { type Actor, type Scratch, scratch, startActor } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { ordinaryUser } from './row.ts';

interface Row {
  /** PID, OWN, ENDED, ZOMBIE and FILES stand for what the test has made. */
  readonly words: string;
  readonly as?: RunOptions;
  /** What it is where nsenter 2.38 says something else, and why. */
  readonly instead?: readonly [line: string, reason: string];
}

const asUser: RunOptions = { uid: ordinaryUser, gid: ordinaryUser };
const bigger = 'Numerical result out of range';
const pidArgument = (text: string, cause: string) =>
  [`failed to parse PID argument '${text}': ${cause}`, "2.43's words, and its check of the number"] as const;
const noTarget = ['no target PID specified', "2.43's words for a namespace"] as const;

const table: Readonly<Record<string, readonly Row[]>> = {
  'what getopt_long refuses': [
    { words: '-x' },
    { words: '-ax' },
    { words: '-a-' },
    { words: '--foo' },
    { words: '--foo=bar' },
    { words: '--all=x' },
    { words: '--al=x' },
    { words: '--target' },
    { words: '--tar' },
    { words: '-t' },
    { words: '-ut' },
    { words: '-S' },
    { words: '--set' },
    { words: '--set=1' },
    {
      words: '--u',
      instead: [
        "option '--u' is ambiguous; possibilities: '--uts' '--user' '--user-parent'",
        'an option of 2.43',
      ],
    },
    {
      words: '--ne',
      instead: ["option '--ne' is ambiguous; possibilities: '--net' '--net-socket'", 'an option of 2.43'],
    },
  ],
  'values that cannot be': [
    { words: '-t abc -n true', instead: pidArgument('abc', 'Invalid argument') },
    { words: '-t 1x -n true', instead: pidArgument('1x', 'Invalid argument') },
    { words: '-t= -n true', instead: pidArgument('=', 'Invalid argument') },
    { words: '-t 0 -n true', instead: pidArgument('0', bigger) },
    { words: '-t -1 -n true', instead: pidArgument('-1', bigger) },
    { words: '-t 99999999999 -n true', instead: pidArgument('99999999999', bigger) },
    { words: '-t PID -S abc -n true' },
    { words: '-t PID -G 1x -n true' },
    { words: '-t PID -S 99999999999999999999 -n true' },
    { words: '-t PID -w/ -W/ -n true' },
    {
      words: '-t PID -N x true',
      instead: ["failed to parse file descriptor: 'x'", 'an option of 2.43'],
    },
    { words: '--net=:x true', instead: ['failed to parse nsid: x', 'ids are of 2.43'] },
  ],
  'no target, or nothing to enter': [
    { words: '-a true' },
    { words: '-r true' },
    { words: '-w true' },
    { words: '-n true', instead: noTarget },
    { words: '-m -p true', instead: noTarget },
    {
      words: '-e -r/ true',
      instead: ['neither filename nor target pid supplied for environ', 'an option of 2.43'],
    },
    {
      words: '-c -r/ true',
      instead: ['neither filename nor target pid supplied for cgroup', 'an option of 2.43'],
    },
    {
      words: '-t PID true',
      instead: ['no namespace specified', "2.43's check: 2.38 executes the program here"],
    },
    {
      words: '-t PID -t PID -n true',
      instead: ['option --target may be given only once', "2.43's check"],
    },
  ],
  'what is not there': [
    { words: '-t ENDED -n true' },
    { words: '-t ENDED -u -n -m true' },
    { words: '-t ENDED -p -U true' },
    { words: '-t ENDED -a true' },
    { words: '-t ENDED -r true' },
    { words: '-t ENDED -w true' },
    { words: '-t ZOMBIE -n true' },
    { words: '--net=/nonexistent true' },
    { words: '--mount=/nonexistent/there true' },
    { words: '-r/nonexistent true' },
    { words: '-w/nonexistent true' },
    { words: '-t PID -u -W/nonexistent true' },
    {
      words: '--net=:18446744073709551615 true',
      instead: ['cannot open namespace of id 18446744073709551615: Stale file handle', 'ids are of 2.43'],
    },
  ],
  'what is something else': [
    { words: '--net=FILES/file true' },
    { words: '--net=/proc/PID/ns/uts true' },
    { words: '--mount=/proc/PID/ns/pid true' },
    { words: '-rFILES/file true' },
    { words: '-wFILES/file true' },
  ],
  'what may not be': [
    { words: '-t PID -n true', as: asUser },
    { words: '-t PID -m -p true', as: asUser },
    { words: '-t PID -a true', as: asUser },
    { words: '-t PID -r true', as: asUser },
    { words: '--net=/proc/self/ns/net true', as: asUser },
    { words: '-t OWN -n true', as: asUser },
    { words: '-t OWN -m true', as: asUser },
    { words: '-t OWN -U true', as: asUser },
    { words: '-t PID -U true' },
    { words: '-r/tmp true', as: asUser },
  ],
  'a program that is not executed': [
    { words: '-t PID -n nonexistent' },
    { words: '-t PID -n -p nonexistent' },
    { words: '-t PID -n /nonexistent/there' },
    { words: '-t PID -n FILES/file' },
    { words: '-t PID -n FILES/file/below' },
    { words: '-t PID -n /tmp' },
    { words: '-t PID -n FILES/script' },
  ],
};

const reason =
  process.getuid?.() !== 0
    ? 'needs root'
    : !spawnSync(nsenter, ['--version'], { encoding: 'utf8' }).stdout?.includes('2.38')
      ? 'needs nsenter 2.38'
      : undefined;

if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`messages as nsenter: ${reason}`, () => undefined);
} else {
  let files: Scratch;
  let target: Target;
  let own: Target;
  let zombie: Actor;
  let ended: number;

  beforeAll(async () => {
    buildPrograms();
    files = scratch();
    chmodSync(files.path, 0o755);
    symlinkSync(tsenter, `${files.path}/nsenter`);
    writeFileSync(`${files.path}/file`, '');
    writeFileSync(`${files.path}/script`, '#!/nonexistent/interpreter\n');
    chmodSync(`${files.path}/script`, 0o755);
    target = await startTarget({ namespaces: ['uts', 'net', 'pid', 'mount'] });
    own = await startTarget({ startedBy: ordinaryUser });
    zombie = await startActor(['zombie']);
    const past = await startTarget();
    ended = past.pid;
    await past.stop();
  });

  afterAll(async () => {
    await Promise.all([target?.stop(), own?.stop(), zombie?.stop()]);
    files?.[Symbol.dispose]();
  });

  const fill = (words: string): string[] =>
    words
      .replace(/\bPID\b/g, String(target.pid))
      .replace(/OWN/g, String(own.pid))
      .replace(/ENDED/g, String(ended))
      .replace(/ZOMBIE/g, String(zombie.pid))
      .replace(/FILES/g, files.path)
      .split(' ');

  /** The file that was called becomes `ARGV0`: getopt_long(3) shows it whole. */
  async function linesOf(file: string, words: readonly string[], as: RunOptions = {}) {
    const { status, stdout, stderr } = await run([file, ...words], as);
    const text = stderr.toString('latin1').split(`${file}: `).join('ARGV0: ');
    return { status, stdout: stdout.toString('latin1'), lines: text.split('\n') };
  }

  for (const [title, rows] of Object.entries(table)) {
    describe.concurrent(title, () => {
      for (const { words, as, instead } of rows)
        it(`nsenter ${words}${as ? ', by another' : ''}`, async () => {
          const theirs = await linesOf(nsenter, fill(words), as);
          const ours = await linesOf(`${files.path}/nsenter`, fill(words), as);
          const [first = ''] = ours.lines;
          if (instead === undefined) {
            expect(first).toBe(theirs.lines[0]);
            expect(ours.status).toBe(theirs.status);
          } else {
            const [line, why] = instead;
            const name = first.startsWith('ARGV0') ? 'ARGV0' : 'nsenter';
            expect(first).toBe(`${name}: ${line}`);
            expect(first, `no longer so: ${why}`).not.toBe(theirs.lines[0]);
          }
        });
    });
  }
}
