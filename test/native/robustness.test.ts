/** The native executable where little is left: of memory, of /proc, of system calls, of descriptors, of its own file. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, type RunOptions, run } from '../support/command.ts';
import { messageFormat, until } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { parseProbe } from '../support/probe.ts';
import { program } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';
import { type Built, build, executable } from './build.ts';
import { files, startSubject, t } from './subject.ts';

const reason = startSubject('robustness', ['uts', 'ipc', 'net', 'pid', 'mount']);

function enter(words: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return run([executable, ...words], { timeout: 60_000, ...options });
}

/** A shell script with the executable as `$T`, the target as `$P`, programs of the tests in `$B`; the rest are its words. */
function shell(script: string, words: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
  const env = {
    ...defaultEnv,
    T: executable,
    P: t,
    TRUE: program('true'),
    PROBE: program('probe'),
    FILTERED: program('filtered'),
    ...options.env,
  };
  return run(['/bin/bash', '--norc', '-c', script, 'bash', ...words], { timeout: 60_000, ...options, env });
}

function end({ status, signal, stderr }: Outcome): {
  status: number | null;
  signal: string | null;
  stderr: string;
} {
  return { status, signal, stderr: stderr.toString('latin1') };
}

const quiet = { status: 0, signal: null, stderr: '' };

/** The ends that are allowed where something is missing: nothing is noticed, or one message and status 1. */
function expectQuietOrMessage(outcome: Outcome): 'quiet' | 'message' {
  const seen = end(outcome);
  if (seen.status === 0) {
    expect(seen).toEqual(quiet);
    return 'quiet';
  }
  expect(seen).toEqual({ status: 1, signal: null, stderr: expect.stringMatching(messageFormat) });
  return 'message';
}

const lines: readonly { readonly name: string; readonly words: () => string[] }[] = [
  { name: 'the version', words: () => ['--version'] },
  { name: 'help', words: () => ['--help'] },
  { name: 'an entry', words: () => ['-t', t, '-u', '-i', '-n', program('true')] },
  { name: 'an entry with a fork', words: () => ['-t', t, '-p', '-u', program('true')] },
  { name: 'everything', words: () => ['-t', t, '-a', '/probe', 'exit', '0'] },
  { name: 'environment and cgroup', words: () => ['-t', t, '-u', '-e', '-c', program('true')] },
  { name: 'an explanation', words: () => ['-t', t, '-a', '--explain=steps', 'true'] },
];

describe.skipIf(reason !== undefined)('little memory', () => {
  const sizes = [65536, 49152, 32768, 24576, 20480, 16384];

  describe.each(sizes)('ulimit -v %i', (size) => {
    it.each(lines)('$name', async ({ words }) => {
      expect(end(await shell('ulimit -v "$1"; shift; exec "$T" "$@"', [String(size), ...words()]))).toEqual(
        quiet,
      );
    });
  });

  it('below that it works, or one message and status 1', async () => {
    let messages = 0;
    for (let size = 16384; size >= 1024; size -= 256) {
      const limited = 'ulimit -v "$1"; shift; exec "$T" "$@"';
      const outcome = await shell(limited, [String(size), '-t', t, '-u', '-e', program('true')]);
      // With less than the executable itself maps, the kernel ends the exec.
      if (outcome.signal === 'SIGKILL' || outcome.signal === 'SIGSEGV') {
        expect(size).toBeLessThan(2560);
        break;
      }
      if (expectQuietOrMessage(outcome) === 'message') messages++;
    }
    expect(messages).toBeLessThan(60);
  });

  it('a large argument that does not fit any more', async () => {
    const words = ['-t', t, '-u', `--wd=/${'x'.repeat(100_000)}`, program('true')];
    for (const size of [8192, 6144, 4096]) {
      const outcome = await run(['/usr/bin/prlimit', `--as=${size * 1024}`, executable, ...words]);
      expect(expectQuietOrMessage(outcome)).toBe('message');
    }
  });

  it.each(lines)('ulimit -s 128: $name', async ({ words }) => {
    expect(end(await shell('ulimit -s 128; exec "$T" "$@"', words()))).toEqual(quiet);
  });

  it.each(lines)('ulimit -d 2048 (data): $name', async ({ words }) => {
    expectQuietOrMessage(await shell('ulimit -d 2048; exec "$T" "$@"', words()));
  });

  it.each(lines)('without address space randomization: $name', async ({ words }) => {
    expect(end(await shell('exec setarch -R "$T" "$@"', words()))).toEqual(quiet);
  });

  it.each(lines)(
    'with an unlimited stack, which turns the layout of the memory round: $name',
    async ({ words }) => {
      expect(end(await shell('ulimit -s unlimited; exec "$T" "$@"', words()))).toEqual(quiet);
    },
  );
});

describe.skipIf(reason !== undefined)('without /proc', () => {
  /** In a mount namespace in which /proc is an empty directory, and these files are at hand. */
  const hidden = `
    mount --make-rprivate / && mkdir -p "$D/ns" && mount -t tmpfs none "$D/ns" || exit 99
    for each in uts net pid; do : >"$D/ns/$each" && mount --bind "/proc/$P/ns/$each" "$D/ns/$each" || exit 99; done
    mount -t tmpfs none /proc || exit 99
    exec "$T" "$@"`;
  const without = (words: readonly string[]): Promise<Outcome> =>
    run(['/usr/bin/unshare', '-m', '/bin/bash', '--norc', '-c', hidden, 'bash', ...words], {
      timeout: 60_000,
      env: { ...defaultEnv, T: executable, P: t, D: files.path },
    });

  it('--version and --help', async () => {
    expect(end(await without(['--version']))).toEqual(quiet);
    expect(end(await without(['--help']))).toEqual(quiet);
  });

  it('namespaces that are named by path are entered', async () => {
    const outcome = await without([`--uts=${files.path}/ns/uts`, `-n${files.path}/ns/net`, '/bin/hostname']);
    expect(end(outcome)).toEqual(quiet);
    expect(outcome.stdout.toString()).toBe('inside\n');
  });

  it('with a fork', async () => {
    const words = [`--pid=${files.path}/ns/pid`, program('probe'), 'exit', '7'];
    expect(end(await without(words))).toEqual({ ...quiet, status: 7 });
  });

  it('a directory', async () => {
    expect(end(await without(['-r/', '-w/usr', program('true')]))).toEqual(quiet);
  });

  it.each([
    { words: ['-u'], name: 'a namespace of a target' },
    { words: ['-a'], name: 'all of a target' },
    { words: ['-r'], name: 'the root of a target' },
    { words: ['-e', '-r/'], name: 'the environment of a target' },
  ])('$name: one message that names it', async ({ words }) => {
    const outcome = await without(['-t', t, ...words, program('true')]);
    expect(expectQuietOrMessage(outcome)).toBe('message');
    expect(outcome.stderr.toString()).toMatch(new RegExp(`${t}|/proc`));
  });
});

describe.skipIf(reason !== undefined)('system calls that a filter denies', () => {
  const EPERM = 1;
  const ENOSYS = 38;
  const script = 'exec "$FILTERED" "$@"';

  /** What tsenter can do without. */
  const optional = ['openat2', 'madvise', 'uname', 'getrlimit', 'pidfd_open'];

  describe.each([
    { error: EPERM, words: 'Operation not permitted' },
    { error: ENOSYS, words: 'Function not implemented' },
  ])('with error $error', ({ error, words }) => {
    const filtered = (call: string, line: readonly string[]): Promise<Outcome> =>
      shell(script, [String(error), call, '--', executable, ...line]);

    it.each(optional)('%s: works', async (call) => {
      for (const { words: line } of lines) expect(end(await filtered(call, line()))).toEqual(quiet);
    });

    it('all of these at once', async () => {
      const outcome = await shell(script, [
        String(error),
        ...optional,
        '--',
        executable,
        ...['-t', t, '-a', '/probe', 'exit', '3'],
      ]);
      expect(end(outcome)).toEqual({ ...quiet, status: 3 });
    });

    it.each(['setns', 'poll', 'prctl', 'openat'])('%s: one message, which says it', async (call) => {
      const outcome = await filtered(call, ['-t', t, '-u', '-n', program('true')]);
      expect(expectQuietOrMessage(outcome)).toBe('message');
      expect(outcome.stderr.toString()).toContain(words);
    });

    it('what makes a process: one message', async () => {
      const outcome = await filtered('fork', ['-t', t, '-p', program('true')]);
      expect(expectQuietOrMessage(outcome)).toBe('message');
      expect(outcome.stderr.toString()).toContain(words);
      expect(end(await filtered('fork', ['-t', t, '-p', '-F', program('true')]))).toEqual(quiet);
    });

    it.each(['pidfd_getfd', 'ioctl', 'stat', 'fstat', 'mmap', 'sigaction', 'fcntl', 'close_range', 'wait'])(
      '%s: never a signal, at most one message',
      async (call) => {
        for (const { name, words: line } of lines) {
          const outcome = await filtered(call, line());
          // A parent that cannot wait has no status to hand on; the program has run.
          if (call === 'wait' && outcome.status === 1) {
            expect(outcome.signal).toBeNull();
            continue;
          }
          expect(['quiet', 'message'], name).toContain(expectQuietOrMessage(outcome));
        }
      },
    );

    it('pidfd_open, with namespaces that are named by path: works', async () => {
      const line = [`--uts=/proc/${t}/ns/uts`, `--net=/proc/${t}/ns/net`, program('true')];
      expect(end(await filtered('pidfd_open', line))).toEqual(quiet);
    });
  });
});

describe.skipIf(reason !== undefined)('its own file', () => {
  it.each(lines)('on a read-only file system, as all the others are: $name', async ({ words }) => {
    const script = `mount --make-rprivate / && mount -t tmpfs none "$D" && cp "$T" "$D/tsenter" &&
      mount -o remount,ro "$D" && mount -o remount,bind,ro / || exit 99
      exec "$D/tsenter" "$@"`;
    const outcome = await run(
      ['/usr/bin/unshare', '-m', '/bin/bash', '--norc', '-c', script, 'bash', ...words()],
      { timeout: 60_000, env: { ...defaultEnv, T: executable, D: files.path } },
    );
    expect(end(outcome)).toEqual(quiet);
  });

  it('that was deleted before it was executed', async () => {
    const script =
      'cp "$T" "$1" && exec 9<"$1" && rm "$1" && exec /proc/self/fd/9 -t "$P" -u "$PROBE" exit 5';
    const outcome = await shell(script, [`${files.path}/deleted`]);
    expect(end(outcome)).toEqual({ ...quiet, status: 5 });
    expect(existsSync(`${files.path}/deleted`)).toBe(false);
  });

  it('that is deleted, and made anew, while it waits for the program', async () => {
    const copy = `${files.path}/waiting`;
    copyFileSync(executable, copy);
    const script = 'exec "$1" -p -t "$P" /bin/sh -c \'rm "$0" && echo other >"$0" && exit 6\' "$1"';
    expect(end(await shell(script, [copy]))).toEqual({ ...quiet, status: 6 });
  });

  // Half of what it was when the engine's memory was kept (docs/benchmark.md has what it really is).
  it.each([['-p'], ['-u', '-i', '-n', '-m', '-p']])(
    '%j: keeps 24 KB at most while it waits',
    async (...options) => {
      const words = ['-t', t, ...options, '/bin/sh', '-c', 'echo here; read end'];
      const parent = spawn(executable, words, { env: defaultEnv, stdio: ['pipe', 'pipe', 'inherit'] });
      const closed = once(parent, 'close');
      const [line] = await Promise.race([once(parent.stdout, 'data'), closed]);
      // The program's first line may be here before its parent had the processor to forget what it held.
      let kept = Number.NaN;
      await until('at most 24 KB', () => {
        const rollup = readFileSync(`/proc/${parent.pid}/smaps_rollup`, 'utf8');
        kept = Number(/^Anonymous: +(\d+) kB$/m.exec(rollup)?.[1]);
        return kept <= 24;
      }).catch(() => undefined);
      parent.stdin.end();
      await closed;
      expect(String(line)).toBe('here\n');
      expect(kept).toBeLessThanOrEqual(24);
    },
  );

  it('without the permission to read it', async () => {
    const copy = `${files.path}/unreadable`;
    copyFileSync(executable, copy);
    chmodSync(copy, 0o111);
    const outcome = await run([copy, '--version'], { uid: 1001, gid: 1001 });
    expect(end(outcome)).toEqual(quiet);
    expect(outcome.stdout.toString()).toContain('tsenter ');
  });

  it('as the interpreter of a script', async () => {
    const script = `${files.path}/version`;
    writeFileSync(script, `#!${executable} --version\n`, { mode: 0o755 });
    const outcome = await run([script]);
    expect(end(outcome)).toEqual(quiet);
    expect(outcome.stdout.toString()).toMatch(/^tsenter \d/);
  });

  it('as an interpreter that enters a root, where the script’s path is another program', async () => {
    // With the caller's root the script would be its own program, for ever, as with any such interpreter.
    const script = `${files.path}/script`;
    const root = `${files.path}/root`;
    mkdirSync(`${root}${files.path}`, { recursive: true });
    writeFileSync(script, `#!${executable} -r${root}\n`, { mode: 0o755 });
    copyFileSync(program('probe'), `${root}${script}`);
    expect(end(await run([script, 'exit', '9']))).toEqual({ ...quiet, status: 9 });
  });

  it('in a script that env splits', async () => {
    const script = `${files.path}/split`;
    const line = `#!/usr/bin/env -S ${executable} -u -t ${t} /bin/sh\necho "$(hostname) $*"; exit 8\n`;
    writeFileSync(script, line, { mode: 0o755 });
    const outcome = await run([script, 'a', 'b c']);
    expect(end(outcome)).toEqual({ ...quiet, status: 8 });
    expect(outcome.stdout.toString()).toBe('inside a b c\n');
  });
});

describe.skipIf(reason !== undefined)('odd callers', () => {
  it('process 1: the program’s status and signals', async () => {
    const file = `--uts=/proc/${t}/ns/uts`;
    const as = (...words: string[]): Promise<Outcome> => enter([file, ...words], { pid1: true });
    expect(end(await as(program('probe'), 'exit', '4'))).toEqual({ ...quiet, status: 4 });
    expect(end(await as('--version'))).toEqual(quiet);
    expect(end(await as('/nonexistent')).status).toBe(127);
    const forked = await enter([`--pid=/proc/${t}/ns/pid`, program('probe'), 'exit', '4'], { pid1: true });
    // Another PID namespace that is not below its own cannot be entered: one message.
    expect(expectQuietOrMessage(forked)).toBe('message');
  });

  describe.each([[[0]], [[1]], [[2]], [[0, 1]], [[0, 2]], [[1, 2]], [[0, 1, 2]]])('%j closed', (close) => {
    it('an entry: they stay closed', async () => {
      for (const words of [
        ['-u', '-n'],
        ['-p', '-u'],
      ]) {
        const outcome = await enter(['-t', t, ...words, program('probe'), '--fd', '9'], { close, report: 9 });
        expect(end(outcome)).toEqual(quiet);
        const open = parseProbe(outcome.report)?.fds.map(({ fd }) => fd);
        expect(open).toEqual([0, 1, 2, 9].filter((fd) => !close.includes(fd)));
      }
    });

    it('output that nobody wants: status 0, as nsenter', async () => {
      for (const word of ['--version', '--help']) {
        const { status, signal } = await enter([word], { close });
        expect({ status, signal }).toEqual({ status: 0, signal: null });
      }
    });

    it('an error: status 1', async () => {
      const outcome = await enter(['--no-such-option'], { close });
      expect({ status: outcome.status, signal: outcome.signal }).toEqual({ status: 1, signal: null });
      if (!close.includes(2)) expect(outcome.stderr.toString()).toMatch(/^tsenter: [^\n]+\n/);
    });
  });

  it('a full device, and a reader that has gone', async () => {
    const full = await shell('"$T" --help >/dev/full');
    expect(expectQuietOrMessage(full)).toBe('message');
    expect(full.stderr.toString()).toContain('No space left on device');
    const gone = await shell('"$T" --help | :; exit $PIPESTATUS');
    // SIGPIPE, or all was in the pipe before the reader went.
    expect([141, 0]).toContain(gone.status);
    expect(gone.stderr.toString()).toBe('');
  });

  it('without any argument, even its name', async () => {
    const outcome = await run([program('nameless'), executable]);
    expect(expectQuietOrMessage(outcome)).toBe('message');
    // The variables behind argv are no words.
    expect(outcome.stderr.toString()).not.toContain('=');
  });

  it('60,000 operands', async () => {
    const script = 'exec "$T" -t "$P" -u -p /bin/sh -c \'shift 59999; echo $# $1\' sh $(seq 60000)';
    const outcome = await shell(script);
    expect(end(outcome)).toEqual(quiet);
    expect(outcome.stdout.toString()).toBe('1 60000\n');
  });

  it('60,000 operands that are options, behind a wrong one', async () => {
    const outcome = await shell('exec "$T" --no-such-option $(printf -- "-u %.0s" $(seq 60000))');
    expect(end(outcome)).toEqual({ status: 1, signal: null, stderr: expect.stringMatching(/^tsenter: /) });
  });

  it('60,000 options', { timeout: 60_000 }, async () => {
    const outcome = await shell('exec "$T" -t "$P" $(printf -- "-u %.0s" $(seq 60000)) "$TRUE"');
    expect(end(outcome)).toEqual(quiet);
  });

  describe('100 KB in a word', () => {
    const long = 'x'.repeat(100_000);
    const digits = '9'.repeat(100_000);

    it.each([
      { name: 'a path', words: [`--wd=/${long}`], cause: 'File name too long' },
      { name: 'a namespace', words: [`--net=/${long}`], cause: 'File name too long' },
      { name: 'a directory inside', words: [`--wdns=/${long}`], cause: 'File name too long' },
      { name: 'a PID', words: ['-t', digits] },
      { name: 'a uid', words: ['-S', digits] },
      { name: 'a flag', words: [`-${'F'.repeat(100_000)}`, '--wd=/nonexistent'] },
      { name: 'an option', words: [`--${long}`] },
      { name: 'bytes above 127', words: [`--wd=/${'%FF'.repeat(40_000)}`], cause: 'File name too long' },
    ])('$name: one message', async ({ words, cause }) => {
      const { status, signal, stderr } = await enter(['-t', t, '-u', ...words, program('true')]);
      expect({ status, signal }).toEqual({ status: 1, signal: null });
      const text = stderr.toString('latin1');
      // The hint may follow on a line of its own.
      expect(text).toMatch(/^tsenter: [^\n]+\n(?:[^\n]+\n)?$/);
      if (cause !== undefined) expect(text).toContain(cause);
    });

    it('a program', async () => {
      const { status, signal, stderr } = await enter(['-t', t, '-u', `/${long}`]);
      expect({ status, signal }).toEqual({ status: 126, signal: null });
      expect(stderr.toString().split('\n')).toHaveLength(2);
    });

    it('a flag that is repeated, and a program that runs', async () => {
      const outcome = await enter(['-t', t, '-u', `-${'F'.repeat(100_000)}`, program('true')]);
      expect(end(outcome)).toEqual(quiet);
    });
  });

  it('10,000 variables', () => {
    const env = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`VARIABLE_${index}`, `${index}`]),
    );
    for (const words of [['-u'], ['-u', '-p']]) {
      const { status, stdout, stderr } = spawnSync(
        executable,
        ['-t', t, ...words, '/usr/bin/env'],
        // `env` would not show what it adds: it adds nothing.
        { env, encoding: 'latin1', timeout: 20_000, maxBuffer: 1 << 24 },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout.trimEnd().split('\n')).toEqual(
        Object.entries(env).map(([name, value]) => `${name}=${value}`),
      );
    }
  });

  it('a target with 10,000 variables', async () => {
    const env = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`V${index}`, `${index}`]));
    await using other = await startTarget({ namespaces: ['uts'], env });
    const outcome = await enter(['-t', String(other.pid), '-u', '-e', '/usr/bin/env']);
    expect(end(outcome)).toEqual(quiet);
    const got = outcome.stdout.toString().trimEnd().split('\n');
    expect(got).toEqual(expect.arrayContaining(['V0=0', 'V9999=9999']));
    expect(got.filter((line) => line.startsWith('V'))).toHaveLength(10_000);
  });

  it('no descriptor left', async () => {
    for (const limit of [0, 1, 3, 4, 5, 6]) {
      const outcome = await shell('ulimit -n "$1"; exec "$T" -t "$P" -a /probe exit 0', [String(limit)]);
      expectQuietOrMessage(outcome);
    }
  });
});

describe.skipIf(reason !== undefined)('every allocation that fails', () => {
  let built: Built;

  beforeAll(async () => {
    if (reason === undefined) built = await build({ make: { EXTRA: '-DFAIL_ALLOCATION', OPTIMIZE: '-O1' } });
  }, 300_000);

  afterAll(() => built?.[Symbol.dispose]());

  /**
   * Fails the first, the second and so on, until one is never reached: the command ends as it does otherwise. One
   * line for each, the status and what stderr had.
   */
  const script = `
    export TSENTER_FAIL_ALLOCATION
    for ((TSENTER_FAIL_ALLOCATION = 1; TSENTER_FAIL_ALLOCATION < 20000; TSENTER_FAIL_ALLOCATION++)); do
      message=$("$@" 2>&1 >/dev/null </dev/null)
      status=$?
      [ "$status $message" = "$EXPECTED" ] && break
      echo "$status $message"
    done`;
  const outOfMemory = '1 tsenter: allocate memory: Cannot allocate memory';

  it.each([
    ...lines,
    { name: 'nothing to enter', words: () => [] },
    { name: 'an unknown option', words: () => ['--no-such-option'] },
    { name: 'a target that does not exist', words: () => ['-t', '999999999', '-u', 'true'] },
    { name: 'a program that does not exist', words: () => ['-t', t, '-u', '/nonexistent'] },
    { name: 'a namespace file', words: () => [`--uts=/proc/${t}/ns/uts`, program('true')] },
  ])('$name: one message, status 1', { timeout: 200_000 }, async ({ words }) => {
    const env = { ...defaultEnv };
    const plain = await run([built.executable, ...words()], { env });
    expect(plain.signal).toBeNull();
    const expected = `${plain.status} ${plain.stderr.toString().trimEnd()}`;
    const outcome = await run(['/bin/bash', '--norc', '-c', script, 'bash', built.executable, ...words()], {
      env: { ...env, EXPECTED: expected },
      timeout: 190_000,
    });
    expect(outcome.stderr.toString()).toBe('');
    const failures = outcome.stdout.toString().trimEnd().split('\n');
    expect(failures.length).toBeGreaterThan(100);
    expect(failures.length).toBeLessThan(19_999);
    expect([...new Set(failures)]).toEqual([outOfMemory]);
  });
});
