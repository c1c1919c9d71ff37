/**
 * Called as nsenter, the first line of every failure is nsenter's own, word for word: callers tell by it whether their program ran. Each
 * row runs with both: with the system's nsenter, and with the newest one where it was built (newest-nsenter.sh). The words are those of
 * util-linux 2.43; where an older version says something else, the row has them, and since when they are so.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, type RunOptions, references, run, tsenter } from '../support/command.ts';
import { type Actor, type Scratch, scratch, startActor } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { ordinaryUser } from './row.ts';

interface Row {
  /** PID, OWN, ENDED, ZOMBIE and FILES stand for what the test has made. */
  readonly words: string;
  readonly as?: RunOptions;
  /** What it is where an nsenter before this version says something else, and why; TARGET stands for a number. */
  readonly since?: readonly [version: number, line: string, reason: string];
  /** From which version on nsenter says something else, and why this is kept. */
  readonly until?: readonly [version: number, reason: string];
}

const asUser: RunOptions = { uid: ordinaryUser, gid: ordinaryUser };
const bigger = 'Numerical result out of range';
const pidArgument = (text: string, cause: string) =>
  [
    2.43,
    `failed to parse PID argument '${text}': ${cause}`,
    "2.43's words, and its check of the number",
  ] as const;
const negative = (what: string) =>
  [2.42, `failed to parse ${what}: ${bigger}`, '2.38 takes it for an id'] as const;
const inode = [
  2.42,
  'failed to obtain a valid file descriptor for PID TARGET: No such process',
  'inodes are of 2.42',
] as const;
const ownNumbers = [2.42, 'the numbers of its own descriptors stand there'] as const;
const rootAlone = [2.42, 'a root alone is no namespace to it: man page, DIFFERENCES'] as const;
const atOnce = [2.42, 'it joins all at once, and does not say which one fails'] as const;
const byPidfd = [2.42, 'it opens no file of the target, so that it is denied to join, not to look'] as const;
const noIds = [2.43, 'the headers that it is built with do not have them'] as const;
const noTarget = [2.42, 'no target PID specified', "2.43's words for a namespace"] as const;

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
      since: [
        2.42,
        "option '--u' is ambiguous; possibilities: '--uts' '--user' '--user-parent'",
        'an option of 2.43',
      ],
    },
    {
      words: '--ne',
      since: [2.42, "option '--ne' is ambiguous; possibilities: '--net' '--net-socket'", 'an option of 2.43'],
    },
  ],
  'values that cannot be': [
    { words: '-t abc -n true', since: pidArgument('abc', 'Invalid argument') },
    { words: '-t 1x -n true', since: pidArgument('1x', 'Invalid argument') },
    { words: '-t= -n true', since: pidArgument('=', 'Invalid argument') },
    { words: '-t 0 -n true', since: pidArgument('0', bigger) },
    { words: '-t -1 -n true', since: pidArgument('-1', bigger) },
    { words: '-t PID:x -n true', since: pidArgument('TARGET:x', 'Invalid argument') },
    { words: '-t PID: -n true', since: pidArgument('TARGET:', 'Invalid argument') },
    { words: '-t 99999999999 -n true', since: pidArgument('99999999999', bigger) },
    { words: '-t PID -S abc -n true' },
    { words: '-t PID -G 1x -n true' },
    { words: '-t PID -S -1 -n true', since: negative("uid: '-1'") },
    { words: '-t PID -G -2x -n true', since: negative("gid: '-2x'") },
    { words: '-t PID -S -abc -n true' },
    { words: '-t PID -S 4294967295 -n true', until: [0, 'it asks the kernel for what is no id'] },
    { words: '-t PID -S 99999999999999999999 -n true' },
    {
      words: '-t PID -w/ -W/ -n true',
      since: [2.42, 'options --wd and --wdns cannot be combined', "2.42's words"],
    },
    {
      words: '-t PID -N x true',
      since: [2.42, "failed to parse file descriptor: 'x'", 'an option of 2.43'],
    },
    {
      words: '-t PID -N -1 true',
      since: [2.42, "failed to parse file descriptor: '-1'", 'an option of 2.43'],
      until: [2.42, 'it takes that for no option at all'],
    },
    { words: '--net=:x true', since: [2.43, 'failed to parse nsid: x', 'ids are of 2.43'], until: noIds },
  ],
  'no target, or nothing to enter': [
    { words: '-a true', until: [2.42, 'it looks for process 0'] },
    { words: '-r true' },
    { words: '-w true' },
    { words: '-n true', since: noTarget },
    { words: '-m -p true', since: noTarget },
    {
      words: '-e -r/ true',
      since: [2.42, 'neither filename nor target pid supplied for environ', 'an option of 2.43'],
    },
    {
      words: '-c -r/ true',
      since: [2.42, 'neither filename nor target pid supplied for cgroup', 'an option of 2.43'],
      until: [2.42, 'it looks for a cgroup file system of version 2 first'],
    },
    {
      words: '-t PID true',
      since: [2.42, 'no namespace specified', "2.43's check: 2.38 executes the program here"],
    },
    {
      words: '-t PID -t PID -n true',
      since: [2.43, 'option --target may be given only once', "2.43's check"],
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
    { words: '-t PID:1 -n true', since: inode },
    { words: '-t PID:1 -a true', since: inode },
    {
      words: '-t PID -N 99 true',
      since: [2.42, 'pidfd_getfd(pidfd, 99): Bad file descriptor', 'an option of 2.43'],
      until: ownNumbers,
    },
    { words: '--net=/nonexistent true' },
    { words: '--mount=/nonexistent/there true' },
    { words: '-r/nonexistent true' },
    { words: '-w/nonexistent true' },
    { words: '-t PID -u -W/nonexistent true' },
    {
      words: '--net=:18446744073709551615 true',
      since: [2.43, 'cannot open namespace of id 18446744073709551615: Stale file handle', 'ids are of 2.43'],
      until: noIds,
    },
  ],
  'what is something else': [
    {
      words: '-t PID -N 0 true',
      since: [2.42, 'ioctl(socket, SIOCGSKNS): Inappropriate ioctl for device', 'an option of 2.43'],
      until: ownNumbers,
    },
    { words: '--net=FILES/file true' },
    { words: '--net=/proc/PID/ns/uts true' },
    { words: '--mount=/proc/PID/ns/pid true' },
    { words: '-rFILES/file true', until: rootAlone },
    { words: '-wFILES/file true', until: rootAlone },
  ],
  'what may not be': [
    { words: '-t PID -n true', as: asUser, until: byPidfd },
    { words: '-t PID -m -p true', as: asUser, until: byPidfd },
    { words: '-t PID -a true', as: asUser },
    { words: '-t PID -r true', as: asUser },
    {
      words: '-t PID -N 0 true',
      as: asUser,
      since: [2.42, 'pidfd_getfd(pidfd, 0): Operation not permitted', 'an option of 2.43'],
      until: ownNumbers,
    },
    { words: '--net=/proc/self/ns/net true', as: asUser },
    { words: '-t OWN -n true', as: asUser, until: atOnce },
    { words: '-t OWN -m true', as: asUser, until: atOnce },
    { words: '-t OWN -U true', as: asUser, until: atOnce },
    { words: '-t PID -U true', until: atOnce },
    { words: '-r/tmp true', as: asUser, until: rootAlone },
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

interface Reference {
  readonly file: string;
  /** `2.42` of `nsenter from util-linux 2.42.4`; undefined: there is none */
  readonly version: number | undefined;
}

function referenceOf(file: string): Reference {
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  const version = / (\d+\.\d+)/.exec(stdout ?? '')?.[1];
  return { file, version: version === undefined ? undefined : Number(version) };
}

const found = references.map(referenceOf);

if (process.getuid?.() !== 0) {
  it.skipIf(!mustRun('needs root'))('messages as nsenter: needs root', () => undefined);
} else if (found.every(({ version }) => version === undefined)) {
  it.skipIf(!mustRun('there is no nsenter'))('messages as nsenter: there is no nsenter', () => undefined);
} else {
  // The system's may be as new as the one that was built.
  const compared = found.flatMap(({ file, version }, index) =>
    version === undefined ? [] : [{ file, version, name: `${version}-${index}` }],
  );
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
    // Where another user may execute it as well.
    for (const { file, name } of compared) {
      mkdirSync(`${files.path}/${name}`);
      copyFileSync(file, `${files.path}/${name}/nsenter`);
    }
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

  describe.each(compared)('of $name', ({ version, name: directory }) => {
    for (const [title, rows] of Object.entries(table)) {
      describe.concurrent(title, () => {
        for (const { words, as, since, until } of rows)
          it(`nsenter ${words}${as ? ', by another' : ''}`, async () => {
            const theirs = await linesOf(`${files.path}/${directory}/nsenter`, fill(words), as);
            const ours = await linesOf(`${files.path}/nsenter`, fill(words), as);
            const [first = ''] = ours.lines;
            const [from = 0, line = '', why] = since ?? [];
            const [end = Number.POSITIVE_INFINITY, whyNot] = until ?? [];
            if (since) {
              const name = first.startsWith('ARGV0') ? 'ARGV0' : 'nsenter';
              expect(first).toBe(`${name}: ${line.replace('TARGET', String(target.pid))}`);
            }
            if (version < from || version >= end) {
              expect(first, `no longer so: ${version < from ? why : whyNot}`).not.toBe(theirs.lines[0]);
            } else {
              expect(first).toBe(theirs.lines[0]);
              expect(ours.status).toBe(theirs.status);
            }
          });
      });
    }
  });
}
