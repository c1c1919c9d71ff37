/** Every bad input: one line, at most a hint, status 1 as nsenter's, and the program is not executed. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun, nsenter, type RunOptions, run } from '../support/command.ts';
import {
  type Actor,
  enter,
  messageFormat,
  namespacesOf,
  type Scratch,
  scratch,
  shell,
  someone,
  startActor,
  tool,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let files: Scratch;
let target: Target;
let ended: string;
let zombie: Actor;
let socket: Actor;

beforeAll(async () => {
  buildPrograms();
  files = scratch();
  target = await startTarget({ namespaces: ['uts', 'net', 'pid', 'mount'] });
  const past = await startTarget();
  ended = String(past.pid);
  await past.stop();
  zombie = await startActor(['zombie']);
  socket = await startActor(['socket']);
  tool('mkfifo', `${files.path}/fifo`);
  writeFileSync(`${files.path}/file`, '');
});

afterAll(async () => {
  await target?.stop();
  await zombie?.stop();
  await socket?.stop();
  files?.[Symbol.dispose]();
});

interface Row {
  /** TARGET, ENDED, ZOMBIE, SOCKET and FILES stand for what the test has made. */
  readonly words: string;
  /** Of the first line, behind `tsenter: `. */
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly as?: RunOptions;
}

const asSomeone: RunOptions = { uid: someone, gid: someone };
const noTarget = /: no target PID specified$/;
const usage = /Try 'tsenter --help'/;

const table: Readonly<Record<string, readonly Row[]>> = {
  'no target': [
    ...['-a', '-m', '-u', '-i', '-n', '-p', '-C', '-U', '-T', '-r', '-w', '-e -w/', '-c -w/', '-N3'].map(
      (words) => ({
        words,
        message: noTarget,
        hint: /--target PID/,
      }),
    ),
    { words: '-S follow', message: noTarget },
    { words: '-G follow', message: noTarget },
    { words: '--user-parent', message: noTarget },
  ],
  'a target that is no process id': [
    ...[
      'x',
      '0',
      '-1',
      '1x',
      '0x1',
      '1.0',
      '4294967297',
      '99999999999',
      'self',
      ':1',
      '1:',
      '1:x',
      '1:2:3',
    ].map((text) => ({
      words: `-t ${text} -u`,
      message: /^parse target '.*': not a process id(, and no container has this name)?$/,
    })),
    { words: '--target= -u', message: /^parse target '': not a process id$/ },
  ],
  'a target that is not there': [
    { words: '-t ENDED -u', message: /^open target \d+: No such process$/ },
    { words: '-t ENDED -a -r -w', message: /^open target \d+: No such process$/ },
    { words: '-t 2147483647 -u', message: /^open target 2147483647: No such process$/ },
    { words: '-t ZOMBIE -a', message: /^open target \d+: No such process$/, hint: /zombie/ },
    { words: '-t TARGET:1 -a', message: /^open target \d+:1: No such process$/, hint: /inode \d+/ },
  ],
  "another user's process": [
    ...['mount', 'uts', 'ipc', 'net', 'pid', 'cgroup', 'user', 'time'].map((name) => ({
      words: `-t TARGET --${name}`,
      message: new RegExp(`^open ${name} namespace of target \\d+: Permission denied$`),
      hint: /belongs to root: run tsenter as root\.$/,
      as: asSomeone,
    })),
    { words: '-t TARGET -a', message: /namespace of target \d+: Permission denied$/, as: asSomeone },
    {
      words: '-t TARGET -r',
      message: /^open root directory of target \d+: Permission denied$/,
      as: asSomeone,
    },
    { words: '-t TARGET -w', message: /^open working directory of .*: Permission denied$/, as: asSomeone },
    {
      words: '-t TARGET -w/ -e',
      message: /^open environment of target .*: Permission denied$/,
      as: asSomeone,
    },
    {
      words: '-t SOCKET -N7',
      message: /^take socket 7 of target \d+: Operation not permitted$/,
      hint: /belongs to root: run tsenter as root\.$/,
      as: asSomeone,
    },
  ],
  'a file that is no namespace of that type': [
    { words: '-nFILES/file', message: /^enter net namespace .*\/file: not a namespace$/ },
    { words: '-n/dev/null', message: /^enter net namespace \/dev\/null: not a namespace$/ },
    { words: '-m/proc', message: /^enter mount namespace \/proc: not a namespace$/ },
    { words: '-uFILES/fifo', message: /^enter uts namespace .*\/fifo: not a namespace$/ },
    { words: '-n/proc/self/ns/uts', message: /^enter net namespace .*: a uts namespace$/ },
    { words: '-m/proc/self/ns/net', message: /^enter mount namespace .*: a net namespace$/ },
    { words: '-U/proc/self/ns/pid', message: /^enter user namespace .*: a pid namespace$/ },
    { words: '-p=/proc/self/ns/time', message: /^enter pid namespace .*: a time namespace$/ },
    { words: '-nFILES/none', message: /^open net namespace .*\/none: No such file or directory$/ },
    { words: '--net=', message: /^open net namespace : No such file or directory$/ },
    {
      words: '-pm',
      message: /^open pid namespace m: No such file or directory$/,
      hint: /did you mean -p -m\?/,
    },
  ],
  'namespaces that cannot be entered': [
    {
      words: '-t TARGET -U',
      message: /^enter user namespace of target \d+: Invalid argument$/,
      hint: /in already/,
    },
    { words: '-U/proc/self/ns/user', message: /^enter user namespace of .*: Invalid argument$/ },
    {
      words: '-t TARGET --user-parent',
      message: /^open parent user namespace of target \d+: Operation not permitted$/,
      hint: /not the caller's user namespace nor below it/,
    },
  ],
  'missing capabilities': [
    {
      words: '-t TARGET -n',
      message: /^enter net namespace of target \d+: Operation not permitted$/,
      hint: /CAP_SYS_ADMIN in OWN, which owns net:\[\d+\]/,
      as: { drop: [21] },
    },
    {
      words: '-t TARGET -m',
      message: /^enter mount namespace of target \d+: Operation not permitted$/,
      hint: /CAP_SYS_CHROOT in its own OWN/,
      as: { drop: [18] },
    },
    {
      words: '-r/',
      message: /^change root directory.*: Operation not permitted$/,
      hint: /CAP_SYS_CHROOT/,
      as: asSomeone,
    },
    { words: '-S 0', message: /^set user id 0: Operation not permitted$/, as: asSomeone },
    { words: '-G 0', message: /^set group id 0: Operation not permitted$/, as: asSomeone },
    {
      words: `-S ${someone}`,
      message: /^drop supplementary groups: Operation not permitted$/,
      as: { ...asSomeone, groups: [44] },
    },
  ],
  'ids that are none': [
    ...['x', '1x', '1.5', '0x1', 'Follow'].flatMap((text) => [
      { words: `-S ${text}`, message: /^find user '.*': no such user in \/etc\/passwd$/, hint: /a number/ },
      { words: `-G ${text}`, message: /^find group '.*': no such group in \/etc\/group$/, hint: /a number/ },
      { words: `-u -t TARGET -S ${text}`, message: /: no such user in \/etc\/passwd of target \d+$/ },
      { words: `-u -t TARGET -S 0:${text}`, message: /: no such group in \/etc\/group of target \d+$/ },
    ]),
    ...['-1', '/etc', 'a,b', '+x', ':0', ':'].map((text) => ({
      words: `-S ${text}`,
      message: /^parse value '.*' of --setuid: not a number, and no name$/,
      hint: usage,
    })),
    { words: '--setgid=', message: /^parse value '' of --setgid: not a number, and no name$/ },
    { words: '-u --groups=', message: /^parse value '' of --groups: not a number, and no name$/ },
    { words: '-S 0 --groups 5,,6', message: /^parse value '5,,6' of --groups: not a number, and no name$/ },
    { words: '-S 0 --groups 4294967295', message: /of --groups: out of range$/ },
    { words: '-S 0 --groups x', message: /^find group 'x': no such group in \/etc\/group$/ },
    { words: '-S 0 --groups follow', message: /^follow groups: no target PID specified$/ },
    { words: '-S 4294967295: ', message: /of --setuid: out of range$/ },
    { words: '-S 4294967295', message: /of --setuid: out of range$/ },
    { words: '-G 4294967296', message: /of --setgid: out of range$/ },
  ],
  options: [
    { words: '--nonsense', message: /^parse option --nonsense: unknown option$/, hint: usage },
    { words: '-x', message: /^parse option -x: unknown option$/, hint: usage },
    { words: '-aq', message: /^parse option -q: unknown option$/, hint: usage },
    { words: '--us', message: /^parse option --us: ambiguous.*--user, --user-parent/, hint: usage },
    { words: '--p', message: /^parse option --p: ambiguous.*--pid.*--preserve-credentials/, hint: usage },
    { words: '--all=x -t TARGET', message: /^parse option --all: takes no value$/, hint: usage },
    { words: '-w/ -W/', message: /--wd.*mutually exclusive$/, hint: usage },
    { words: '-W/ -w/', message: /--wd.*mutually exclusive$/, hint: usage },
    { words: '-t TARGET -w -W', message: /--wd.*mutually exclusive$/, hint: usage },
    { words: '-t TARGET -t 1 -u', message: /^parse option --target: may be given only once$/ },
    { words: '-t TARGET', message: /no namespace specified$/ },
  ],
  'sockets and ids of namespaces': [
    {
      words: '-t SOCKET -N8',
      message: /^open net namespace of socket 8 of target \d+: Socket operation on non-socket$/,
      hint: /8 is not a socket/,
    },
    { words: '-t SOCKET -N99', message: /^take socket 99 of target \d+: Bad file descriptor$/ },
    { words: '-t SOCKET -Nx', message: /^parse value 'x' of --net-socket: not a number$/ },
    { words: '-t SOCKET -N-1', message: /^parse value '-1' of --net-socket: not a number$/ },
    { words: '-t SOCKET -N2147483648', message: /of --net-socket: out of range$/ },
    { words: '-n:x', message: /^parse nsid 'x' of --net: not a number$/ },
    { words: '-n:', message: /^parse nsid '' of --net: not a number$/ },
    { words: '-n:-1', message: /^parse nsid '-1' of --net: not a number$/ },
    // There is no namespace of that number on any kernel.
    { words: '-n:18446744073709551615', message: /^open net namespace :\d+: /, hint: /needs Linux 6\.19/ },
    { words: '-n:99999999999999999999', message: /^open net namespace :\d+: /, hint: /needs Linux 6\.19/ },
  ],
};

function fill(words: string): string[] {
  const values: Readonly<Record<string, string>> = {
    TARGET: String(target.pid),
    ENDED: ended,
    ZOMBIE: String(zombie.number),
    SOCKET: String(socket.number),
    FILES: files.path,
  };
  return words.split(' ').map((word) => word.replace(/[A-Z]{5,}/, (name) => values[name] ?? name));
}

let runs = 0;

describe.each(Object.entries(table))('%s', (_, rows) => {
  it.each(rows)('$words', async ({ words, message, hint, as = {} }) => {
    runs += 1;
    const witness = `${files.path}/executed-${runs}`;
    const outcome = await enter([...fill(words), 'touch', witness], as);
    expect(existsSync(witness)).toBe(false);
    const text = outcome.stderr.toString();
    expect(text).toMatch(messageFormat);
    const [first = '', second] = text.split('\n');
    expect(first.replace(/^tsenter: /, '')).toMatch(message);
    if (hint !== undefined) {
      const own = namespacesOf('self').user.replace(/[[\]]/g, '\\$&');
      expect(second).toMatch(new RegExp(hint.source.replace('OWN', own)));
    }
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
  });
});

/** What the system's nsenter knows and refuses as well: status and nothing executed are the same. */
const shared = [
  '-a',
  '-m',
  '-t x -u',
  '-t ENDED -u',
  '-t ZOMBIE -u',
  '-nFILES/none',
  '-n/dev/null',
  '-t TARGET -U',
  '-G x',
  '-S x',
  '--nonsense',
  '-x',
  '--p',
  '-w/ -W/',
  '-t',
  '-r/none',
];

it.each(shared)('nsenter gives the same status: %s', async (words) => {
  const witness = `${files.path}/executed-too`;
  const program = words === '-t' ? [] : ['touch', witness];
  const theirs = await run([nsenter, ...fill(words), ...program]);
  const ours = await enter([...fill(words), ...program]);
  expect(ours.status).toBe(theirs.status);
  expect(existsSync(witness)).toBe(false);
});

it('an option whose value is missing', async () => {
  for (const [word, shown] of [
    ['-t', '-t'],
    ['--target', '--target'],
    ['-S', '-S'],
    ['-N', '-N'],
  ] as const) {
    const outcome = await enter([word]);
    expect(outcome.status).toBe(1);
    expect(outcome.stderr.toString()).toMatch(
      new RegExp(`^tsenter: parse option ${shown}: requires a value\nTry 'tsenter --help'`),
    );
  }
});

it('the kernel names itself where it is too old for an id', async () => {
  const outcome = await enter(['-n:1234', 'true']);
  expect(outcome.status).toBe(1);
  expect(outcome.stderr.toString()).toContain(release());
});

it('a kernel thread has no user namespace but the own one', async (context) => {
  if (!readFileSync('/proc/2/stat', 'utf8').includes('(kthreadd)'))
    mustRun('process 2 is no kernel thread', context);
  const outcome = await enter(['-t', '2', '-U', 'echo', 'executed']);
  expect(outcome.status).toBe(1);
  expect(outcome.stderr.toString()).toMatch(/^tsenter: enter user namespace of target 2: Invalid argument\n/);
  expect(outcome.stdout.toString()).toBe('');
});

it('a failing step leaves no process behind', async () => {
  const outcome = await enter(['-t', String(target.pid), '-p', '-W/none', 'true']);
  expect(outcome).toMatchObject({ status: 1, orphans: 0 });
});

describe('colours', () => {
  const red = '\x1b[31m\x1b[1mtsenter:\x1b[22m\x1b[39m ';
  const failures: readonly (readonly [string, readonly string[]])[] = [
    ['of the command line', ['-a']],
    ['of a step', ['-W/none', 'true']],
    ['of the program', ['-w/', '/none']],
  ];

  describe.each(failures)('%s', (_, words) => {
    it.each([
      ['not to a pipe', {}, false],
      ['forced', { FORCE_COLOR: '1' }, true],
      ['forced against NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
      ['forced off', { FORCE_COLOR: '0' }, false],
      ['an empty FORCE_COLOR is none', { FORCE_COLOR: '' }, false],
    ] as const)('%s', async (_name, variables, coloured) => {
      const outcome = await enter(words, { env: { ...defaultEnv, ...variables } });
      const text = outcome.stderr.toString();
      if (coloured) expect(text.startsWith(red)).toBe(true);
      else expect(text).toMatch(/^tsenter: /);
    });

    it.for([
      ['on a terminal', '', true],
      ['on a terminal, but not with NO_COLOR', 'NO_COLOR=1', false],
      ['on a terminal, with an empty NO_COLOR', 'NO_COLOR=', true],
      ['on a dumb terminal', 'TERM=dumb', false],
    ] as const)('%s', async ([, variable, coloured], context) => {
      if (!isExecutable('/usr/bin/script')) {
        mustRun('needs script(1)', context);
        return;
      }
      const command = `env TERM=xterm ${variable} "$T" ${words.join(' ')}`;
      const outcome = await shell(`script -qec '${command}' /dev/null </dev/null`);
      const text = outcome.stdout.toString();
      expect(text.startsWith(red)).toBe(coloured);
      if (!coloured) expect(text).toMatch(/^tsenter: /);
    });
  });
});

it('the message goes to stderr only, also when that is closed', async () => {
  const outcome = await enter(['-a'], { close: [2] });
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.status).toBe(1);
});
