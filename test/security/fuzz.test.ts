/**
 * Random words and random files: never a crash, a hang or an internal error.
 *
 * TSENTER_FUZZ_SECONDS is how long each kind takes (npm run fuzz), TSENTER_FUZZ_SEED what a failure has printed.
 */
import { closeSync, constants, existsSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { constants as os } from 'node:os';
import fc from 'fast-check';
import koffi from 'koffi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// These move: what they export stays.
import { memberships, mountedHierarchies, openCgroups } from '../../src/facts/cgroup.ts';
import { readTargetEnvironment } from '../../src/facts/environment.ts';
import { STEPS, type Step } from '../../src/plan/steps.ts';
import { TsenterError } from '../../src/sys/errors.ts';
import { isExecutable, mustRun, tsenter } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { type Execution, startExecutor } from '../support/execute.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { bytes, commandLine, value } from '../unit/support/command-lines.ts';
import { FakeSys, pinned } from '../unit/support/fake-sys.ts';

const seconds = Number(process.env.TSENTER_FUZZ_SECONDS ?? 4);
const seed = Number(process.env.TSENTER_FUZZ_SEED ?? Date.now() % 0x7fff_ffff);
/** The longest of all: a failure is shrunk, and each hang costs a deadline. */
const timeout = seconds * 1000 + 300_000;

let target: Target;
/** The launcher looks for Node in PATH; nothing else that a random word may name is found there. */
let onlyNode: Scratch;

beforeAll(async () => {
  buildPrograms();
  onlyNode = scratch();
  symlinkSync(process.execPath, `${onlyNode.path}/node`);
  target = await startTarget({
    namespaces: ['cgroup', 'ipc', 'uts', 'net', 'pid', 'mount', 'time'],
    root: 'pivot',
    terminals: true,
    // With -e it is where a random word is looked up, on the host as well, and a login shell that ends at once.
    env: { PATH: '/nonexistent', SHELL: program('true') },
  });
});

afterAll(async () => {
  await target?.stop();
  onlyNode?.[Symbol.dispose]();
});

/** Until the time is over. fast-check's error has the seed, and the input in its smallest form. */
async function fuzz<Input>(
  what: string,
  inputs: fc.Arbitrary<Input>,
  check: (input: Input) => Promise<void> | void,
  /** what has failed once */
  examples: readonly Input[] = [],
): Promise<void> {
  let count = 0;
  let failed = true;
  try {
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        count++;
        await check(input);
      }),
      {
        seed,
        examples: examples.map((example) => [example]),
        numRuns: Number.MAX_SAFE_INTEGER,
        interruptAfterTimeLimit: seconds * 1000,
        markInterruptAsFailure: false,
      },
    );
    failed = false;
  } finally {
    console.log(
      `fuzz: ${what}: ${count} executions, ${failed ? 'FAILED' : 'no failure'}, TSENTER_FUZZ_SEED=${seed}`,
    );
  }
}

/** `programs` are the statuses that an executed program may end with. */
function expectOrderly({ status, signal, hung, message }: Execution, programs: readonly number[]): void {
  expect({ signal, hung }).toEqual({ signal: 0, hung: false });
  // 125: of --failure-status, where that is among the words.
  expect([...programs, 1, 125, 126, 127]).toContain(status);
  expect(message).not.toMatch(/internal error|Sanitizer|runtime error|^\s+at |node:internal/m);
  // A passwd line can name /proc/self/exe, which is tsenter as a login shell.
  if (status === 1 || status >= 125) expect(message).toMatch(/^(?:tsenter|-exe): [\s\S]*\n$/);
}

describe('command lines', () => {
  const huge = fc.constantFrom(
    ...['9'.repeat(1000), `--wd=/${'x'.repeat(100_000)}`, `-${'a'.repeat(10_000)}`, `-t${'0'.repeat(5000)}1`],
    ...['-t18446744073709551617', '-S4294967295', '-S-1', '-t-1', '-t0', `-r${'/'.repeat(5000)}`],
  );
  const own = fc.constantFrom(
    ...[
      '-a',
      '-m',
      '-p',
      '-u',
      '-r',
      '-w',
      '-e',
      '-c',
      '-F',
      '-U',
      '-T',
      '-C',
      '-Z',
      '--as-target',
      '--as-target=-session,strict',
      '--as-target=caps,+seccomp',
      '--caps=none',
      '--caps=-chown,+kill',
      '--no-new-privs',
      '--umask=27',
      '--failure-status=125',
      '--close-fds',
      '--preserve-fds=3',
      '--setenv=A=1',
      '--unsetenv=A',
      '--clear-env',
      '--groups=follow',
      '-Sroot',
      '-Sroot:27',
      '-Groot',
      '--pty',
      '-S0',
      '-G1000',
    ],
    ...['-Sfollow', '-Gfollow', '-W/', '--keep-caps', '--preserve-credentials', '--user-parent', '--explain'],
    ...['--kill-child=15', '--no-kill-child', '--no-forward-signals', '-N1'],
  );
  const line = fc
    .tuple(
      fc.boolean(),
      fc.array(own, { maxLength: 4 }),
      fc.oneof(
        { weight: 6, arbitrary: commandLine },
        { weight: 1, arbitrary: fc.array(huge, { maxLength: 2 }) },
        { weight: 1, arbitrary: fc.array(value, { maxLength: 2 }) },
        { weight: 3, arbitrary: fc.constant([]) },
      ),
      fc.constantFrom<readonly string[]>(
        [],
        [program('true')],
        ['/probe', 'exit', '7'],
        [program('probe'), 'exit', '7'],
        ['/nonexistent'],
        [`/${'x'.repeat(5000)}`],
      ),
    )
    .map(([aimed, first, middle, last]) => ({ aimed, words: [...first, ...middle, ...last] }));

  it('are refused with a message, or executed', { timeout }, async () => {
    // As a login shell there is one that ends at once.
    await using executor = startExecutor(tsenter, { env: { PATH: onlyNode.path, SHELL: program('true') } });
    await fuzz('command lines', line, async ({ aimed, words }) => {
      const all = aimed ? ['-t', String(target.pid), ...words] : words;
      const execution = await executor.execute(all);
      // An explanation has the message in its verdict, on standard output.
      if (execution.status === 1 && execution.message === '' && all.some((word) => word.startsWith('--ex')))
        return;
      // The PATH that there is with --clear-env has a shell, and what the next word names need not be a script.
      if (all.includes('--clear-env') && all.includes('sh') && !execution.message.startsWith('tsenter: ')) {
        expect(execution).toMatchObject({ signal: 0, hung: false });
        return;
      }
      expectOrderly(execution, [0, 7]);
      // What the user has written comes back as it is.
      if (![0, 7].includes(execution.status) && !all.some((word) => word.includes('\n')))
        expect(withoutNotes(execution.message)).toMatch(/^tsenter: [a-z]+ [^\n]*: [^\n]+\n(?:[^\n]+\n)?$/);
    });
  });
});

/** What of the target was left out is said in front of whatever follows. */
function withoutNotes(message: string): string {
  return message.replace(/^(?:tsenter: leave out [^\n]*: [^\n]+\n)+/, '');
}

describe('step words', () => {
  const helpers = [
    ['the helper', `${repository}/dist/helper/tsenter-helper`],
    ['the helper with sanitizers', `${repository}/dist/sanitized/helper/tsenter-helper`],
  ] as const;
  const namespaceNames = ['uts', 'ipc', 'net', 'mnt', 'pid', 'cgroup', 'time'] as const;
  let descriptors: number[] = [];

  beforeAll(() => {
    const at = `/proc/${target.pid}`;
    // O_PATH, which Node has no name for.
    const directory = 0o10000000 | constants.O_DIRECTORY;
    descriptors = [
      pidfdOf(target.pid),
      ...namespaceNames.map((name) => openSync(`${at}/ns/${name}`, 'r')),
      ...[`${at}/root`, `${at}/cwd`, at].map((path) => openSync(path, directory)),
      openSync('/dev/null', 'r+'),
    ];
  });

  afterAll(() => {
    for (const fd of descriptors) closeSync(fd);
  });

  // 3 is the pidfd, 4 to 10 are the namespaces, 11 to 13 directories, 14 is /dev/null; 15 is none.
  const number = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 3, max: 15 }).map(String) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '',
        '-1',
        '0',
        '1',
        '2',
        '2147483648',
        '99999999999999999999',
        '03',
        ' 3',
        '3x',
      ),
    },
  );
  const name = fc.constantFrom('user', 'cgroup', 'ipc', 'uts', 'net', 'pid', 'mount', 'time', 'mnt', '');
  const join = fc.tuple(name, number).map(([which, fd]) => `${which}@${fd}`);
  const set = fc.oneof(
    fc.constantFrom('0000000000000000', 'ffffffffffffffff', '0000000000010000', '', '0', 'FFFFFFFFFFFFFFFF'),
    bytes,
  );
  const id = fc.oneof(
    fc.constantFrom('0', '1000', '4294967294', '4294967295', '', '@'),
    fc.tuple(number, number).map(([fd, pidfd]) => `@${fd}:${pidfd}`),
  );
  const operand = fc.oneof(
    number,
    fc.array(number, { maxLength: 5 }).map((all) => all.join(',')),
    fc.tuple(number, bytes).map(([fd, label]) => `${fd}:${label}`),
    fc.tuple(fc.option(number), fc.array(join, { maxLength: 10 })).map(([pidfd, joins]) => {
      const list = joins.join(',');
      return pidfd === null ? list : `${pidfd}:${list}`;
    }),
    fc.tuple(set, set).map((both) => both.join(':')),
    id,
    fc.constantFrom('/', '/srv', '/nonexistent', '/bin/true', 'x'.repeat(20_000), `/${'y'.repeat(4096)}`),
    bytes,
  );
  /** Operands that the host could have written, of each step. */
  const operands: Readonly<Record<Step['step'], readonly string[]>> = {
    prefix: ['tsenter:'],
    skip: ['1'],
    status: ['14'],
    called: ['x'],
    'pty-size': ['24x80:14'],
    'failure-status': ['125'],
    seal: ['', '3,4'],
    'oom-score': ['0'],
    nice: ['1'],
    scheduler: ['3:0'],
    'io-priority': ['16388'],
    affinity: ['1'],
    limit: ['7:256:256'],
    'copy-filters': ['2147483647:3'],
    filters: [''],
    'close-above': ['2'],
    'new-session': [''],
    umask: ['22'],
    'no-new-privs': [''],
    groups: ['27,44'],
    capabilities: ['00000000000004c0:00000000000004c0:00000000000004c0:0000000000000000:0000000000000000'],
    'exec-profile': ['unconfined'],
    'close-on-exec': ['3,4,5'],
    close: ['14'],
    'open-files': ['512'],
    signals: ['0000000000000000:0000000000000000'],
    undumpable: [''],
    terminal: [''],
    pty: [''],
    'keep-terminals': [''],
    'pty-inside': ['', '@'],
    'forward-signals': [''],
    owner: ['3:15'],
    from: ['target 1'],
    'exec-context': ['x'],
    'try-drop-groups': [''],
    'try-setns': ['3:cgroup@9'],
    setns: ['3:uts@4,ipc@5,net@6', 'mount@7', '3:pid@8', 'time@10'],
    mounted: ['11:root'],
    alive: ['14:target 1'],
    'ids-of': ['13:3'],
    chroot: ['11:root'],
    chdir: ['12:there'],
    'chdir-path': ['/srv'],
    'chdir-inside': ['/srv'],
    inside: ['the working directory'],
    fork: [''],
    'attach-pty': ['', '0'],
    'join-cgroup': ['14:x'],
    'session-keyring': [''],
    'drop-groups': [''],
    'keep-caps': [''],
    gid: ['1000'],
    uid: ['0', '@'],
    'ambient-caps': [''],
    'die-with-parent': ['9'],
    print: ['13:status'],
    'print-in-root': ['11:etc/passwd'],
    'targets-environment': [''],
    shell: ['', '/bin/true'],
  };
  const valid = fc.constantFrom(
    ...Object.entries(operands).flatMap(([step, all]) =>
      all.map((operand) => (operand === '' ? step : `${step}=${operand}`)),
    ),
  );
  const word = fc.oneof(
    { weight: 6, arbitrary: valid },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...Object.keys(STEPS)), operand).map((both) => both.join('=')),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(valid, fc.nat(), bytes).map(([text, where, piece]) => {
        const at = where % (text.length + 1);
        return text.slice(0, at) + piece + text.slice(at + 1);
      }),
    },
    { weight: 1, arbitrary: bytes },
  );
  const forks = /^fork(?![^=])/;
  const words = fc.tuple(
    // A plan forks once.
    fc
      .array(word, { maxLength: 12 })
      .map((all) =>
        all.filter((each, at) => !forks.test(each) || all.findIndex((one) => forks.test(one)) === at),
      ),
    fc.constantFrom<readonly string[]>(
      ['--', '/probe', 'exit', '7'],
      ['--', program('probe'), 'exit', '7'],
      ['--'],
      ['--', 'nonexistent'],
      [],
    ),
  );

  const { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP } = os.signals;
  const crashes: readonly number[] = [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP];

  describe.each(helpers)('%s', (what, helper) => {
    it('ends with a message, or executes', { timeout }, async (context) => {
      if (!isExecutable(helper))
        mustRun(`${helper} is not there: \`npm run build -- --sanitized\` makes it`, context);
      const env = {
        PATH: '/nonexistent',
        ASAN_OPTIONS: 'exitcode=99:detect_leaks=0',
        UBSAN_OPTIONS: 'exitcode=99:print_stacktrace=1',
      };
      await using executor = startExecutor(helper, { env, descriptors });
      let hangs = 0;
      await fuzz(
        `step words, ${what}`,
        words,
        async ([steps, program]) => {
          const { status, signal, hung, message } = await executor.execute([...steps, ...program]);
          expect(crashes).not.toContain(signal);
          // Steps in an order that no plan has: a terminal that hangs up, a parent that waits for what does not come.
          if (hung) hangs++;
          // What prints ends with the number of its error.
          else if (signal === 0 && !steps.some((word) => word.startsWith('print')))
            expect([0, 7, 1, 126, 127, ...steps.flatMap(failureStatuses)]).toContain(status);
          expect(message).not.toMatch(/Sanitizer|runtime error/);
        },
        [[[`prefix=${'x'.repeat(20_000)}`], ['--', '/probe', 'exit', '7']]],
      );
      if (hangs > 0) console.log(`fuzz: step words, ${what}: ${hangs} had to be ended`);
    });
  });
});

function failureStatuses(word: string): number[] {
  const [, status] = /^failure-status=0*(\d{1,3})$/.exec(word) ?? [];
  return status === undefined ? [] : [Number(status)];
}

function pidfdOf(pid: number): number {
  const SYS_pidfd_open = 434;
  const call = koffi.load(null).func('long syscall(long number, long pid, long flags)');
  const fd = Number(call(SYS_pidfd_open, pid, 0));
  if (fd < 0) throw new Error('pidfd_open failed');
  return fd;
}

describe('passwd inside', () => {
  const uid = fc.constantFrom(
    '0',
    '00',
    '',
    ' 0',
    '-0',
    '+0',
    '0x0',
    '1000',
    '4294967296',
    '0'.repeat(5000),
    '9'.repeat(50),
  );
  // Nothing that runs on without an input.
  const shell = fc.oneof(
    fc.constantFrom(
      '/bin/sh',
      '/bin/true',
      '',
      'sh',
      '/',
      '/nonexistent',
      '/etc/passwd',
      '/bin/sh ',
      '/bin/sh\r',
      '/proc/self/exe',
    ),
    fc.constantFrom(255, 4094, 4095, 4096, 4097, 9000).map((length) => `/${'s'.repeat(length)}`),
    bytes.map((text) => `/nonexistent/${text}`),
  );
  const field = fc.oneof(fc.constantFrom('', 'x', 'root', '#', '+', 'y'.repeat(4090)), bytes);
  const line = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.tuple(field, uid, shell).map(([name, id, path]) => `${name}:x:${id}:0:g:/:${path}`),
    },
    { weight: 1, arbitrary: fc.array(field, { maxLength: 10 }).map((fields) => fields.join(':')) },
    { weight: 1, arbitrary: fc.tuple(uid, shell).map(([id, path]) => `#r:x:${id}:0:g:/:${path}`) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('::::::/bin/true', ':'.repeat(5000), '\0', 'root:x:0:0:r:/', '\xff\xfe'),
    },
  );
  const file = fc
    .tuple(fc.array(line, { maxLength: 8 }), fc.constantFrom('\n', '', '\n\n', '\r\n', '\0'))
    .map(([lines, end]) => lines.join('\n') + end);

  it('names the login shell, or not', { timeout }, async () => {
    const passwd = `/proc/${target.pid}/root/etc/passwd`;
    expect(existsSync(passwd)).toBe(true);
    await using executor = startExecutor(tsenter, { env: { PATH: onlyNode.path } });
    await fuzz('passwd', file, async (text) => {
      writeFileSync(passwd, Buffer.from(text, 'latin1'));
      // There is always /bin/sh, which ends with its input.
      const execution = await executor.execute(['-t', String(target.pid), '-m', '-p']);
      expectOrderly(execution, [0]);
      // Which is tsenter itself, without a word.
      if (!text.includes('/proc/self/exe')) expect(execution.status).toBe(0);
    });
  });
});

/** A call that takes a text of others: it may throw nothing but a message. */
function orderly<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch (error) {
    if (error instanceof TsenterError) return undefined;
    throw error;
  }
}

describe('files that others write', () => {
  const path = fc.oneof(
    fc.constantFrom(
      '/',
      '',
      '/a',
      '/a/b',
      '/../x',
      '/a/../..',
      '/a:b',
      '/a b',
      '/..',
      '//',
      '/a/',
      '/\xff',
      '/a\\040b',
    ),
    bytes.map((text) => `/${text}`),
  );
  const controllers = fc.constantFrom(
    '',
    'cpu',
    'cpu,cpuacct',
    'name=systemd',
    'freezer',
    ',',
    'name=',
    'cpu,,cpu',
  );
  const membership = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.nat(12), controllers, path).map((fields) => fields.join(':')) },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constantFrom(':', '::', '0', '0:', '0::', '0:::', '\0') },
  );
  const cgroup = fc.array(membership, { maxLength: 6 }).map((lines) => lines.join('\n'));
  const mount = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom('0:26', '0:27', ':', '', '4095:1048575', 'x:y', '0:26:1'),
          path,
          fc.oneof(fc.constantFrom('/cg', '/cg/cpu', '/c\\040g', '/c\\777', '/c\\0', '/c\\'), path),
          fc.constantFrom('', 'shared:1 ', 'shared:1 master:2 '),
          fc.constantFrom('cgroup2', 'cgroup', 'tmpfs', ''),
          fc.constantFrom('rw', 'rw,cpu,cpuacct', 'rw,freezer', 'rw,name=systemd', ''),
        )
        .map(
          ([device, root, point, optional, type, options]) =>
            `30 24 ${device} ${root} ${point} rw ${optional}- ${type} none ${options}`,
        ),
    },
    { weight: 1, arbitrary: bytes },
    {
      weight: 1,
      arbitrary: fc.constantFrom(' - ', '-', '30 24 0:26', ' - cgroup2', '30 24 0:26 / /cg rw - - - -'),
    },
  );
  const mountinfo = fc.array(mount, { maxLength: 6 }).map((lines) => lines.join('\n'));

  /** A cgroup of no form, beside the mount. */
  const relativePath: [string, string, string] = [
    ':',
    '',
    '30 24 0:26 / /cg/cpu rw - cgroup2 none rw\n30 24 0:26 / /cg rw - tmpfs none rw',
  ];

  it('cgroup and mountinfo: nothing outside of a cgroup mount is opened', { timeout }, async () => {
    await fuzz(
      'cgroup and mountinfo',
      fc.tuple(cgroup, cgroup, mountinfo),
      ([theirs, own, mounts]) => {
        const sys = new FakeSys();
        const process = pinned(sys, 7, { cgroup: theirs });
        const mountpoints = mountedHierarchies(mounts).map(({ mountpoint }) => mountpoint);
        sys.files.set('/proc/self/cgroup', { text: own });
        sys.files.set('/proc/self/mountinfo', { text: mounts });
        for (const point of mountpoints)
          for (const { path: member } of memberships(theirs)) {
            sys.files.set(`${point}${member === '/' ? '' : member}/cgroup.procs`, {});
            sys.files.set(`${point}${member}/freezer.state`, { text: 'THAWED\n' });
          }
        const opened = orderly(() => openCgroups(sys, process)) ?? [];
        for (const { procs } of opened) {
          const name = sys.nameOf(procs) ?? '';
          expect(mountpoints.some((point) => name.startsWith(`${point}/`))).toBe(true);
          const below = mountpoints
            .filter((point) => name.startsWith(point))
            .map((point) => name.slice(point.length));
          expect(below.some((rest) => !rest.split('/').includes('..'))).toBe(true);
        }
      },
      [relativePath],
    );
  });

  const entry = fc.oneof(
    fc
      .tuple(fc.constantFrom('PATH', 'A', '', 'B C', '\xff', '__proto__', 'constructor'), bytes)
      .map((pair) => pair.join('=')),
    fc.constantFrom('', '=', '==', '=x', 'x', 'A=', `L=${'x'.repeat(100_000)}`),
    bytes,
  );
  const environ = fc
    .tuple(fc.array(entry, { maxLength: 20 }), fc.constantFrom('\0', '', '\0\0\0'))
    .map(([entries, end]) => entries.join('\0') + end);

  it('environ: each name once, with the first of its values', { timeout }, async () => {
    await fuzz('environ', environ, (text) => {
      const sys = new FakeSys();
      const read = readTargetEnvironment(sys, pinned(sys, 7, { environ: text }), []);
      const expected = new Map<string, string>();
      for (const each of text.split('\0')) {
        const named = each.indexOf('=');
        if (named > 0 && !expected.has(each.slice(0, named))) expected.set(each.slice(0, named), each);
      }
      expect(read).toEqual([...expected.values()]);
      expect(sys.stillOpen()).toEqual(['pidfd of 7']);
    });
  });
});
