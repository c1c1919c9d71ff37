/**
 * The second line of a message: a table of situations and of what a person is told in each. A hint is computed from what is so at
 * that moment, so beside each stands a neighbour that looks alike and is told something else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type RunOptions, run, said, tsenter } from '../support/command.ts';
import { type Scratch, scratch, someone, tool } from '../support/enter.ts';
import { hasInterpreter } from '../support/inject.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { startTerminal } from '../support/terminal.ts';

/** Of root, with a root of its own: busybox is all that there is. */
let inside: Target;
/** The same without a shell. */
let bare: Target;
/** Whose shell's loader is missing, and whose shell may not be executed. */
let dynamic: Target;
let plain: Target;
/** Of `someone`, in a user namespace of theirs. */
let owned: Target;
/** Of `someone`, and of root, in the host's namespaces but for one. */
let files: Scratch;

const asSomeone: RunOptions = { uid: someone, gid: someone };
const withPath = (path: string): RunOptions => ({ env: { ...defaultEnv, PATH: path } });
const withFiles: RunOptions = {
  env: {
    ...defaultEnv,
    get PATH() {
      return `/nowhere:${files.path}`;
    },
  },
};
const t = (target: Target): string => String(target.pid);

beforeAll(async () => {
  buildPrograms();
  files = scratch();
  const start = () => startTarget({ namespaces: ['mount', 'uts', 'pid'], root: 'pivot' });
  [inside, bare, dynamic, plain] = await Promise.all([start(), start(), start(), start()]);
  for (const target of [bare, dynamic, plain]) rmSync(`/proc/${target.pid}/root/bin/sh`);
  owned = await startTarget({
    namespaces: ['user', 'mount', 'uts'],
    user: { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' },
    startedBy: someone,
  });
  writeFileSync(`${files.path}/script`, '#! /no/interpreter -x\n', { mode: 0o755 });
  writeFileSync(`${files.path}/own-shell`, 'exit 7\n', { mode: 0o755 });
  writeFileSync(`${files.path}/plain`, 'exit 7\n', { mode: 0o644 });
  writeFileSync(`${files.path}/bad-interpreter`, `#!${files.path}/plain\n`, { mode: 0o755 });
  const loader = readFileSync('/bin/true', 'latin1').replace(/\/lib64\/ld-linux[^\0]*/, (path) =>
    path.replace(/.$/, '9'),
  );
  writeFileSync(`${files.path}/dynamic`, Buffer.from(loader, 'latin1'), { mode: 0o755 });
  copyFileSync(`${files.path}/dynamic`, `/proc/${dynamic.pid}/root/bin/sh`);
  writeFileSync(`/proc/${plain.pid}/root/bin/sh`, '', { mode: 0o644 });
  symlinkSync('/no/end', `${files.path}/dangling`);
  symlinkSync('circle', `${files.path}/circle`);
  mkdirSync(`${files.path}/directory`);
  symlinkSync('/proc/self/ns/net', `${files.path}/namespace`);
  mkdirSync('/run/netns', { recursive: true });
  writeFileSync('/run/netns/tsenter-hints', '');
});

afterAll(async () => {
  await Promise.all([inside, bare, dynamic, plain, owned].map((target) => target?.stop()));
  files?.[Symbol.dispose]();
  rmSync('/run/netns/tsenter-hints', { force: true });
});

interface Row {
  readonly what: string;
  readonly words: () => readonly string[];
  readonly options?: RunOptions;
  /** words before the command */
  readonly under?: () => readonly string[];
  /** the message, and the hint or that there is none */
  readonly told: () => readonly [RegExp, RegExp | undefined];
}

const NOT_PERMITTED = /: Operation not permitted$/;
const NOT_FOUND = /: No such file or directory$/;
const DENIED = /: Permission denied$/;
const FILTER =
  /^The caller has every capability that this takes: a seccomp filter or a security module denies it\.$/;
const without = (capability: string) => (): readonly string[] => [
  '/usr/bin/setpriv',
  `--bounding-set=-${capability}`,
  '--inh-caps=-all',
];
const denying = (call: string) => (): readonly string[] => [program('filtered'), '1', call, '--'];

const UNKNOWN = /: parse option \S+: unknown option$/;

/** What people type who know it from docker(1) and others, and what a neighbour is told. */
const habits: readonly Row[] = [
  ...[
    ['-it', 'sh'],
    ['-it', 'web', 'sh'],
    ['-t', 'web', '-it', 'sh'],
  ].map((words) => ({
    what: `docker's -it: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: open ipc namespace t: No such file or directory$|: not a process id, and no container/,
        /^-it is -i with the file 't'\. docker's -it can be left out, as in -t NAME sh: |^The word behind --target is/,
      ] as const,
  })),
  {
    what: "docker's -it, behind a target that is there",
    words: () => ['-t', t(inside), '-it', 'sh'],
    told: () => [
      /: open ipc namespace t: No such/,
      /^-it is -i with the file 't'\. docker's -it can be left out, as in -t \d+ --all sh: /,
    ],
  },
  {
    what: 'the other way round',
    words: () => ['-ti', 'web', 'sh'],
    told: () => [
      / target 'i': not a process id/,
      /^-ti is -t with the value 'i'\. docker's -it can be left out, as in -t NAME sh: /,
    ],
  },
  {
    what: 'the other way round, behind a target that is there',
    words: () => ['-t', t(inside), '-ti', 'sh'],
    told: () => [
      /: parse option --target: may be given only once$/,
      /^-ti is -t with the value 'i'\. docker's -it can be left out, as in -t \d+ --all sh: /,
    ],
  },
  {
    what: 'the other way round, before a name',
    words: () => ['-ti', '-t', 'docker:web', 'sh'],
    told: () => [/: may be given only once$/, /, as in -t docker:web sh: /],
  },
  {
    what: 'each with a dash of its own, behind a target that is there',
    words: () => ['-t', t(inside), '-u', '-i', '-t', 'sh'],
    told: () => [/: may be given only once$/, /^docker's -it can be left out, as in -t \d+ --all sh: /],
  },
  {
    what: 'two targets',
    words: () => ['-t', t(inside), '-t', 'web', 'sh'],
    told: () => [/: may be given only once$/, /^Try 'tsenter --help'/],
  },
  ...[
    ['-u', '1000', 'tsenter-web', 'sh'],
    ['-u', 'root', 'tsenter-web', 'sh'],
    ['-u', '1000:1000', 'sh'],
    ['-eu', 'root', '-it', 'tsenter-web', 'sh'],
    ['--user', 'root', 'tsenter-web', 'sh'],
    ['-u', '1000', '-t', '4242', '-a', 'id'],
    ['-u', 'nobody-knows', '--target=4242', '-a', 'id'],
  ].map((words) => ({
    what: `docker's user, where docker has it: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: enter (uts|user) namespace: no target PID specified$|: enter all namespaces: no target PID specified$/,
        new RegExp(
          `^'${words[1]}' is taken for the program: --(uts|user) takes the file of a namespace; a user, by number or name, is --setuid=${words[1]}$`,
        ),
      ] as const,
  })),
  ...[
    ['-u', '4242', 'sh'],
    ['-u', 'nobody-knows', 'tsenter-web', 'sh'],
  ].map((words) => ({
    what: `a user, or the target: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no target PID specified$/,
        new RegExp(`; as the target it is -t ${words[1]}, as a user --setuid=${words[1]}\\.$`),
      ] as const,
  })),
  {
    what: 'a target behind -u',
    words: () => ['-u', 'tsenter-web'],
    told: () => [/: no target PID specified$/, /; as the target it is -t tsenter-web\.$/],
  },
  {
    what: 'a program behind -u, and the target behind it',
    words: () => ['-u', 'id', '-t', '4242'],
    told: () => [/: no target PID specified$/, /^Options end at the program, 'id': /],
  },
  ...[
    ['-e', 'FOO=bar', 'tsenter-web', 'sh'],
    ['--env', 'FOO=bar', 'tsenter-web', 'sh'],
    ['-e', 'FOO=bar', '-t', '4242', '-a', 'env'],
    ['FOO=bar', '-t', '4242'],
  ].map((words) => ({
    what: `docker's variable, where docker has it: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no (target PID|namespace) specified$/,
        /^A variable of the program is set by --setenv FOO=bar$/,
      ] as const,
  })),
  ...['1000', 'root', 'root:staff', '1000:1000'].flatMap((user) =>
    [
      ['-m', '-u', user],
      ['-eu', user],
      ['-m', '--user', user],
    ].map((words) => ({
      what: `docker's user: ${words.join(' ')}`,
      words: () => ['-t', t(inside), ...words, 'id'],
      told: () =>
        [
          /: (execute \S+: No such file or directory|enter user namespace of target \d+: Invalid argument)$/,
          new RegExp(
            `^'${user}' is taken for the program: --${words.includes('--user') ? 'user' : 'uts'} takes the file of a namespace; a user, by number or name, is --setuid=${user}$`,
          ),
        ] as const,
    })),
  ),
  {
    what: 'a user whom the files that are seen do not know',
    words: () => ['-t', t(inside), '-u', 'nobody-knows', 'id'],
    options: withPath('/nowhere'),
    told: () => [NOT_FOUND, /^It is not in PATH=\/nowhere; as a user it is --setuid=nobody-knows$/],
  },
  {
    what: 'a program behind -u',
    words: () => ['-t', t(inside), '-u', 'nobody-knows'],
    options: withPath('/nowhere'),
    told: () => [NOT_FOUND, /^It is not in PATH=\/nowhere$/],
  },
  {
    what: 'the user namespace of the caller, and no user',
    words: () => ['-t', t(inside), '--user', 'id'],
    told: () => [/Invalid argument$/, /^It is the user namespace that the caller is in already/],
  },
  ...['-uroot', '-u1000', '--user=root', '--uts=web'].map((word) => ({
    what: `a user behind an option of a namespace: ${word}`,
    words: () => ['-t', t(inside), word, 'id'],
    told: () =>
      [
        NOT_FOUND,
        /^--(uts|user) takes the file of a namespace; a user, by number or name, is --setuid=(root|1000|web)\.$/,
      ] as const,
  })),
  {
    what: 'a file of a namespace that is not there',
    words: () => ['-t', t(inside), '--uts=/no/where', 'id'],
    told: () => [NOT_FOUND, undefined],
  },
  ...[
    ['-n', 'shop', '-t', 'web', 'sh'],
    ['-n', 'shop', 'web', '--', 'sh'],
    ['-n', 'shop', 'pod/web', '--', 'sh'],
    ['-n', 'shop', '-it', 'web', '--', 'sh'],
    ['--net', 'shop', '-tweb', 'sh'],
    ['-n', 'shop', '--target', 'pod:web', 'sh'],
    ['-n', 'shop', '-c', 'nginx', '--target=web', 'sh'],
  ].map((words) => ({
    what: `kubectl's namespace of a pod: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no target PID specified$/,
        /^'shop' is taken for the program\. A pod's namespace is a part of its name: -t pod:shop\/web$/,
      ] as const,
  })),
  ...Object.entries({
    '-n tsenter-web': 'as the target it is -t tsenter-web',
    '-n tsenter-web sh': 'as the target it is -t tsenter-web',
    '-n 4242 web': 'as the target it is -t 4242',
    '-n tsenter-web tsenter-program': 'as the target it is -t tsenter-web',
    '-m -n shop -t web': "Options end at the program, 'shop'",
    '-n true -t web': "Options end at the program, 'true'",
    '-n shop -t 4242': "Options end at the program, 'shop'",
    '-n shop -t': "Options end at the program, 'shop'",
    '-n shop -- web': 'as the target it is -t shop',
    '-n shop -t docker:web': "Options end at the program, 'shop'",
    '-i shop -t web': "Options end at the program, 'shop'",
  }).map(([words, hint]) => ({
    what: `no namespace of a pod: ${words}`,
    words: () => words.split(' '),
    told: () => [/: no target PID specified$/, new RegExp(hint)] as const,
  })),
  {
    what: 'a network that ip-netns(8) has',
    words: () => ['-ntsenter-hints', 'true'],
    told: () => [
      NOT_FOUND,
      /^ip-netns\(8\) has one of this name: --net=\/run\/netns\/tsenter-hints, or -t netns:tsenter-hints\.$/,
    ],
  },
  {
    what: 'a network that it has not',
    words: () => ['-ntsenter-nothing', 'true'],
    told: () => [NOT_FOUND, undefined],
  },
  {
    what: 'a process behind an option of a namespace, with a target',
    words: () => ['-t', t(inside), `--net=${t(inside)}`, 'true'],
    told: () => [
      NOT_FOUND,
      /^A process is -t (\d+); the file of its namespace is --net=\/proc\/\1\/ns\/net\.$/,
    ],
  },
  ...[
    ['--pid=4242', '-a'],
    ['-p4242', '-n'],
    ['--pid=4242', '-r'],
  ].map((words) => ({
    what: `a process behind an option of a namespace: ${words.join(' ')}`,
    words: () => [...words, 'sh'],
    told: () =>
      [
        /: no target PID specified$/,
        /^4242 is taken for a file of --pid; as the target it is -t 4242\.$/,
      ] as const,
  })),
  {
    what: 'a process behind an option of a namespace, as a word of its own',
    words: () => ['--pid', '4242', 'sh'],
    told: () => [/: no target PID specified$/, /^'4242' is taken for the program, .* it is -t 4242\.$/],
  },
  ...[
    ['sh', '-t', '4242'],
    ['sh', '--target=4242', '-a'],
    ['sh', '-l', '--target', '4242'],
    ['sh', '-t4242'],
  ].map((words) => ({
    what: `a target behind the program: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no namespace specified$/,
        /^Options end at the program, 'sh': the target stands before it, as in -t PID sh\.$/,
      ] as const,
  })),
  {
    what: 'a target behind the program, behind what is asked of it',
    words: () => ['-a', 'sh', '-t', '4242'],
    told: () => [/: no target PID specified$/, /^Options end at the program, 'sh': /],
  },
  ...[
    ['tsenter-web', 'sh'],
    ['-a', 'tsenter-web', 'sh'],
  ].map((words) => ({
    what: `a container where the program is expected: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no (namespace|target PID) specified$/,
        /^'tsenter-web' is taken for the program, at which options end; as the target it is -t tsenter-web\.$/,
      ] as const,
  })),
  ...Object.entries({
    help: '--help',
    version: '--version',
    list: '--list',
    ps: '--list',
    'ps -a': '--list',
    'explain web': '--explain beside -t NAME',
  }).map(([words, option]) => ({
    what: `an option as a command: ${words}`,
    words: () => words.split(' '),
    told: () =>
      [
        /: no namespace specified$/,
        new RegExp(`^'[a-z]+' is taken for the program: .* is shown by ${option}\\.$`),
      ] as const,
  })),
  ...['run', 'run web sh', 'attach web', '-a enter web'].map((words) => ({
    what: `a command of others: ${words}`,
    words: () => words.split(' '),
    told: () =>
      [
        /: no (namespace|target PID) specified$/,
        /^'[a-z]+' is taken for the program: a container is entered by -t NAME alone\.$/,
      ] as const,
  })),
  {
    what: 'a program that is called as a command',
    words: () => ['ps', 'aux'],
    told: () => [/: no namespace specified$/, /^Name what to enter: a container, as in -t NAME, or /],
  },
  {
    what: 'the same with something to enter',
    words: () => ['-a', 'ps'],
    told: () => [/: no target PID specified$/, /^Name the process or the container: --target PID\|NAME\.$/],
  },
  ...Object.entries({ '-t=4242': 't 4242', '-t=web': 't web', '-S=1000': 'S 1000', '-G=web': 'G web' }).map(
    ([word, meant]) => ({
      what: `a '=' behind a letter: ${word}`,
      words: () => [...(word.startsWith('-t') ? [] : ['-t', t(inside)]), word, '-u', 'id'],
      told: () =>
        [
          /: not a process id$|: (find user '=1000'|find group '=web'): no such (user|group) in /,
          new RegExp(`^A '=' behind a letter is a part of the value: leave it out, as in -${meant}$`),
        ] as const,
    }),
  ),
  {
    what: "a '=' behind -N",
    words: () => ['-t', t(inside), '-N=5', 'id'],
    told: () => [/: parse value '=5' of --net-socket: not a number$/, /, as in -N 5$/],
  },
  {
    what: "a '=' and no value",
    words: () => ['-t=', '-n', 'id'],
    told: () => [/ target '=': not a process id$/, /^The word behind --target is its value/],
  },
  {
    what: "docker's command",
    words: () => ['exec', '-it', 'web', 'sh'],
    told: () => [
      /: no namespace specified$/,
      /^'exec' is taken for the program: a container is entered by -t NAME/,
    ],
  },
  ...['--env=FOO=a b', '-eFOO=a'].map((word) => ({
    what: `a variable in the option's own word: ${word}`,
    words: () => ['-t', t(inside), word, 'env'],
    told: () =>
      [
        /: (takes no value|unknown option)$/,
        /^A variable of the program is set by --setenv FOO=a( b)?$/,
      ] as const,
  })),
  {
    what: 'another option with a value that it does not take',
    words: () => ['--all=web', 'env'],
    told: () => [/: takes no value$/, /^Try 'tsenter --help'/],
  },
  {
    what: 'words in one',
    words: () => ['-t', t(inside), '-m', 'ls -la'],
    told: () => [
      NOT_FOUND,
      /^It is one word, blanks and all: the program and each of its arguments are words/,
    ],
  },
  {
    what: 'the same by a path',
    words: () => ['-t', t(inside), '-m', '/bin/ls -la'],
    told: () => [NOT_FOUND, /^It is one word, blanks and all: /],
  },
  ...['caps', 'caps,env', '+seccomp,-cgroup', 'strict'].map((aspects) => ({
    what: `aspects behind --as-target: ${aspects}`,
    words: () => ['-t', t(inside), '--as-target', aspects, 'true'],
    told: () =>
      [
        NOT_FOUND,
        new RegExp(
          `^It is taken for the program: the value of --as-target needs a '=': --as-target=${aspects.replace('+', '\\+')}$`,
        ),
      ] as const,
  })),
  ...['caps,', 'capable', '+', 'caps,nothing'].map((word) => ({
    what: `a program behind --as-target: ${word}`,
    words: () => ['-t', t(inside), '--as-target', '--no-pty', word],
    told: () => [NOT_FOUND, /^It is not in PATH=/] as const,
  })),
  ...Object.entries({
    cap: 'caps',
    '-cgroups': 'groups or cgroup',
    '+secomp': 'seccomp',
    Strict: 'strict',
  }).map(([word, meant]) => ({
    what: `almost an aspect: ${word}`,
    words: () => ['-t', t(inside), `--as-target=${word}`, 'true'],
    told: () =>
      [/: parse aspect '\S+' of --as-target: not known$/, new RegExp(`^Did you mean ${meant}\\?$`)] as const,
  })),
  {
    what: 'no aspect at all',
    words: () => ['-t', t(inside), '--as-target=everything', 'true'],
    told: () => [/: not known$/, /^There are namespaces, root, .* and strict\.$/],
  },
  {
    what: 'almost a capability',
    words: () => ['-t', t(inside), '-u', '--caps=CAP_NET_RWA', 'true'],
    told: () => [/: parse capability 'CAP_NET_RWA' of --caps: not known$/, /^Did you mean net_raw\?$/],
  },
  {
    what: 'no capability at all',
    words: () => ['-t', t(inside), '-u', '--caps=everything', 'true'],
    told: () => [/: not known$/, /^A name of capabilities\(7\), such as net_raw/],
  },
  {
    what: 'a word among groups that stands alone',
    words: () => ['-t', t(inside), '-u', '--groups=none,adm', 'true'],
    told: () => [
      /: parse groups 'none,adm' of --groups: none stands alone$/,
      /^It says what the groups are; /,
    ],
  },
  ...Object.entries({
    '--workdir=/a': '^A working directory as it is found inside is --wdns=/a\\.$',
    '--cwd': '^A working directory as it is found inside is --wdns=DIR\\.$',
    '--privileged':
      '^Without --as-target or --caps the program has the capabilities of the caller: as root, all\\.$',
    '--cap-add=NET_RAW': '^Beside --as-target it is --caps=\\+NET_RAW; without that',
    '--cap-drop=ALL': '^It is --caps=none\\.$',
    '--cap-drop=CHOWN': '^It is --caps=-CHOWN\\.$',
    '--interactive': '^The program has the input and the terminal of the caller; --pty ',
    '--tty': '^The program has the input and the terminal of the caller; --pty ',
    '--detach': '^It waits for the program; ',
    '-d': '^It waits for the program; ',
    '--name=web': '^A container is entered by -t web\\.$',
    '--reuid=7': '^A user, by number or name, is --setuid=7\\.$',
    '--verbose': '^--explain shows what would be done',
    '-v': '^The version is -V; --explain shows what would be done',
    '-l': '^What can be entered is shown by --list\\.$',
    '--volume=/a:/b': '^Nothing is mounted; --mount enters the mounts of the target\\.$',
    '--set-env=A=1': '^Did you mean --setenv\\?$',
    '--no-nwe-privs': '^Did you mean --no-new-privs\\?$',
    '--mnt': '^Did you mean --mount\\?$',
    '--mnt=/proc/1/ns/mnt': '^Did you mean --mount\\?$',
    '--network': '^Did you mean --net\\?$',
    '--networks': "^Try 'tsenter --help'",
    '--namespace': "^A pod's namespace is a part of its name: -t pod:NAMESPACE/POD$",
    '--namespace=shop': "^A pod's namespace is a part of its name: -t pod:shop/POD$",
    '--entrypoint': "^Try 'tsenter --help'",
    '-q': "^Try 'tsenter --help'",
  }).map(([word, hint]) => ({
    what: `an option that there is not: ${word}`,
    words: () => ['-t', t(inside), word],
    told: () => [UNKNOWN, new RegExp(hint)] as const,
  })),
  {
    what: 'an option that there is not, whose value is the next word',
    words: () => ['-t', t(inside), '--workdir', '/a b', 'pwd'],
    told: () => [UNKNOWN, /^A working directory as it is found inside is --wdns=\/a b\.$/],
  },
];

const rows: readonly Row[] = [
  {
    what: 'a capability is missing in the own user namespace',
    under: without('sys_chroot'),
    words: () => ['--unsealed', '-t', t(inside), '-m', 'true'],
    told: () => [
      NOT_PERMITTED,
      /^The caller lacks CAP_SYS_CHROOT in its own user:\[\d+\]\. --explain tells all that it takes\.$/,
    ],
  },
  {
    what: 'another one, of a namespace that takes no other',
    under: without('sys_admin'),
    words: () => ['-t', t(inside), '-u', 'true'],
    told: () => [
      NOT_PERMITTED,
      /^The caller lacks CAP_SYS_ADMIN in user:\[\d+\], which owns uts:\[\d+\]\. --explain tells all that it takes\.$/,
    ],
  },
  {
    what: 'none is missing: a filter',
    under: denying('setns'),
    words: () => ['-t', t(inside), '-u', 'true'],
    told: () => [NOT_PERMITTED, FILTER],
  },
  {
    what: 'the user namespace is the caller’s, and was not entered',
    words: () => ['-t', t(owned), '-m', 'true'],
    options: asSomeone,
    told: () => [
      NOT_PERMITTED,
      /^The caller lacks CAP_SYS_ADMIN and CAP_SYS_CHROOT in its own user:\[\d+\], not in user:\[\d+\], which owns mnt:\[\d+\]: enter that as well, by --user or --all\. --explain tells all that it takes\.$/,
    ],
  },
  {
    what: 'a user namespace of somebody else',
    words: () => [`--user=/proc/${t(inside)}/ns/user`, '--preserve-credentials', 'true'],
    options: asSomeone,
    told: () => [DENIED, /^process \d+ belongs to root: run tsenter as root\.$/],
  },
  {
    what: 'groups: the capability is missing',
    under: without('setgid'),
    words: () => ['-t', t(inside), '-u', '-S', '0', 'true'],
    options: { groups: [5] },
    told: () => [NOT_PERMITTED, /^The caller lacks CAP_SETGID; --preserve-credentials leaves/],
  },
  {
    what: 'a user id: the capability is missing',
    under: without('setuid'),
    words: () => ['-t', t(inside), '-u', '-S', '7', 'true'],
    told: () => [NOT_PERMITTED, /^The caller lacks CAP_SETUID in this user namespace\.$/],
  },
  {
    what: 'a root directory: the capability is missing, and no user namespace is entered',
    under: without('sys_chroot'),
    words: () => ['--unsealed', '-r/tmp', 'true'],
    told: () => [NOT_PERMITTED, /^The caller lacks CAP_SYS_CHROOT in this user namespace\.$/],
  },
  ...['-w/tmp', '-W/tmp', '-r/tmp'].map((option) => ({
    what: `a directory that a filter denies: ${option}`,
    under: denying('chdir'),
    words: () => ['-t', t(inside), '-u', option, '/bin/true'],
    told: () => [NOT_PERMITTED, FILTER] as const,
  })),
  {
    what: 'no copy in memory may be executed, as vm.memfd_noexec=2 has it',
    under: () => [program('filtered'), '13', 'open_tree', 'memfd_create', '--'],
    words: () => ['-t', t(inside), '-m', 'true'],
    told: () => [/: seal this executable: Permission denied$/, /^With the sysctl vm\.memfd_noexec=2 nobody/],
  },
  {
    what: 'a copy that is not to be executed by its descriptor, and has no name in /proc',
    under: () => [
      ...['/usr/bin/unshare', '--mount', 'sh', '-c', 'mount -t tmpfs cover /proc && exec "$@"', 'sh'],
      ...[program('filtered'), '2', 'open_tree', 'execveat', '--'],
    ],
    words: () => ['-r/', 'true'],
    told: () => [/: seal this executable: No such file or directory$/, /^Is \/proc mounted\? --unsealed/],
  },
  {
    what: 'no pseudo-terminal is left',
    under: () => [
      ...['/usr/bin/unshare', '--mount', 'sh', '-c'],
      'mount -t devpts -o max=1 none /dev/pts && mount --bind /dev/pts/ptmx /dev/ptmx && exec "$@" 9<>/dev/ptmx',
      'sh',
    ],
    words: () => ['-t', t(inside), '-u', '--pty', 'true'],
    told: () => [/: open pseudo-terminal: No space left on device$/, /^As many are open as may be: /],
  },
  {
    what: 'neither a clone nor a copy, because of a filter',
    under: () => [program('filtered'), '1', 'open_tree', 'memfd_create', '--'],
    words: () => ['-t', t(inside), '-m', 'true'],
    told: () => [/: seal this executable: Operation not permitted$/, /^Whoever is inside could overwrite/],
  },
  {
    what: 'a target of root',
    words: () => ['-t', t(inside), '-n', 'true'],
    options: asSomeone,
    told: () => [DENIED, /^target \d+ belongs to root: run tsenter as root\.$/],
  },
  {
    what: 'its file',
    words: () => [`--net=/proc/${t(inside)}/ns/net`, 'true'],
    options: asSomeone,
    told: () => [DENIED, /^process \d+ belongs to root: run tsenter as root\.$/],
  },
  {
    what: 'a file that is not there, of no process',
    words: () => ['--net=/nowhere', 'true'],
    options: asSomeone,
    told: () => [NOT_FOUND, undefined],
  },
  {
    what: 'PATH of the caller, in files of the target',
    words: () => ['-t', t(inside), '-m', '-p', 'ls'],
    options: withPath('/nowhere:/neither'),
    told: () => [NOT_FOUND, /^It is not in PATH=\/nowhere:\/neither; --env takes the target's\.$/],
  },
  {
    what: 'PATH of the caller, in its own files',
    words: () => ['-t', t(inside), '-u', 'ls'],
    options: withPath('/nowhere'),
    told: () => [NOT_FOUND, /^It is not in PATH=\/nowhere$/],
  },
  {
    what: 'PATH of the target',
    words: () => ['-t', t(inside), '-m', '-p', '-e', 'no-such-program'],
    options: withPath('/nowhere'),
    told: () => [NOT_FOUND, /^It is not in PATH=(?!\/nowhere)[^;]*$/],
  },
  {
    what: 'PATH of the caller, set beside the target’s environment',
    words: () => ['-t', t(inside), '-m', '-p', '-e', '--setenv', 'PATH=/mine', 'no-such-program'],
    told: () => [NOT_FOUND, /^It is not in PATH=\/mine; --env takes the target's\.$/],
  },
  {
    what: 'PATH of the target, beside which another variable is set',
    words: () => ['-t', t(inside), '-m', '-p', '-e', '--setenv', 'A=1', 'no-such-program'],
    told: () => [NOT_FOUND, /^It is not in PATH=[^;]*$/],
  },
  {
    what: 'a variable, as docker’s -e has it',
    words: () => ['-t', t(inside), '-m', '-p', '-e', 'FOO=/a b', 'ls'],
    told: () => [NOT_FOUND, /^A variable of the program is set by --setenv FOO=\/a b$/],
  },
  {
    what: 'a program of such a name by its path',
    words: () => ['-t', t(inside), '-m', '-p', './FOO=a'],
    told: () => [NOT_FOUND, undefined],
  },
  ...['bash', 'zsh', 'sh'].map((name) => ({
    what: `${name} of the caller’s PATH, where there is another shell`,
    words: () => ['-t', t(inside), '-m', '-p', name],
    options: withPath('/nowhere'),
    told: () => [NOT_FOUND, /^It is not in PATH=\/nowhere; \/bin\/sh is there\.$/] as const,
  })),
  {
    what: 'a shell by its path, where there is another',
    words: () => ['-t', t(inside), '-m', '-p', '/bin/bash'],
    told: () => [NOT_FOUND, /^\/bin\/sh is there\.$/],
  },
  {
    what: 'no shell',
    words: () => ['-t', t(bare), '-m', '-p', 'bash'],
    told: () => [NOT_FOUND, /^There is none in PATH=[^;]+; a static one of the host's can be brought: /],
  },
  ...['/bin/sh', '/bin/bash', '/usr/bin/bash'].map((path) => ({
    what: `no shell, by its path ${path}`,
    words: () => ['-t', t(bare), '-m', '-p', path],
    told: () => [NOT_FOUND, /^It is not there; a static one of the host's can be brought: /] as const,
  })),
  {
    what: 'another program by its path',
    words: () => ['-t', t(bare), '-m', '-p', '/bin/bashful'],
    told: () => [NOT_FOUND, undefined],
  },
  {
    what: 'no shell, where none is named',
    words: () => ['-t', t(bare), '-m', '-p'],
    told: () => [NOT_FOUND, /^No shell was found inside: [^;]+; a static one of the host's can be brought: /],
  },
  ...[[], ['sh']].map((program) => ({
    what: `a shell whose loader is missing: ${program.join('') || 'none is named'}`,
    words: () => ['-t', t(dynamic), '-m', '-p', ...program],
    told: () =>
      [
        new RegExp(`execute ${program[0] ?? '/bin/sh'}: No such file`),
        /^\/bin\/sh exists, but its loader \/\S+9 does not\.$/,
      ] as const,
  })),
  ...[[], ['sh']].map((program) => ({
    what: `a shell whose mode does not let anybody: ${program.join('') || 'none is named'}`,
    words: () => ['-t', t(plain), '-m', '-p', ...program],
    told: () =>
      [
        new RegExp(`execute ${program[0] ?? '/bin/sh'}: Permission denied$`),
        /^Its mode does not let user id 0 execute it\.$/,
      ] as const,
  })),
  {
    what: 'a link in PATH whose end is not there',
    words: () => ['-t', t(inside), '-u', 'dangling'],
    options: withFiles,
    told: () => [NOT_FOUND, /\/dangling is a link whose end does not exist\.$/],
  },
  {
    what: 'the same by its path',
    words: () => ['-t', t(inside), '-u', `${files.path}/dangling`],
    told: () => [NOT_FOUND, /\/dangling is a link whose end does not exist\.$/],
  },
  {
    what: 'a link in PATH that leads to itself',
    words: () => ['-t', t(inside), '-u', 'circle'],
    options: withFiles,
    told: () => [NOT_FOUND, /\/circle is a link that leads in a circle\.$/],
  },
  {
    what: 'a script whose interpreter is missing',
    words: () => ['-t', t(inside), '-u', `${files.path}/script`],
    told: () => [NOT_FOUND, /\/script exists, but its interpreter \/no\/interpreter does not\.$/],
  },
  {
    what: 'the same, found in PATH',
    words: () => ['-t', t(inside), '-u', 'script'],
    options: withFiles,
    told: () => [NOT_FOUND, /\/script exists, but its interpreter \/no\/interpreter does not\.$/],
  },
  {
    what: 'a program whose loader is missing',
    words: () => ['-t', t(inside), '-u', `${files.path}/dynamic`],
    told: () => [NOT_FOUND, /\/dynamic exists, but its loader \/\S+9 does not\.$/],
  },
  {
    what: 'an interpreter that cannot be executed',
    words: () => ['-t', t(inside), '-u', `${files.path}/bad-interpreter`],
    told: () => [DENIED, /^Its interpreter \S+\/plain cannot be executed\.$/],
  },
  {
    what: 'a file without x',
    words: () => ['-t', t(inside), '-u', `${files.path}/plain`],
    told: () => [DENIED, /^Its mode does not let user id 0 execute it\.$/],
  },
  {
    what: 'a directory',
    words: () => ['-t', t(inside), '--uts', '--', `${files.path}/directory`],
    told: () => [DENIED, /^It is a directory\.$/],
  },
  {
    what: 'a directory behind an option that takes one',
    words: () => ['-t', t(inside), '-u', '-w', `${files.path}/directory`, 'pwd'],
    told: () => [DENIED, /^It is taken for the program: the value of --wd needs a '=': --wd=\S+\/directory$/],
  },
  {
    what: 'the same, where files of the target are entered',
    words: () => ['-t', t(inside), '-m', '-w', '/proc', 'pwd'],
    told: () => [
      DENIED,
      /^It is taken for the program: the value of --wd needs a '=': --wd=\/proc, which is the caller's; as it is found inside it is --wdns=\/proc$/,
    ],
  },
  {
    what: 'a namespace behind an option that takes one',
    words: () => ['-t', t(inside), '--net', `${files.path}/namespace`, 'true'],
    told: () => [
      DENIED,
      /^It is taken for the program: the value of --net needs a '=': --net=\S+\/namespace$/,
    ],
  },
  ...[
    ['-m', '-w', '/usr/share', 'ls'],
    ['-m', '-r', '/no/such/root', 'ls'],
    ['-aW', '/var/log', 'ls'],
    ['-m', '--wdns', '/var/log', 'ls'],
  ].map((words) => ({
    what: `a directory that is not there inside: ${words.join(' ')}`,
    words: () => ['-t', t(bare), ...words],
    told: () =>
      [
        NOT_FOUND,
        /^It is taken for the program: the value of --(wd|root|wdns) needs a '=': --\1=\/[^\s,]+(, which is the caller's; as it is found inside it is --wdns=\/\S+)?$/,
      ] as const,
  })),
  ...['TERM', 'SIGHUP', '9'].map((signal) => ({
    what: `a signal behind the option that takes one: ${signal}`,
    words: () => ['-t', t(inside), '-u', '--kill-child', signal, 'true'],
    told: () =>
      [
        NOT_FOUND,
        new RegExp(
          `^It is taken for the program: the value of --kill-child needs a '=': --kill-child=${signal}$`,
        ),
      ] as const,
  })),
  ...[
    ['--kill-child', 'TERM', '-t', '4242', '-a', 'sh'],
    ['-a', '--kill-child', 'sigterm', '-t', '4242', 'sh'],
    ['--kill-child', '9', '-t', '4242', 'sh'],
    ['-w', '/proc', '-t', '4242', '-a', 'sh'],
    ['--as-target', 'caps,+seccomp', '-t', '4242', 'sh'],
    ['--explain', 'json', '-t', '4242', '-a', 'sh'],
  ].map((words) => ({
    what: `a value that is a word of its own, before the target: ${words.join(' ')}`,
    words: () => words,
    told: () => {
      const at = words.indexOf('-t') - 1;
      const [option = '', value = ''] = [words[at - 1]?.replace('-w', '--wd'), words[at]];
      return [
        /: no (namespace|target PID) specified$/,
        new RegExp(
          `^${value.replace('+', '\\+')} is taken for the program: the value of ${option} needs a '=': ${option}=`,
        ),
      ] as const;
    },
  })),
  ...[
    ['--kill-child', 'terminate', '-t', '4242', '-a', 'sh'],
    ['--kill-child', '99', '-t', '4242', '-a', 'sh'],
    ['--no-kill-child', 'TERM', '-t', '4242', '-a', 'sh'],
  ].map((words) => ({
    what: `a program before the target: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [/: no namespace specified$/, /^Options end at the program, '\w+': the target stands/] as const,
  })),
  {
    what: 'a program behind an option that takes a signal',
    words: () => ['-t', t(inside), '-u', '--kill-child', 'terminate'],
    told: () => [NOT_FOUND, /^It is not in PATH=/],
  },
  {
    what: 'a program behind an option that takes a namespace',
    words: () => ['-t', t(bare), '-p', '-m', '/usr/share/program'],
    told: () => [NOT_FOUND, undefined],
  },
  {
    what: 'a shell behind an option that takes a directory',
    words: () => ['-t', t(bare), '-m', '-r', '/bin/sh'],
    told: () => [NOT_FOUND, /^It is not there; a static one of the host's can be brought: /],
  },
  ...['--net', '-n', '-en'].map((option) => ({
    what: `a namespace behind ${option}, without a target`,
    words: () => [option, `${files.path}/namespace`, 'true'],
    told: () =>
      [
        /: no target PID specified$/,
        /^\S+\/namespace is taken for the program: the value of --net needs a '=': --net=\S+\/namespace$/,
      ] as const,
  })),
  {
    what: 'a directory behind --root, without a target',
    words: () => ['--root', `${files.path}/directory`, 'true'],
    told: () => [
      /: no target PID specified$/,
      /^\S+\/directory is taken for the program: the value of --root needs a '=': --root=\S+\/directory$/,
    ],
  },
  {
    what: 'a program behind --net, without a target',
    words: () => ['--net', '/bin/true'],
    told: () => [
      /: no target PID specified$/,
      /^Name the process or the container: --target PID\|NAME, or what it is of, behind a '=': --net=FILE\.$/,
    ],
  },
  ...[['web', '-a'], ['web', '--all', 'ls'], ['4242', '-a', 'ls'], ['4242']].map((words) => ({
    what: `a target that stands where the program is expected: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [
        /: no namespace specified$/,
        new RegExp(
          `^'${words[0]}' is taken for the program, at which options end; as the target it is -t ${words[0]}\\.$`,
        ),
      ] as const,
  })),
  ...habits,
  ...[['ls'], ['ls', '-l'], ['/bin/ls', '-a']].map((words) => ({
    what: `a program that is to be executed nowhere: ${words.join(' ')}`,
    words: () => words,
    told: () =>
      [/: no namespace specified$/, /^Name what to enter: a container, as in -t NAME, or /] as const,
  })),
  {
    what: 'a target of 0',
    words: () => ['-t', '0', '-n', 'true'],
    told: () => [
      /: not a process id$/,
      /^0 is what container engines tell of a container that is not running\.$/,
    ],
  },
  {
    what: 'a target that is empty',
    words: () => ['-t', '', '-n', 'true'],
    told: () => [/: not a process id$/, /^It is empty: is a variable unset/],
  },
  {
    what: 'a target that is the program',
    words: () => ['-n', '-t', 'ip', 'addr'],
    told: () => [
      /: not a process id, and no container has this name$/,
      /^The word behind --target is its value/,
    ],
  },
];

async function message({ words, under, options }: Row): Promise<readonly string[]> {
  const command = [...(under?.() ?? []), tsenter, ...words()];
  const outcome = await run(command, options);
  expect(outcome.status).not.toBe(0);
  return said(outcome).trimEnd().split('\n');
}

describe('what a person is told', () => {
  it.each(rows.map((row) => [row.what, row] as const))('%s', async (_, row) => {
    const [said, hint] = row.told();
    const lines = await message(row);
    expect(lines[0]).toMatch(said);
    if (hint === undefined) expect(lines).toHaveLength(1);
    else expect(lines.slice(1)).toEqual([expect.stringMatching(hint)]);
  });
});

describe('rights that are given by setpriv(1), as SECURITY and who was made set-id say', () => {
  const CAPABILITIES = '+sys_admin,+sys_chroot,+sys_ptrace';
  const asUser = ['/usr/bin/setpriv', `--reuid=${someone}`, `--regid=${someone}`, '--clear-groups'];
  const inheritable = `--inh-caps=${CAPABILITIES}`;
  const enter = (options: readonly string[]) =>
    run([
      ...asUser,
      ...options,
      `--ambient-caps=${CAPABILITIES}`,
      tsenter,
      '-t',
      t(inside),
      '-a',
      'id',
      '-u',
    ]);

  it('take what is inheritable and ambient', async () => {
    const { status, stdout, stderr } = await enter([inheritable]);
    expect([status, stdout.toString(), stderr.toString()]).toEqual([0, `${someone}\n`, '']);
  });

  it('are none where that is ambient alone', async () => {
    expect((await enter([])).status).not.toBe(0);
  });
});

describe('processes of others that are hidden', () => {
  it('are told of, and that /proc is why', async () => {
    await using host = await startTarget({ namespaces: ['mount'] });
    tool(nsenter, '-t', t(host), '-m', 'mount', '-t', 'proc', '-o', 'hidepid=2', 'proc', '/proc');
    const words = [tsenter, '-t', t(inside), '-n', 'true'];
    const asUser = [
      '/usr/bin/setpriv',
      `--reuid=${someone}`,
      `--regid=${someone}`,
      '--clear-groups',
      ...words,
    ];
    const { status, stderr } = await run([nsenter, '-t', t(host), '-m', ...asUser]);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(
      /^tsenter: open net namespace of target \d+: No such file or directory\n\/proc is mounted with hidepid=\w+, which hides [^\n]+\n$/,
    );
  });
});

describe('children that are in another PID namespace', () => {
  const note = (pid: number) =>
    `The children of target ${pid} are in a PID namespace of their own, which it is not in itself; its child is process `;

  /** unshare(1) stays where it is; its child is in the namespace that it made, and ends with it. */
  async function startParent(): Promise<AsyncDisposable & { readonly pid: number }> {
    const child = spawn(
      '/usr/bin/unshare',
      ['--pid', '--fork', '--kill-child', 'sh', '-c', 'echo ready; read x'],
      {
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    const closed = once(child, 'close');
    await once(child.stdout, 'data');
    const { pid } = child;
    if (pid === undefined) throw new Error('unshare was not started');
    return {
      pid,
      async [Symbol.asyncDispose]() {
        child.stdin.end();
        await closed;
      },
    };
  }

  async function seen(
    words: (pid: number) => readonly string[],
    command: string = tsenter,
  ): Promise<readonly [string, number]> {
    await using parent = await startParent();
    await using terminal = startTerminal([command, ...words(parent.pid)]);
    await terminal.waitFor('done');
    return [terminal.output, parent.pid];
  }

  it.each([[['-a']], [['-p']]])('are told of on a terminal, with %j', async (options) => {
    const [output, pid] = await seen((target) => ['-t', String(target), ...options, 'echo', 'done']);
    expect(output).toContain(note(pid));
  });

  it('are nothing to who enters something else', async () => {
    const [output] = await seen((target) => ['-t', String(target), '-u', 'echo', 'done']);
    expect(output).not.toContain('children');
  });

  it('are nothing to who names their namespace', async () => {
    const named = (pid: number) => ['-t', String(pid), '-a', `--pid=/proc/${pid}/ns/pid_for_children`];
    const [output] = await seen((target) => [...named(target), 'echo', 'done']);
    expect(output).not.toContain('children');
  });

  it('are nothing to who calls this nsenter: a line that begins so says that the program has not run', async () => {
    symlinkSync(tsenter, `${files.path}/nsenter`);
    const words = (target: number) => ['-t', String(target), '-a', 'echo', 'done'];
    const [output] = await seen(words, `${files.path}/nsenter`);
    expect(output).not.toContain('children');
  });

  it('are nothing to a script', async () => {
    await using parent = await startParent();
    const { stderr } = await run([tsenter, '-t', String(parent.pid), '-a', program('true')]);
    expect(stderr.toString()).toBe('');
  });
});

describe('the shell that is taken', () => {
  const asked = { stdin: 'echo "$SHELL"\n' };

  it.each([
    ['where SHELL is none that is there', { ...defaultEnv, SHELL: '/bin/nonesuch' }],
    [
      'where SHELL is not set',
      Object.fromEntries(Object.entries(defaultEnv).filter(([name]) => name !== 'SHELL')),
    ],
    ['where SHELL lets nobody in', { ...defaultEnv, SHELL: '/bin/false' }],
  ])('is what SHELL names, %s', async (_, env) => {
    const { stdout } = await run([tsenter, '-t', t(inside), '-m', '-p'], { ...asked, env });
    expect(stdout.toString()).toBe('/bin/sh\n');
  });

  it('is not the nologin of the passwd entry', async () => {
    await using target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
    const root = `/proc/${target.pid}/root`;
    writeFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/root:/sbin/nologin\n');
    mkdirSync(`${root}/sbin`, { recursive: true });
    copyFileSync('/bin/true', `${root}/sbin/nologin`);
    chmodSync(`${root}/sbin/nologin`, 0o755);
    const env = { ...defaultEnv, SHELL: '/bin/nonesuch' };
    const { stdout } = await run([tsenter, '-t', t(target), '-m', '-p'], { ...asked, env });
    expect(stdout.toString()).toBe('/bin/sh\n');
  });
});

// Node needs threads before it comes to this.
if (!hasInterpreter) {
  it('a fork that a limit forbids tells of limits', async () => {
    const limited = [
      '/usr/bin/prlimit',
      '--nproc=1',
      '--',
      tsenter,
      '-t',
      t(owned),
      '-U',
      '-u',
      '--pty',
      'true',
    ];
    const { status, stderr } = await run(limited, asSomeone);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(
      /^tsenter: fork a child: Resource temporarily unavailable\nA limit of processes is reached: [^\n]+\n$/,
    );
  });

  it('a fork for which there is no memory does not tell of a namespace that is no more', async () => {
    const words = [program('filtered'), '12', 'fork', '--', tsenter, '-t', t(inside), '-p', 'true'];
    const { status, stderr } = await run(words);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(
      /^tsenter: fork into the PID namespace of target \d+: Cannot allocate memory\nMemory is short: [^\n]+\n$/,
    );
  });
}
