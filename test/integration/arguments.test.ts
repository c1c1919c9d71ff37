/** Words: very many, very long, of any bytes, and which of them are the program's. */
import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter } from '../support/command.ts';
import { enter, probeInside, type Scratch, scratch, shell } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let files: Scratch;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['pid', 'uts', 'net'], hostname: 'inside' });
  files = scratch();
  t = String(target.pid);
});

afterAll(async () => {
  await target?.stop();
  files?.[Symbol.dispose]();
});

async function argvOf(words: readonly string[], args: readonly string[]): Promise<readonly string[]> {
  const outcome = await enter([...words, program('probe'), ...args]);
  expect(outcome.stderr.toString()).toBe('');
  const { argv } = JSON.parse(outcome.stdout.toString('latin1')) as { argv: string[] };
  expect(argv[0]).toBe(program('probe'));
  return argv.slice(1);
}

describe.each([
  ['in place', ['-u']],
  ['forked', ['-p']],
] as const)('%s', (_, options) => {
  const words = (): string[] => ['-t', t, ...options];

  it('60,000 arguments', async () => {
    const args = Array.from({ length: 60_000 }, (_, index) => `a${index}`);
    expect(await argvOf(words(), args)).toEqual(args);
  });

  it('an argument of 100 KB', async () => {
    const args = ['first', 'x'.repeat(100_000), 'last'];
    expect(await argvOf(words(), args)).toEqual(args);
  });

  it('an environment of 1 MB', async () => {
    const env = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`BIG_${index}`, String(index).repeat(100_000)]),
    );
    const expected = { PATH: process.env.PATH ?? '', ...env };
    const report = await probeInside(words(), { env: expected });
    expect([...report.env].sort()).toEqual(
      Object.entries(expected)
        .map(([n, v]) => `${n}=${v}`)
        .sort(),
    );
  });

  it.each([
    [['', '', 'x', '']],
    [['-m', '--all', '-t', '1']],
    [['--']],
    [['--', '-x', '--']],
    [['a b', 'c\nd', '\t', "'", '"', '\\', '$HOME', '*', '`id`', '!', '~']],
    [['=', '-', '--=', '-=']],
    [['käse', '日本', '🐚']],
  ])('%j', async (args) => {
    expect(await argvOf(words(), args)).toEqual(args.map((arg) => Buffer.from(arg).toString('latin1')));
  });
});

describe('which words are options', () => {
  it.each([
    ['-t T -u P -p', ['-p']],
    ['-t T -u -- P a', ['a']],
    ['-t T -u -- P -- a', ['--', 'a']],
    ['-t T -u P -- a', ['--', 'a']],
    ['-t T -u -- P --help', ['--help']],
    ['-t T -u P --version', ['--version']],
    ['-u -tT P -t 1', ['-t', '1']],
  ])('%s', async (line, args) => {
    const words = line.replace('T', t).replace('P', program('probe')).split(' ');
    const outcome = await enter(words);
    expect(outcome.stderr.toString()).toBe('');
    const report = JSON.parse(outcome.stdout.toString('latin1')) as { argv: string[]; hostname: string };
    expect(report.argv).toEqual([program('probe'), ...args]);
    expect(report.hostname).toBe('inside');
  });

  it('a single dash is a program', async () => {
    const outcome = await enter(['-t', t, '-u', '-']);
    expect(outcome).toMatchObject({ status: 127 });
    expect(outcome.stderr.toString()).toMatch(/^tsenter: execute -: No such file or directory\n/);
  });
});

describe('bytes that are not UTF-8', () => {
  const odd = '%FF%FEx%C3';
  const bytes = '\xff\xfex\xc3';

  it('in arguments', async () => {
    expect(await argvOf(['-t', t, '-u'], [odd, '%80', 'a%E9b'])).toEqual([bytes, '\x80', 'a\xe9b']);
    expect(await argvOf(['-t', t, '-p'], [odd])).toEqual([bytes]);
  });

  it('in the environment', async () => {
    const env = { PATH: process.env.PATH ?? '', ODD: odd, 'ODD%FFNAME': 'x' };
    const report = await probeInside(['-t', t, '-u'], { env });
    expect(report.env).toContain(`ODD=${bytes}`);
  });

  it('in the name of the program, the root, the directory and a namespace file', async () => {
    const path = (name: string): Buffer => Buffer.from(`${files.path}/${name}`, 'latin1');
    mkdirSync(path(bytes));
    mkdirSync(path(`${bytes}/inner`));
    copyFileSync(program('probe'), path(`${bytes}/${bytes}`));
    symlinkSync(`/proc/${t}/ns/net`, path(`${bytes}/net`));
    const here = `${files.path}/${odd}`;
    const probe = `/${odd}`;
    const shown = `${files.path}/${bytes}`;
    expect((await probeInside([`-w${here}`], { probe: `${here}${probe}` })).cwd).toBe(shown);
    expect((await probeInside([`-W${here}/inner`])).cwd).toBe(`${shown}/inner`);
    expect((await probeInside([`-r=${here}`, '-W/inner'], { probe })).cwd).toBe('/inner');
    const outside = await probeInside(['-w/']);
    expect((await probeInside([`-n${here}/net`])).ns.net).not.toBe(outside.ns.net);
    expect((await probeInside([`--net=${here}/net`])).ns.net).not.toBe(outside.ns.net);
  });

  it.each([[`-w/no/${odd}`], [`-r/no/${odd}`], [`-W/no/${odd}`], [`-n/no/${odd}`], [`/no/${odd}`, '-w/']])(
    'are escaped in the message about %s',
    async (word, ...options) => {
      const outcome = await enter([...options, word, 'true']);
      expect(outcome.status).toBe(word.startsWith('-') ? 1 : 127);
      expect(outcome.stderr.toString('latin1')).toContain(
        '/no/\\xff\\xfex\\xc3: No such file or directory\n',
      );
    },
  );
});

describe('the argument list is too long', () => {
  it('for the kernel: nothing but a message', async () => {
    // As much as execve(2) takes, byte for byte; then a little less each time, so that whatever tsenter adds on
    // its way decides. The last word is longer than the most that is taken away, and shorter than one may be (128 KiB).
    const script = `
      fit() { /bin/true "\${big[@]}" "$(printf %*s "$1" "")" 2>/dev/null; }
      x=$(printf %*s 100000 "")
      big=()
      while fit 4000; do big+=("$x"); done
      unset 'big[-1]'
      low=0 high=131000
      while ((high - low > 1)); do
        mid=$(((low + high) / 2))
        if fit $mid; then low=$mid; else high=$mid; fi
      done
      for less in 0 20 50 100 150 200 250 300 400 500 700 1000 1500 2000 4000; do
        message=$("$T" "$@" /bin/true "\${big[@]}" "$(printf %*s $((low - less)) "")" 2>&1)
        echo "$? $message"
      done`;
    const outcome = await shell(script, ['-t', t, '-p', '-u', '-n'], {
      // What is not freed before the end is no leak that matters: a sanitizer's report would be the status.
      env: { PATH: process.env.PATH ?? '', ASAN_OPTIONS: 'detect_leaks=0' },
    });
    const lines = new Set(outcome.stdout.toString().split('\n').slice(0, -1));
    // The last ones fit; of the first, bash itself says that it cannot execute tsenter.
    const own = [...lines].filter((line) => !/^126 bash: line \d+: \S+: Argument list too long$/.test(line));
    // On Node more words travel than the program gets; the native executable hands on fewer than it was given.
    for (const line of own.filter((each) => each !== '0 '))
      expect(line).toMatch(/^126 tsenter: execute (node|\/bin\/true): Argument list too long$/);
    expect(own).toContain('0 ');
  });

  it('with the environment of the target', async () => {
    const environ = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`V${index}`, 'v'.repeat(120_000)]),
    );
    await using rich = await startTarget({ namespaces: ['uts'], env: environ });
    const args = Array.from({ length: 8 }, () => 'x'.repeat(120_000));
    const outcome = await enter(['-t', String(rich.pid), '-u', '-e', '/bin/echo', ...args]);
    expect(outcome.stderr.toString()).toBe('tsenter: execute /bin/echo: Argument list too long\n');
    expect(outcome).toMatchObject({ status: 126, signal: null });
    expect(outcome.stdout.length).toBe(0);
  });
});

it('the words of a script without #! are as with nsenter', async () => {
  const script = `printf 'echo "$0" "$#" "$@"\\n' > "$DIR/plain"; chmod 755 "$DIR/plain"
    "$COMMAND" -u -t "$@" "$DIR/plain" a '' 'b c'; PATH=$DIR:$PATH "$COMMAND" -u -t "$@" plain a`;
  const env = { PATH: process.env.PATH ?? '', DIR: files.path };
  const theirs = await shell(script, [t], { env: { ...env, COMMAND: nsenter } });
  const ours = await shell(script.split('$COMMAND').join('$T'), [t], { env });
  expect(theirs.stdout.toString()).toBe(`${files.path}/plain 3 a  b c\n${files.path}/plain 1 a\n`);
  expect(ours.stdout.toString()).toBe(theirs.stdout.toString());
});
