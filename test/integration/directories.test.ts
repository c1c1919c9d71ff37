/** Root and working directory: by target, by path outside and inside. */
import { chmodSync, chownSync, copyFileSync, mkdirSync, realpathSync, statSync, symlinkSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nsenter, run } from '../support/command.ts';
import { enter, messageFormat, probeInside, type Scratch, scratch, someone } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let pivoted: Target;
let chrooted: Target;
let files: Scratch;

beforeAll(async () => {
  buildPrograms();
  pivoted = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot', cwd: '/srv' });
  chrooted = await startTarget({ namespaces: ['mount'], root: 'chroot', cwd: '/tmp' });
  files = scratch();
  mkdirSync(`${files.path}/root/inner/deep`, { recursive: true });
  mkdirSync(`${files.path}/plain`);
  copyFileSync(program('probe'), `${files.path}/root/probe`);
  chmodSync(`${files.path}/root/probe`, 0o755);
  symlinkSync('plain', `${files.path}/link`);
  symlinkSync('/inner', `${files.path}/root/absolute`);
});

afterAll(async () => {
  await pivoted?.stop();
  await chrooted?.stop();
  files?.[Symbol.dispose]();
});

function identity(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}

interface Row {
  /** `P` and `C` stand for the targets, `%` for the directory of the test. */
  readonly words: string;
  readonly cwd: string;
  /** As the test sees it. */
  readonly place?: string;
  readonly root?: string;
  readonly from?: string;
}

const inP = '/proc/P/root';
const inC = '/proc/C/root';
const probes: Readonly<Record<string, string>> = { [inP]: '/probe', [inC]: '/probe', '%/root': '/probe' };

/** What the target's own root is, seen from the host. */
const rows: readonly Row[] = [
  // the mount namespace decides the root
  { words: '-t P -m', cwd: '/', root: inP },
  { words: '-t P -m -w', cwd: '/srv', root: inP },
  { words: '-t P -m -W/tmp', cwd: '/tmp', root: inP },
  { words: '-t P -m -W=/tmp', cwd: '/tmp', root: inP },
  { words: '-t P -m --wdns=/home/guest', cwd: '/home/guest', root: inP },
  { words: '-t P -m -Wtmp', cwd: '/tmp', root: inP },
  { words: '-t P -m -W..', cwd: '/', root: inP },
  { words: '-t P -m -W', cwd: '/srv', root: inP },
  { words: '-t P -m -r', cwd: '/', root: inP },
  { words: '-t P -m -r -w', cwd: '/srv', root: inP },
  { words: '-t P -m -r -W/tmp', cwd: '/tmp', root: inP },
  { words: '-t P -m -r -W', cwd: '/srv', root: inP },
  { words: '-t P -m -p -r -w', cwd: '/srv', root: inP },
  { words: '-t P -a', cwd: '/', root: inP },
  { words: '-t P -a -r -w', cwd: '/srv', root: inP },
  // only the root: the working directory is its /
  { words: '-t P -r', cwd: '/', root: inP },
  { words: '-t P --root', cwd: '/', root: inP },
  { words: '-t P -r -w', cwd: '/srv', root: inP },
  { words: '-t P -r -W/home/guest', cwd: '/home/guest', root: inP },
  { words: '-t P -r -Whome', cwd: '/home', root: inP },
  { words: '-t P -p -r', cwd: '/', root: inP },
  // the tunnel: a directory of the caller
  { words: '-t P -m -w/usr', cwd: '(unreachable)/usr', place: '/usr', root: inP },
  { words: '-t P -m -w=/usr', cwd: '(unreachable)/usr', place: '/usr', root: inP },
  { words: '-t P -r -w/usr', cwd: '(unreachable)/usr', place: '/usr', root: inP },
  { words: '-t P -m -r -w%/plain', cwd: '(unreachable)%/plain', place: '%/plain', root: inP },
  // a target whose root is not that of its mount namespace: nsenter enters the namespace's, -r the target's
  { words: '-t C -m', cwd: '/', root: '/' },
  { words: '-t C -m -r', cwd: '/', root: inC },
  { words: '-t C -m -r -w', cwd: '/tmp', root: inC },
  { words: '-t C -r', cwd: '/', root: inC },
  { words: '-t C -r -W/srv', cwd: '/srv', root: inC },
  // directories of the caller
  { words: '-r%/root', cwd: '/', root: '%/root' },
  { words: '-r=%/root', cwd: '/', root: '%/root' },
  { words: '--root=%/root', cwd: '/', root: '%/root' },
  { words: '-rroot', cwd: '/', root: '%/root', from: '%' },
  { words: '-r=root -W/inner', cwd: '/inner', root: '%/root', from: '%' },
  { words: '-r%/root -Winner/deep', cwd: '/inner/deep', root: '%/root' },
  { words: '-r%/root -Wabsolute', cwd: '/inner', root: '%/root' },
  { words: '-r%/root -w%/root/inner', cwd: '/inner', root: '%/root' },
  { words: '-r%/root -w%/plain', cwd: '(unreachable)%/plain', place: '%/plain', root: '%/root' },
  { words: '-w%/plain', cwd: '%/plain' },
  { words: '-w=%/plain', cwd: '%/plain' },
  { words: '--wd=%/plain', cwd: '%/plain' },
  { words: '-wplain', cwd: '%/plain', from: '%' },
  { words: '-w%/link', cwd: '%/plain' },
  { words: '-W%/link', cwd: '%/plain' },
  { words: '-Wplain', cwd: '%/plain', from: '%' },
  { words: '-W=plain', cwd: '%/plain', from: '%' },
  { words: '-w/ -wplain', cwd: '%/plain', from: '%' },
];

it.each(rows)('$words: $cwd', async ({ words, cwd, place, root = '/', from }) => {
  const values: Readonly<Record<string, string>> = {
    P: String(pivoted.pid),
    C: String(chrooted.pid),
    '%': files.path,
  };
  const fill = (text: string): string => text.replace(/%|\b[PC]\b/g, (name) => values[name] ?? name);
  const report = await probeInside(words.split(' ').map(fill), {
    probe: probes[root] ?? program('probe'),
    ...(from === undefined ? {} : { cwd: fill(from) }),
  });
  expect(report.cwd).toBe(fill(cwd));
  expect(report.root_inode).toBe(identity(`${fill(root)}/.`));
  const inside = root === '/' ? '' : fill(root);
  expect(report.cwd_inode).toBe(identity(fill(place ?? `${inside}${cwd}`)));
});

it('-w of a target in the mount namespace of the caller', async () => {
  await using target = await startTarget({ namespaces: ['uts'], cwd: '/usr/share' });
  expect((await probeInside(['-t', String(target.pid), '-w'])).cwd).toBe('/usr/share');
  expect((await probeInside(['-t', String(target.pid), '-W'])).cwd).toBe('/usr/share');
});

it('without either option the working directory stays', async () => {
  expect((await probeInside(['-t', String(pivoted.pid), '-p'])).cwd).toBe('/usr/lib');
});

describe('a directory that may be searched but not read', () => {
  let closed: string;

  beforeAll(() => {
    closed = `${files.path}/search-only`;
    mkdirSync(`${closed}/below`, { recursive: true });
    copyFileSync(program('probe'), `${closed}/probe`);
    chmodSync(`${closed}/probe`, 0o755);
    chownSync(closed, someone + 1, someone + 1);
    chmodSync(closed, 0o111);
  });

  // CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: without them root is held to the mode as well.
  const mortal = { drop: [1, 2] };

  it.each([
    ['an ordinary user', { uid: someone, gid: someone }],
    ['root without CAP_DAC_*', mortal],
  ])('-w as %s', async (_, around) => {
    expect((await probeInside([`-w${closed}`], around)).cwd).toBe(closed);
    expect((await probeInside([`-w=${closed}`], around)).cwd).toBe(closed);
    expect((await probeInside([`-W${closed}`], around)).cwd).toBe(closed);
    const theirs = await run([nsenter, `--wd=${closed}`, program('true')], around);
    expect(theirs.status).toBe(1);
    expect(theirs.stderr.toString()).toContain('Permission denied');
  });

  it('-r as root without CAP_DAC_*', async () => {
    const report = await probeInside([`-r${closed}`], { ...mortal, probe: '/probe' });
    expect(report).toMatchObject({ cwd: '/', root_inode: identity(closed) });
    const theirs = await run([nsenter, `--root=${closed}`, '/probe'], mortal);
    expect(theirs.status).toBe(1);
  });

  it('one that may not even be searched is refused', async () => {
    using secret = scratch(0o700);
    const outcome = await enter([`-w${secret.path}`, 'true'], { uid: someone, gid: someone });
    expect(outcome.status).toBe(1);
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain(`${secret.path}: Permission denied`);
  });
});

describe('a directory that is not there', () => {
  it.each([
    [['-w/no/such'], 'No such file or directory'],
    [['-r/no/such'], 'No such file or directory'],
    [['-r=/no/such'], 'No such file or directory'],
    [['-W/no/such'], 'No such file or directory'],
    [['-w/etc/passwd'], 'Not a directory'],
    [['-r/etc/passwd'], 'Not a directory'],
    [['-W/etc/passwd'], 'Not a directory'],
    [['-w='], 'No such file or directory'],
  ])('%j: %s', async (words, cause) => {
    const outcome = await enter([...words, 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toContain(`: ${cause}\n`);
    expect(outcome.stderr.toString()).toContain(words[0]?.replace(/^-.=?/, ''));
  });

  it('-W of a directory that is outside only', async () => {
    expect(realpathSync('/usr')).toBe('/usr');
    const outcome = await enter(['-t', String(pivoted.pid), '-m', '-W/usr', '/bin/echo', 'executed']);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(/^tsenter: [^\n]*\/usr: No such file or directory\n$/);
  });

  it('-w and -W exclude each other', async () => {
    const outcome = await enter(['-w/', '-W/', 'echo', 'executed']);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(/--wd\b.*mutually exclusive/);
  });
});
