/**
 * Without a program: a login shell that exists inside. $SHELL, the passwd entry inside, then the usual ones.
 * The scripts are read from stdin, as what a user would type.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, type RunOptions, run } from '../support/command.ts';
import { enter, has, tool } from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

beforeAll(buildPrograms);

interface Inside {
  /** Added below its root: a file's text, or a link to a text. */
  readonly files?: Readonly<
    Record<string, string | { link: string } | 'fifo' | 'endless' | 'directory' | 'gone'>
  >;
  readonly env?: TargetOptions['env'];
}

/** With busybox as /bin/sh and the passwd entries `root` and `guest` (1000), both with /bin/sh. */
async function startInside({ files = {}, env }: Inside): Promise<Target> {
  const target = await startTarget({
    namespaces: ['mount', 'pid'],
    root: 'pivot',
    ...(env === undefined ? {} : { env }),
  });
  for (const [name, content] of Object.entries(files)) {
    const path = `/proc/${target.pid}/root${name}`;
    rmSync(path, { force: true, recursive: true });
    if (content === 'fifo') tool('mkfifo', path);
    else if (content === 'endless') tool('truncate', '-s', '8T', path);
    else if (content === 'directory') mkdirSync(path);
    else if (content !== 'gone' && typeof content === 'object') symlinkSync(content.link, path);
    else if (content !== 'gone') writeFileSync(path, content, { mode: 0o755 });
  }
  return target;
}

async function ask(
  inside: Inside,
  words: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome> {
  await using target = await startInside(inside);
  return await enter(['-t', String(target.pid), '-m', '-p', ...words], {
    stdin: 'echo "$0"\nexit 7\n',
    ...options,
  });
}

const link = { link: 'busybox' };
const rootIs = (shell: string): string => `root:x:0:0:root:/root:${shell}\n`;
const withShell = (value: string): RunOptions => ({ env: { ...defaultEnv, SHELL: value } });

interface Row {
  readonly what: string;
  readonly inside?: Inside;
  readonly words?: readonly string[];
  readonly options?: RunOptions;
  readonly shell: string;
}

const rows: readonly Row[] = [
  { what: '$SHELL', options: withShell('/bin/ash'), inside: { files: { '/bin/ash': link } }, shell: '-ash' },
  { what: '$SHELL before the passwd entry', options: withShell('/bin/sh'), shell: '-sh' },
  { what: '$SHELL that is not inside: the passwd entry', options: withShell('/bin/zsh'), shell: '-sh' },
  {
    what: '$SHELL that is not inside: another passwd entry',
    options: withShell('/usr/bin/fish'),
    inside: { files: { '/bin/ash': link, '/etc/passwd': rootIs('/bin/ash') } },
    shell: '-ash',
  },
  {
    what: '$SHELL that cannot be executed',
    options: withShell('/etc/group'),
    inside: { files: { '/bin/ash': link, '/etc/passwd': rootIs('/bin/ash') } },
    shell: '-ash',
  },
  { what: '$SHELL that is a directory', options: withShell('/etc'), shell: '-sh' },
  { what: 'an empty $SHELL', options: withShell(''), shell: '-sh' },
  { what: 'a $SHELL that is no path', options: withShell('bash'), shell: '-sh' },
  { what: 'a relative $SHELL', options: withShell('bin/sh'), shell: '-sh' },
  { what: 'a very long $SHELL', options: withShell(`/${'x'.repeat(5000)}`), shell: '-sh' },
  { what: 'a $SHELL with a very long name', options: withShell(`/bin/${'x'.repeat(255)}`), shell: '-sh' },
  {
    what: 'the passwd entry of the user inside',
    inside: {
      files: { '/bin/ash': link, '/etc/passwd': `${rootIs('/bin/sh')}guest:x:1000:1000::/:/bin/ash\n` },
    },
    words: ['-S', '1000', '-G', '1000'],
    shell: '-ash',
  },
  {
    what: 'a user without a passwd entry',
    inside: { files: { '/bin/ash': link, '/etc/passwd': rootIs('/bin/ash') } },
    words: ['-S', '4242'],
    shell: '-sh',
  },
  {
    what: 'a passwd entry without a shell',
    inside: { files: { '/etc/passwd': rootIs('') } },
    shell: '-sh',
  },
  {
    what: 'a passwd entry whose shell is not inside',
    inside: { files: { '/etc/passwd': rootIs('/bin/nologin') } },
    shell: '-sh',
  },
  {
    what: 'a passwd entry in a last line without an end',
    inside: { files: { '/bin/ash': link, '/etc/passwd': 'root:x:0:0:root:/root:/bin/ash' } },
    shell: '-ash',
  },
  {
    what: 'the first of two passwd entries',
    inside: { files: { '/bin/ash': link, '/etc/passwd': rootIs('/bin/ash') + rootIs('/bin/sh') } },
    shell: '-ash',
  },
  {
    what: 'comments, other entries and malformed lines',
    inside: {
      files: {
        '/bin/ash': link,
        '/bin/evil': '#!/bin/sh\necho evil\n',
        '/etc/passwd': `# x:x:0:0::/:/bin/evil\n\n:::\nx:y\nbad:x::0::/:/bin/evil\nbad:x:0x0:0::/:/bin/evil\nbad:x:18446744073709551616:0::/:/bin/evil\n${rootIs('/bin/ash')}`,
      },
    },
    shell: '-ash',
  },
  {
    what: 'a passwd file of many lines',
    inside: {
      files: {
        '/bin/ash': link,
        '/etc/passwd': `${Array.from({ length: 20_000 }, (_, i) => `u${i}:x:${i + 1}:1::/:/bin/no\n`).join('')}${rootIs('/bin/ash')}`,
      },
    },
    shell: '-ash',
  },
  {
    what: 'a passwd file with a very long line',
    inside: {
      files: { '/bin/ash': link, '/etc/passwd': `${'x'.repeat(1_000_000)}\n${rootIs('/bin/ash')}` },
    },
    shell: '-ash',
  },
  {
    what: 'a passwd shell with a very long name',
    inside: { files: { '/etc/passwd': rootIs(`/bin/${'x'.repeat(6000)}`) } },
    shell: '-sh',
  },
  { what: 'no passwd file', inside: { files: { '/etc/passwd': 'gone' } }, shell: '-sh' },
  { what: 'a passwd file that is a FIFO', inside: { files: { '/etc/passwd': 'fifo' } }, shell: '-sh' },
  { what: 'a passwd file of eight terabytes', inside: { files: { '/etc/passwd': 'endless' } }, shell: '-sh' },
  {
    what: 'a passwd file that is a directory',
    inside: { files: { '/etc/passwd': 'directory' } },
    shell: '-sh',
  },
  {
    what: 'a passwd file that is a link to one inside',
    inside: {
      files: { '/bin/ash': link, '/etc/other': rootIs('/bin/ash'), '/etc/passwd': { link: '/etc/other' } },
    },
    shell: '-ash',
  },
  {
    what: 'a passwd file that is a link to nowhere',
    inside: { files: { '/etc/passwd': { link: '/none' } } },
    shell: '-sh',
  },
  {
    what: 'a passwd file that is a link to itself',
    inside: { files: { '/etc/passwd': { link: 'passwd' } } },
    shell: '-sh',
  },
  {
    what: 'a passwd file that is a link to a device without an end',
    inside: { files: { '/etc/passwd': { link: '/proc/self/fd/5' } } },
    options: { open: [{ fd: 5, mode: 'r', path: '/dev/zero' }] },
    shell: '-sh',
  },
  {
    what: 'only an unusual place',
    inside: { files: { '/etc/passwd': 'gone', '/bin/sh': 'gone', '/bin/ash': link } },
    shell: '-ash',
  },
  {
    what: '$SHELL of the target',
    inside: { files: { '/bin/ash': link }, env: { SHELL: '/bin/ash', PATH: '/bin' } },
    words: ['-e'],
    options: withShell('/bin/sh'),
    shell: '-ash',
  },
  {
    what: 'not the $SHELL of the caller with the environment of the target',
    inside: { files: { '/bin/ash': link, '/etc/passwd': 'gone' }, env: { PATH: '/bin' } },
    words: ['-e'],
    options: withShell('/bin/ash'),
    shell: '-sh',
  },
];

it.each(rows)('$what: $shell', async ({ inside = {}, words = [], options = {}, shell }) => {
  const outcome = await ask(inside, words, options);
  expect(outcome.stderr.toString()).toBe('');
  expect(outcome.stdout.toString()).toBe(`${shell}\n`);
  expect(outcome).toMatchObject({ status: 7, signal: null });
});

it('on the host: the bash of $SHELL, as a login shell', async () => {
  const bash = has('/usr/bin/bash') ? '/usr/bin/bash' : '/bin/bash';
  const env = { PATH: defaultEnv.PATH ?? '', HOME: '/nonexistent', SHELL: bash };
  const outcome = await enter(['-w/'], { env, stdin: 'echo "$0"; shopt -q login_shell && echo login\n' });
  expect(outcome.stdout.toString()).toBe('-bash\nlogin\n');
});

it('a -- without anything behind it means the shell as well', async () => {
  expect((await ask({}, ['--'])).stdout.toString()).toBe('-sh\n');
});

describe('no shell inside at all', () => {
  const files = { '/bin/sh': 'gone', '/bin/busybox': 'gone' } as const;

  it.each([
    ['the one of $SHELL is named', withShell('/bin/zsh'), '/bin/zsh'],
    ['else the one of the passwd entry', { env: { PATH: '/bin' } }, '/bin/sh'],
  ])('%s', async (_, options, named) => {
    const outcome = await ask({ files }, [], options);
    expect(outcome).toMatchObject({ status: 127, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    const lines = outcome.stderr.toString().split('\n');
    expect(lines[0]).toBe(`tsenter: execute ${named}: No such file or directory`);
    expect(lines[1]).toMatch(/shell.*inside/);
    expect(lines.slice(2)).toEqual(['']);
  });

  it('one that may not be executed gives 126', async () => {
    const outcome = await ask({ files: { ...files, '/etc/passwd': rootIs('/etc/group') } }, [], { env: {} });
    expect(outcome.status).toBe(126);
    expect(outcome.stderr.toString()).toMatch(/^tsenter: execute \/etc\/group: Permission denied\n/);
  });
});

it('nsenter, with a $SHELL that is not inside, gives up', async () => {
  await using target = await startInside({});
  const words = ['-t', String(target.pid), '-m', '-p'];
  const theirs = await run([nsenter, ...words], { ...withShell('/bin/zsh'), stdin: 'exit 7\n' });
  expect(theirs.status).toBe(127);
});
