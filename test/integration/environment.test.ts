/** The environment: the caller's to the byte, or with --env the target's. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, run, tsenter } from '../support/command.ts';
import {
  type Actor,
  enter,
  messageFormat,
  probeInside,
  type Scratch,
  scratch,
  shell,
  someone,
  startActor,
  until,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';
import { startTerminal } from '../support/terminal.ts';

beforeAll(buildPrograms);

/** A process whose environment is exactly these strings. */
async function withEnviron(...entries: readonly string[]): Promise<Actor> {
  const actor = await startActor(['environ', ...entries]);
  expect(readFileSync(`/proc/${actor.number}/environ`, 'utf8')).toBe(
    entries.map((one) => `${one}\0`).join(''),
  );
  return actor;
}

async function environmentOf(target: { number: number }): Promise<readonly string[]> {
  return (await probeInside(['-t', String(target.number), '-u', '--env'])).env;
}

describe('of the target', () => {
  it.each([
    ['usual ones', ['PATH=/bin', 'HOME=/root'], ['PATH=/bin', 'HOME=/root']],
    ['empty values', ['A=', 'B='], ['A=', 'B=']],
    ['equals signs', ['A=x=y', 'B==', 'C=='], ['A=x=y', 'B==', 'C==']],
    ['lines', ['A=1\n2\n', 'B=\t'], ['A=1\n2\n', 'B=\t']],
    ['names of all kinds', ['a.b=1', 'a-b=2', '1=3', ' =4', 'BASH_FUNC_f%%=() { :; }'], undefined],
    ['malformed ones', ['NOTHING', 'A=1', '=value', '', 'B=2', '='], ['A=1', 'B=2']],
    ['only malformed ones', ['NOTHING', ''], []],
    ['duplicates: the first counts', ['A=1', 'B=2', 'A=3', 'A='], ['A=1', 'B=2']],
  ] as readonly [string, readonly string[], (readonly string[])?][])(
    '%s',
    async (_, entries, expected = entries) => {
      await using target = await withEnviron(...entries);
      expect(await environmentOf(target)).toEqual(expected);
    },
  );

  it('an empty one: no variables, and no waiting for any', async () => {
    await using target = await withEnviron();
    expect(await environmentOf(target)).toEqual([]);
    await using other = await startTarget({ namespaces: ['pid', 'mount'], env: {} });
    expect((await probeInside(['-t', String(other.pid), '-a', '-e'])).env).toEqual([]);
  });

  it('a very large one', async () => {
    const entries = Array.from({ length: 10 }, (_, index) => `V${index}=${String(index).repeat(110_000)}`);
    await using target = await withEnviron(...entries);
    expect(await environmentOf(target)).toEqual(entries);
  });

  it('ten thousand variables', async () => {
    const entries = Array.from({ length: 10_000 }, (_, index) => `VARIABLE_${index}=${index}`);
    await using target = await withEnviron(...entries);
    expect(await environmentOf(target)).toEqual(entries);
  });

  describe('an area that it made up, without any privilege', () => {
    const MIB = 1 << 20;
    // Node reserves more than it uses.
    const little = tsenter.includes('/native/') ? '-v 65536' : '-v unlimited';
    const inLimits = (limits: string, words: readonly string[]) =>
      shell(`ulimit ${limits}; exec "$T" "$@"`, words);

    it.each([
      ['nothing but ends', ','],
      ['text that is no variable', 'a,'],
      ['text of one piece', 'a'],
      ['bytes above 127', '\u{e9}'],
    ])('%s: little memory is taken, and none reaches the program', async (_, unit) => {
      await using target = await startActor(['area', String(6 * MIB), unit]);
      const words = ['-t', String(target.number), '-u', '-e', program('probe')];
      const outcome = await inLimits(little, words);
      expect(outcome.stderr.toString()).toBe('');
      expect(parseProbe(outcome.stdout)?.env).toEqual([]);
    });

    it.each([
      ['of 8 MiB of ends', 8 * MIB, ','],
      ['of tiny variables, which need pointers', 2 * MIB, 'A=,'],
      ['of values without a name', 2 * MIB, '=,'],
      ['of a variable that is longer than any', 2 * MIB, 'A='],
      ['of 64 MiB', 64 * MIB, 'A=,'],
    ])('%s: nothing is executed, and it says why', async (_, size, unit) => {
      await using target = await startActor(['area', String(size), unit]);
      const words = ['-t', String(target.number), '-u', '-e', 'echo', 'executed'];
      const outcome = await inLimits(little, words);
      expect(outcome.stderr.toString()).toMatch(
        /^tsenter: take environment of target \d+: Argument list too long\nNo program could be executed with it: [^\n]+\n$/,
      );
      expect(outcome).toMatchObject({ status: 1, signal: null });
      expect(outcome.stdout.toString()).toBe('');
    });

    it('the limit is that of the stack', async () => {
      await using target = await startActor(['area', String(MIB), 'AB=2345,']);
      const words = ['-t', String(target.number), '-u', '-e', program('probe')];
      const refused = await inLimits('-s 4096', words);
      expect(refused.stderr.toString()).toContain('execve(2) takes 1024 KiB here');
      expect(refused.status).toBe(1);
      const taken = await inLimits('-s 16384', words);
      expect(taken.stderr.toString()).toBe('');
      expect(parseProbe(taken.stdout)?.env).toEqual(['AB=2345']);
    });
  });

  it('bytes that are not UTF-8', async () => {
    const script = `exec "$0" environ $'A=\\xff\\xfe' $'B\\xe9=1'`;
    await using target = await startActor(['--norc', '-c', script, program('actor')], {}, '/bin/bash');
    expect(await environmentOf(target)).toEqual(['A=\xff\xfe', 'B\xe9=1']);
  });

  it('as it was at its start, whatever became of it', async () => {
    const script = `export A=2; unset B; C=3; echo ready $$; read line`;
    await using target = await startActor(['-c', script], { env: { A: '1', B: '1' } }, '/bin/sh');
    expect([...(await environmentOf(target))].sort()).toEqual(['A=1', 'B=1']);
  });

  it('of one that executes something else meanwhile', async () => {
    const script = `trap 'exec env -i NEW=1 "$0" stay' USR1; echo ready $$; while :; do read -t 1 line; done`;
    await using target = await startActor(
      ['--norc', '-c', script, program('actor')],
      { env: { OLD: '1' } },
      '/bin/bash',
    );
    process.kill(target.number, 'SIGUSR1');
    await until('exec', () => readFileSync(`/proc/${target.number}/comm`, 'utf8') === 'actor\n');
    expect(await environmentOf(target)).toEqual(['NEW=1']);
  });

  it('finds the program in the PATH of the target', async () => {
    using directory = scratch();
    symlinkSync(program('probe'), `${directory.path}/only-there`);
    await using target = await withEnviron(`PATH=${directory.path}`);
    const words = ['-t', String(target.number), '-u', 'only-there'];
    expect((await enter(['-e', ...words])).stderr.toString()).toBe('');
    expect((await enter(words)).status).toBe(127);
  });

  it('may not be readable', async () => {
    await using target = await startTarget({ namespaces: ['uts'] });
    const outcome = await enter(['-t', String(target.pid), '-w/', '-e', 'echo', 'executed'], {
      uid: someone,
      gid: someone,
    });
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain(`environment of target ${target.pid}: Permission denied`);
  });

  it('of a kernel thread is empty', async (context) => {
    const kthreadd = 2;
    const stat = readFileSync(`/proc/${kthreadd}/stat`, 'utf8');
    if (!stat.includes('(kthreadd)'))
      mustRun('process 2 is no kernel thread: not the initial PID namespace', context);
    expect((await probeInside(['-t', String(kthreadd), '-u', '-e'])).env).toEqual([]);
    // Without -e it is an ordinary target.
    expect((await probeInside(['-t', String(kthreadd), '-u', '-n'])).env.length).toBeGreaterThan(0);
  });
});

describe('of the caller', () => {
  const given = async (env: Readonly<Record<string, string>>): Promise<readonly string[]> => {
    await using target = await startTarget({ namespaces: ['uts', 'pid'] });
    const around = { env: { PATH: defaultEnv.PATH ?? '', ...env } };
    const forked = (await probeInside(['-t', String(target.pid), '-p', '-u'], around)).env;
    const inPlace = (await probeInside(['-t', String(target.pid), '-u'], around)).env;
    expect(forked).toEqual(inPlace);
    return inPlace.filter((entry) => !entry.startsWith('PATH=')).sort();
  };

  // All as nsenter hands them on.
  it.each([
    ['nothing more', {}],
    ['an odd working directory', { PWD: '/not/here', OLDPWD: '/nor/here' }],
    ["names that are not a shell's", { 'a.b': '1', 'a-b': '2', 'BASH_FUNC_f%25%25': '() { :; }', '1': 'x' }],
    ['what shells use', { SHLVL: '7', _: '/x', IFS: 'x', PS1: '$', ENV: '/none', OPTIND: '1', PPID: '1' }],
    ['what Node uses', { NODE_OPTIONS: '', NODE_PATH: '/none', NODE_NO_WARNINGS: '1' }],
    ['what tsenter might use', { TSENTER: '1', TSENTER_HELPER: '/none' }],
    ['colours', { FORCE_COLOR: '1', NO_COLOR: '', TERM: 'dumb' }],
    ['empty values', { A: '', B: '' }],
  ] as const)('%s', async (_, env) => {
    const decoded = Object.entries(env).map(([name, value]) => `${name.split('%25').join('%')}=${value}`);
    expect(await given(env)).toEqual(decoded.sort());
  });

  it('the order is kept', async () => {
    const names = ['Z', 'A', 'M', 'B'];
    const env = { PATH: defaultEnv.PATH ?? '', ...Object.fromEntries(names.map((name) => [name, '1'])) };
    const outside = await run([program('probe')], { env });
    const { env: expected } = JSON.parse(outside.stdout.toString()) as { env: string[] };
    expect((await probeInside(['-w/'], { env })).env).toEqual(expected);
  });

  it('NODE_OPTIONS of the caller is not heeded', async () => {
    const env = { ...defaultEnv, NODE_OPTIONS: '--no-such-option --require /none.js' };
    const report = await probeInside(['-w/'], { env });
    expect(report.env).toContain('NODE_OPTIONS=--no-such-option --require /none.js');
  });

  it('a PATH without Node', async () => {
    const report = await probeInside(['-w/'], { env: { PATH: '/nonexistent' } });
    expect(report.env).toEqual(['PATH=/nonexistent']);
  });

  it('no environment at all', async () => {
    expect((await probeInside(['-w/'], { env: {} })).env).toEqual([]);
  });
});

it.each(['OPENSSL_CONF', 'SSL_CERT_FILE', 'UV_THREADPOOL_SIZE', 'NODE_OPTIONS', 'TSENTER_SAVED_X'])(
  'of the caller: %s acts on nothing but the program',
  async (name) => {
    const outcome = await enter(['-w/', 'env'], { env: { PATH: '/usr/bin:/bin', [name]: '/etc/passwd' } });
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.status).toBe(0);
    expect(outcome.stdout.toString().split('\n')).toContain(`${name}=/etc/passwd`);
  },
);

it('of the target, on a terminal: what tells of that terminal is the caller’s', async () => {
  await using actor = await withEnviron('TERM=dumb', 'A=of the target');
  const say = ['/bin/sh', '-c', 'echo "$TERM, $COLORTERM, $A"'];
  const command = [tsenter, '-t', String(actor.number), '-u', '-e', ...say];
  const env = { ...defaultEnv, COLORTERM: 'truecolor' };
  await using terminal = startTerminal(command, { env });
  await terminal.waitFor('xterm, truecolor, of the target');
});

describe('set beside', () => {
  let target: Actor;
  let files: Scratch;
  beforeAll(async () => {
    target = await withEnviron('A=1', 'B=2', `PATH=${dirname(program('probe'))}`, 'SHELL=/bin/sh');
    files = scratch();
    writeFileSync(`${files.path}/variables`, '# of a test\n\nA=of the file\nTERM\nNOSUCH\n  C="x" \r\n');
  });
  afterAll(async () => {
    await target?.stop();
    files?.[Symbol.dispose]();
  });

  const caller = { env: { PATH: '/usr/bin:/bin', TERM: 'xterm', A: '0', ODD: '%FF%E9' } };
  const own = ['PATH=/usr/bin:/bin', 'TERM=xterm', 'A=0', 'ODD=\xff\xe9'];
  const theirs = () => ['A=1', 'B=2', `PATH=${dirname(program('probe'))}`, 'SHELL=/bin/sh'];
  const without = (entries: readonly string[], ...names: readonly string[]) =>
    entries.filter((entry) => !names.includes(entry.slice(0, entry.indexOf('='))));

  const rows: readonly (readonly [what: string, () => string[], () => string[]])[] = [
    ['a variable', () => ['--setenv', 'N=1'], () => [...own, 'N=1']],
    ['another value', () => ['--setenv=A=a=b'], () => [...without(own, 'A'), 'A=a=b']],
    [
      'every occurrence',
      () => ['--setenv', 'N=1', '--setenv', 'M=', '--setenv=N=2'],
      () => [...own, 'M=', 'N=2'],
    ],
    ['one less', () => ['--unsetenv', 'A', '--unsetenv=NONE'], () => without(own, 'A')],
    ['nothing', () => ['--clear-env'], () => []],
    ['nothing but', () => ['--setenv', 'N=1', '--clear-env', '--setenv', 'ODD'], () => ['ODD=\xff\xe9']],
    ["the target's and more", () => ['-e', '--setenv', 'N=1'], () => [...theirs(), 'N=1']],
    [
      "the caller's value in the target's",
      () => ['-e', '--setenv', 'A'],
      () => [...without(theirs(), 'A'), 'A=0'],
    ],
    ['one less of the target’s', () => ['-e', '--setenv', 'B'], () => without(theirs(), 'B')],
    ["nothing of the target's", () => ['-e', '--clear-env', '--setenv=N=1'], () => ['N=1']],
    [
      'a file',
      () => ['-e', '--env-file', `${files.path}/variables`],
      () => [...without(theirs(), 'A'), 'A=of the file', 'TERM=xterm', 'C="x" '],
    ],
    [
      'a file, in its place',
      () => ['--clear-env', '--setenv=A=1', `--env-file=${files.path}/variables`, '--unsetenv', 'C'],
      () => ['A=of the file', 'TERM=xterm'],
    ],
    ['an abbreviation', () => ['--clear', '--sete', 'N=1', '--sete', 'M=1', '--unset', 'M'], () => ['N=1']],
  ];

  it.each(rows)('%s', async (_, options, expected) => {
    for (const more of [[], ['-p'], ['-a', '-S', String(someone)]]) {
      const words = ['-t', String(target.number), '-u', ...more, ...options()];
      expect((await probeInside(words, caller)).env).toEqual(expected());
    }
  });

  it('on a pseudo-terminal as well', async () => {
    const words = ['-t', String(target.number), '-u', '--pty', '--clear-env', '--setenv', 'N=1'];
    expect((await enter([...words, '/usr/bin/env'])).stdout.toString()).toBe('N=1\r\n');
  });

  it('behind the name of the program they are its own', async () => {
    const words = [
      '--setenv',
      'N=1',
      '--clear-env',
      '--env-file',
      '/nonexistent',
      '--unsetenv',
      'N',
      '--caps',
      'none',
    ];
    const outcome = await enter(['-t', String(target.number), '-u', 'echo', ...words]);
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.stdout.toString()).toBe(`${words.join(' ')}\n`);
  });

  it('PATH and SHELL count as they are set', async () => {
    using directory = scratch();
    symlinkSync(program('probe'), `${directory.path}/only-there`);
    const words = ['-t', String(target.number), '-u'];
    const path = `PATH=${directory.path}`;
    for (const options of [
      ['--setenv', path],
      ['-e', '--setenv', path],
      ['--clear-env', '--setenv', path],
    ])
      expect(await enter([...words, ...options, 'only-there'])).toMatchObject({ status: 0 });
    expect(await enter([...words, '-e', '--unsetenv', 'PATH', 'probe'])).toMatchObject({ status: 127 });
    const shells = async (...options: string[]) =>
      (
        await enter([...words, ...options], { stdin: 'echo $0 $SHELL\n', env: { SHELL: '/bin/bash' } })
      ).stdout.toString();
    expect(await shells('--setenv', 'SHELL=/bin/sh')).toBe('-sh /bin/sh\n');
    expect(await shells('-e')).toBe('-sh /bin/sh\n');
    expect(await shells('-e', '--setenv', 'SHELL')).toBe('-bash /bin/bash\n');
  });

  it('a file may be a pipe that is written to later, and standard input', async () => {
    const script = `
      mkfifo "$DIR/late"
      "$T" -w/ --clear-env --env-file "$DIR/late" /usr/bin/env &
      exec 3>"$DIR/late"
      echo A=1 >&3
      exec 3>&-
      wait $!
      echo B=2 | "$T" -w/ --clear-env --env-file /dev/stdin /usr/bin/env`;
    using directory = scratch();
    const outcome = await shell(script, [], { env: { ...defaultEnv, DIR: directory.path } });
    expect(outcome.stderr.toString()).toBe('');
    expect(outcome.stdout.toString()).toBe('A=1\nB=2\n');
  });

  it.each([
    [['--setenv', '=1'], 'parse variable of --setenv: it has no name'],
    [['--setenv', ''], 'parse variable of --setenv: it has no name'],
    [['--unsetenv', ''], 'parse variable of --unsetenv: it has no name'],
    [['--unsetenv', 'A=1'], "parse variable 'A=1' of --unsetenv: a name has no ="],
    [['--env-file', '/nonexistent'], 'open environment file /nonexistent: No such file or directory'],
    [['--env-file', '-'], 'open environment file -: No such file or directory'],
    [['--env-file', '/etc'], 'read environment file /etc: Is a directory'],
    [['--env-file', '/dev/zero'], 'read environment file /dev/zero: File too large'],
    [['--env-file', '/proc/self/environ'], 'parse environment file /proc/self/environ: it has a NUL'],
    [['--env-file', '/etc/passwd\x1b'], 'open environment file /etc/passwd\\x1b: No such file or directory'],
  ] as const)('%j is refused, and nothing executed', async (options, message) => {
    const outcome = await enter(['-t', String(target.number), '-u', ...options, 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString().split('\n')[0]).toBe(`tsenter: ${message}`);
    expect(outcome.stderr.toString()).toMatch(messageFormat);
  });

  it('more than a program can be executed with is refused', async () => {
    const path = `${files.path}/large`;
    writeFileSync(
      path,
      Array.from({ length: 9 }, (_, index) => `V${index}=${'x'.repeat(120_000)}\n`).join(''),
    );
    const words = ['-w/', '--env-file', path, '/bin/echo', 'executed'];
    const inLimit = (stack: number) => shell(`ulimit -s ${stack}; exec "$T" "$@"`, words);
    expect((await inLimit(8192)).stdout.toString()).toBe('executed\n');
    const refused = await inLimit(4096);
    expect(refused.stderr.toString()).toMatch(
      /^tsenter: take environment: Argument list too long\n.* 1024 KiB /,
    );
    expect(refused.stdout.toString()).toBe('');
    expect(refused.status).toBe(1);
  });
});
