/**
 * `--explain` is right: a table of targets and callers, each of which is explained and then entered with the same words. What it said is
 * compared with what became of it: the status, the message of a failure, and what a program saw inside.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/explain/explanation.ts';
import { CAPABILITIES } from '../../src/sys/capabilities.ts';
import { nsenter, type Outcome, type RunOptions, run, tsenter } from '../support/command.ts';
import {
  type Actor,
  has,
  identityUser,
  procName,
  type Scratch,
  scratch,
  someone,
  startActor,
  stateOf,
  tool,
  until,
} from '../support/enter.ts';
import { FreezableCgroup, freezers } from '../support/freezer.ts';
import { violations } from '../support/json-schema.ts';
import { defaultEnv } from '../support/launch.ts';
import { type ProbeReport, parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

const another = 1002;
const CAP_SETGID = 6;
const CAP_SETUID = 7;
const CAP_SETPCAP = 8;
const CAP_SYS_CHROOT = 18;
const CAP_SYS_PTRACE = 19;
const CAP_SYS_ADMIN = 21;

const targets = {
  /** as a container of root's: files of its own */
  container: { namespaces: ['cgroup', 'ipc', 'uts', 'net', 'pid', 'mount'], root: 'pivot' },
  /** the same without anything that could be executed but the probe */
  bare: { namespaces: ['uts', 'pid', 'mount'], root: 'pivot' },
  /** its only shell is one that nobody may execute */
  broken: { namespaces: ['uts', 'pid', 'mount'], root: 'pivot' },
  /** the root directory of the process is not that of its mount namespace */
  chrooted: { namespaces: ['uts', 'mount'], root: 'chroot' },
  /** a user namespace of root's in which ids are what they are outside */
  mapped: { namespaces: ['user', 'uts', 'pid', 'mount'], user: identityUser, root: 'pivot' },
  /** ids inside are others, as in most rootless engines */
  shifted: {
    namespaces: ['user', 'uts', 'net'],
    user: { uidMap: '0 100000 1000', gidMap: '0 100000 1000' },
  },
  /** there is no id 0 */
  rootless: {
    namespaces: ['user', 'uts'],
    user: { uidMap: '1000 100000 10', gidMap: '1000 100000 10' },
  },
  /** of an ordinary user, who may not change groups in it */
  owned: {
    namespaces: ['user', 'mount', 'uts'],
    user: { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' },
    startedBy: someone,
  },
  /** of an ordinary user, in the namespaces of the host */
  plain: { startedBy: someone },
  clock: { namespaces: ['time', 'uts'], timeOffset: 1000 },
  /** a user namespace in one of the same user's */
  outer: {
    namespaces: ['user', 'uts'],
    user: { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' },
    startedBy: someone,
  },
  terminal: { namespaces: ['uts', 'pid', 'mount'], root: 'pivot', terminals: true },
  ipc: { namespaces: ['ipc'] },
  guest: { namespaces: ['uts', 'pid', 'mount'], root: 'pivot', uid: 1000, gid: 1000 },
} as const satisfies Record<string, TargetOptions>;

type Name =
  | keyof typeof targets
  | 'undumpable'
  | 'parent'
  | 'orphaned'
  | 'nested'
  | 'zombie'
  | 'gone'
  | 'thread'
  | 'socket';

const running = new Map<Name, number>();
const started: Target[] = [];
let actors: Actor[] = [];
let files: Scratch;
/** nobody but root may search it */
let secret = '';

const callers = {
  root: {},
  someone: { uid: someone, gid: someone },
  another: { uid: another, gid: another },
  'someone with groups': { uid: someone, gid: someone, groups: [5, 6] },
  'root with groups': { groups: [5, 6] },
  'root without CAP_SYS_ADMIN': { drop: [CAP_SYS_ADMIN] },
  'root without CAP_SYS_CHROOT': { drop: [CAP_SYS_CHROOT] },
  'root without CAP_SYS_PTRACE': { drop: [CAP_SYS_PTRACE] },
  'root with groups, without CAP_SETGID': { groups: [5], drop: [CAP_SETGID] },
  'root without CAP_SETUID': { drop: [CAP_SETUID] },
  'root without CAP_SETPCAP': { drop: [CAP_SETPCAP] },
  'root in a PID namespace of its own': {
    under: ['/usr/bin/unshare', '--pid', '--fork', '--kill-child', '--mount-proc=/mnt'],
  },
  'root with another PATH': { env: { PATH: '/nowhere::relative' } },
} as const satisfies Record<string, RunOptions & { under?: readonly string[] }>;

interface Row {
  readonly target: Name;
  readonly caller?: keyof typeof callers;
  /** with `PID` in the place of the number */
  readonly words: string;
  /** the probe is at this place inside; without one `words` name the program, or mean a shell */
  readonly probe?: '/probe' | 'host' | 'none';
  /** whether it enters: so that no row says of both that nothing works */
  readonly enters: boolean;
}

const enters = (
  target: Name,
  words: string,
  probe: Row['probe'],
  caller: keyof typeof callers = 'root',
): Row => ({ target, words, caller, ...(probe && { probe }), enters: true });

const fails = (
  target: Name,
  words: string,
  probe: Row['probe'],
  caller: keyof typeof callers = 'root',
): Row => ({ target, words, caller, ...(probe && { probe }), enters: false });

const rows: readonly Row[] = [
  enters('container', '-a', '/probe'),
  enters('container', '-n', 'host'),
  enters('container', '-p', 'host'),
  enters('container', '-p -F', 'host'),
  enters('container', '-m -u -r', '/probe'),
  enters('container', '-a -S 1000 -G 1000', '/probe'),
  enters('container', '-a -S follow -G follow', '/probe'),
  enters('container', '-m -W/srv', '/probe'),
  enters('container', '-a sh -c true', 'none'),
  enters('container', '-a', 'none'),
  enters('container', '-a -e', 'none'),
  enters('container', '--net=/proc/PID/ns/net', 'host'),
  enters('container', '--mount=/proc/PID/ns/mnt', '/probe'),
  enters('container', '--pid=/proc/PID/ns/pid', 'host'),
  enters('container', '-n -S 7', 'host', 'root with groups'),
  enters('container', '-u', 'host', 'root without CAP_SYS_CHROOT'),
  fails('container', '-u', 'host', 'root without CAP_SYS_PTRACE'),
  fails('container', '-m -W/nowhere', '/probe'),
  fails('container', '-m -W/probe', '/probe'),
  fails('container', '-a no-such-program', 'none'),
  fails('container', '-a /etc/passwd', 'none'),
  fails('container', '-a /bin', 'none'),
  fails('container', '-m bash', 'none'),
  fails('container', '-u --user', 'host'),
  fails('container', '-a', '/probe', 'someone'),
  fails('container', '-n', 'host', 'someone'),
  fails('container', '-u', 'host', 'root without CAP_SYS_ADMIN'),
  fails('container', '--unsealed -m', '/probe', 'root without CAP_SYS_CHROOT'),
  fails('container', '--unsealed -u -r', '/probe', 'root without CAP_SYS_CHROOT'),
  fails('container', '-u -S 0', 'host', 'root with groups, without CAP_SETGID'),
  fails('container', '-u -S 7', 'host', 'root without CAP_SETUID'),
  enters('container', '--as-target', '/probe'),
  enters('container', '--as-target=strict', '/probe'),
  enters('container', '-u --caps none --no-new-privs', 'host'),
  enters('container', '-u --caps net_raw -S 7 -G 7', 'host'),
  enters('container', '-u --groups 5,6 -S 7', 'host'),
  enters('container', '-u --new-session --umask 77 --close-fds', 'host'),
  enters('container', '-u --groups keep -S 7', 'host', 'root with groups, without CAP_SETGID'),
  enters('container', '-u --caps none --no-new-privs', 'host', 'root without CAP_SETPCAP'),
  fails('container', '-u --caps none', 'host', 'root without CAP_SETPCAP'),
  fails('container', '-u --caps sys_admin', 'host', 'root without CAP_SETPCAP'),
  fails('container', '-u --caps setpcap', 'host', 'root without CAP_SETPCAP'),
  fails('container', '-u --groups 5', 'host', 'root with groups, without CAP_SETGID'),
  fails('container', '--as-target=strict -F', '/probe'),
  fails('container', '-u --as-target=caps', 'host', 'root without CAP_SYS_PTRACE'),
  enters('mapped', '--as-target', '/probe'),
  enters('mapped', '-a --groups 5 -S 7', '/probe'),
  fails('bare', '-a', 'none'),
  fails('broken', '-a', 'none'),
  fails('broken', '-a sh', 'none'),
  fails('bare', '-a sh', 'none'),
  enters('bare', '-a', '/probe'),
  enters('chrooted', '-m', 'host'),
  enters('chrooted', '-m -r', '/probe'),
  fails('chrooted', '-m', '/probe'),
  enters('mapped', '-a', '/probe'),
  enters('mapped', '-a', '/probe', 'root with groups'),
  enters('mapped', '-U', 'host'),
  enters('mapped', '-a --preserve-credentials', '/probe'),
  fails('mapped', '-a -S 70000', '/probe'),
  fails('mapped', '-a', '/probe', 'someone'),
  enters('shifted', '-a', 'host'),
  enters('shifted', '-U -S 5 -G 6', 'host'),
  enters('shifted', '-n', 'host'),
  fails('shifted', '-U -S 1000', 'host'),
  fails('shifted', '-a', 'host', 'another'),
  fails('rootless', '-a', 'host'),
  enters('rootless', '-a --preserve-credentials', 'host'),
  enters('rootless', '-a -S 1001 -G 1001', 'host'),
  enters('owned', '-a', 'host', 'someone'),
  enters('owned', '-U -u', 'host', 'someone'),
  enters('owned', '-U -m --preserve-credentials', 'host', 'someone with groups'),
  enters('owned', '--user=/proc/PID/ns/user', 'host', 'someone'),
  enters('owned', '-a --keep-caps', 'host', 'someone'),
  fails('owned', '-a', 'host', 'someone with groups'),
  fails('owned', '-m', 'host', 'someone'),
  fails('owned', '-u', 'host', 'someone'),
  fails('owned', '-a', 'host', 'another'),
  enters('owned', '-a', 'host'),
  enters('owned', '-u', 'host'),
  fails('owned', '-a', 'host', 'root without CAP_SYS_ADMIN'),
  enters('plain', '-a', 'host', 'someone with groups'),
  fails('plain', '-u', 'host', 'someone'),
  fails('plain', '--user-parent', 'host', 'someone'),
  fails('owned', '--user-parent', 'host', 'someone'),
  enters('clock', '-T', 'host'),
  enters('clock', '-a', 'host'),
  fails('clock', '-T', 'host', 'root without CAP_SYS_ADMIN'),
  enters('guest', '-a -S follow -G follow', '/probe'),
  enters('guest', '-m -S 1000', 'none'),
  fails('undumpable', '-u', 'host', 'someone'),
  enters('undumpable', '-u', 'host'),
  enters('parent', '-a', 'host'),
  enters('parent', '--pid=/proc/PID/ns/pid_for_children', 'host'),
  fails('container', '--pid=/proc/1/ns/pid', 'host', 'root in a PID namespace of its own'),
  enters('terminal', '-a --pty', '/probe'),
  enters('container', '-n --pty', 'host'),
  enters('container', '-n -S 0 -G 0', 'host', 'root with groups'),
  enters('ipc', '-i -u', 'host'),
  enters('outer', '-a', 'host', 'someone'),
  enters('nested', '-a', 'host'),
  enters('nested', '-a', 'host', 'someone'),
  enters('nested', '-U -n', 'host', 'someone'),
  fails('nested', '-n', 'host', 'someone'),
  fails('nested', '-a', 'host', 'another'),
  fails('nested', '-u', 'host', 'root without CAP_SYS_ADMIN'),
  enters('nested', '--user-parent --preserve-credentials', 'host'),
  enters('thread', '-n', 'host'),
  enters('socket', '-N 7', 'host'),
  fails('socket', '-N 8', 'host'),
  fails('orphaned', '--pid=/proc/PID/ns/pid_for_children', 'host'),
  fails('container', '-m SECRET/probe', 'none'),
  enters('container', '-u SECRET/true', 'none'),
  fails('container', '-u -S 1000 SECRET/true', 'none'),
  fails('container', '-u SECRET/script', 'none'),
  fails('container', '-u SECRET/plain', 'none'),
  enters('container', '-u SECRET/own-shell', 'none'),
  fails('container', '-u SECRET/dynamic', 'none'),
  fails('container', '-u SECRET/bad-interpreter', 'none'),
  fails('container', '-m /home/true', 'none'),
  enters('container', '-m /bin/true', 'none'),
  fails('container', '-u SECRET/true/more', 'none'),
  fails('container', '-u SECRET/circle', 'none'),
  enters('container', '-u -wSECRET ./true', 'none'),
  fails('container', '-u -wSECRET ./nothing', 'none'),
  fails('container', '-u -wSECRET/true ./true', 'none'),
  enters('container', '-m -wSECRET ./true', 'none'),
  enters('container', '-u -WSECRET ./true', 'none'),
  fails('container', '-a ./true', 'none'),
  enters('container', '-a -W/bin ./true', 'none'),
  fails('container', '-a true', 'none', 'root with another PATH'),
  enters('container', '-a -e true', 'none', 'root with another PATH'),
  fails('container', '-u sh', 'none', 'root with another PATH'),
  fails('zombie', '-n', 'host'),
  fails('gone', '-n', 'host'),
];

const held: Disposable[] = [];

/** Their children are in another PID namespace; that of the second one has had its process 1. */
const parents = {
  parent: ['--pid', '--fork', '--kill-child', 'sh', '-c', 'echo; read x'],
  orphaned: ['--pid', 'sh', '-c', '/bin/true; echo; read x'],
};

beforeAll(async () => {
  buildPrograms();
  files = scratch();
  for (const [name, options] of Object.entries(targets)) {
    const target = await startTarget(options);
    started.push(target);
    running.set(name as Name, target.pid);
  }
  for (const name of ['bare', 'broken'] as const)
    tool(nsenter, '-t', pidOf(name), '-m', '/bin/busybox', 'rm', '-r', '/bin');
  mkdirSync(`/proc/${pidOf('broken')}/root/usr/bin`, { recursive: true });
  writeFileSync(`/proc/${pidOf('broken')}/root/usr/bin/sh`, '', { mode: 0o644 });
  makeSecret();
  for (const words of ['mount -t tmpfs -o noexec tmp /home', 'cp /bin/busybox /home/true'])
    tool(nsenter, '-t', pidOf('container'), '-m', '/bin/busybox', ...words.split(' '));
  // Whose program it may not read, a process hides from its own user.
  const unreadable = `${files.path}/unreadable`;
  copyFileSync(program('actor'), unreadable);
  chmodSync(unreadable, 0o711);
  const undumpable = await startActor(['stay'], { uid: someone }, unreadable);
  const nested = await startActor(nestedWords, { uid: someone }, '/usr/bin/unshare');
  const thread = await startActor(['thread']);
  const socket = await startActor(['socket']);
  actors = [undumpable, nested, thread, socket];
  running.set('nested', nested.number);
  running.set('thread', thread.number);
  running.set('socket', socket.number);
  for (const [name, words] of Object.entries(parents)) {
    const child = spawn('/usr/bin/unshare', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    running.set(name as Name, child.pid ?? 0);
    held.push({ [Symbol.dispose]: () => child.stdin.end() });
  }
  const zombie = await startActor(['zombie']);
  actors.push(zombie);
  running.set('zombie', zombie.number);
  const gone = spawn('/bin/true');
  await once(gone, 'close');
  running.set('gone', gone.pid ?? 0);
  running.set('undumpable', undumpable.pid);
});

/** A user namespace in another, which owns the network. */
const nestedWords = [
  ...['--user', '--map-root-user', '--net', '/usr/bin/unshare'],
  ...['--user', '--map-root-user', '--uts', program('actor'), 'stay'],
];

/** What can be executed, and what cannot. */
function makeSecret(): void {
  secret = `${files.path}/secret`;
  mkdirSync(secret, { mode: 0o700 });
  copyFileSync(program('true'), `${secret}/true`);
  writeFileSync(`${secret}/script`, '#! /no/interpreter -x\n', { mode: 0o755 });
  writeFileSync(`${secret}/own-shell`, 'exit 0\n', { mode: 0o755 });
  writeFileSync(`${secret}/plain`, 'exit 0\n', { mode: 0o644 });
  writeFileSync(`${secret}/bad-interpreter`, `#!${secret}/plain\n`, { mode: 0o755 });
  const loader = readFileSync('/bin/true', 'latin1').replace(/\/lib64\/ld-linux[^\0]*/, (path) =>
    path.replace(/.$/, '9'),
  );
  writeFileSync(`${secret}/dynamic`, Buffer.from(loader, 'latin1'), { mode: 0o755 });
  symlinkSync('circle', `${secret}/circle`);
}

afterAll(async () => {
  for (const target of started) await target.stop();
  for (const actor of actors) await actor.stop();
  for (const one of held) one[Symbol.dispose]();
  files?.[Symbol.dispose]();
});

function pidOf(name: Name): string {
  return String(running.get(name));
}

const name = ({ target, caller, words, probe }: Row) =>
  `${caller}: -t ${target} ${words}${probe === 'none' ? '' : ` ${probe}`}`;

function wordsOf({ target, words, probe }: Row): string[] {
  const list = words.split(' ').map((word) => word.replace('PID', pidOf(target)).replace('SECRET', secret));
  const usesFile = list.some((word) => word.includes('=/proc/'));
  const found = probe === 'host' ? [program('probe')] : probe === '/probe' ? ['/probe'] : [];
  return [...(usesFile ? [] : ['-t', pidOf(target)]), ...list, ...found];
}

interface Caller extends RunOptions {
  /** words before the command */
  readonly under?: readonly string[];
}

async function explained(
  words: readonly string[],
  { under = [], ...options }: Caller = {},
): Promise<Explanation> {
  const { status, stdout, stderr } = await run([...under, tsenter, '--explain=json', ...words], options);
  expect(stderr.toString()).toBe('');
  const explanation = JSON.parse(stdout.toString()) as Explanation;
  expect(violations(explanation, 'explain')).toEqual([]);
  expect(status).toBe(explanation.verdict.enters ? 0 : 1);
  return explanation;
}

function compare(explanation: Explanation, outcome: Outcome, row: Row): void {
  const { verdict } = explanation;
  const said = outcome.stderr.toString();
  if (!row.enters) {
    const [message, hint = ''] = said.split('\n');
    expect(message).toBe(`tsenter: ${verdict.reason}`);
    if (verdict.hint !== null && hint !== '') expect(withoutAdvice(hint)).toBe(verdict.hint);
    expect(outcome.status).not.toBe(0);
    expect(verdict.enters).toBe(false);
    return;
  }
  expect(said).toBe('');
  expect(outcome.status).toBe(0);
  expect(verdict).toEqual({ enters: true, reason: null, hint: null, cannotBeTold: [] });
  const report = parseProbe(outcome.stdout);
  if (row.probe !== 'none') expect(report).toBeDefined();
  if (report) compareReport(explanation, report, row);
}

/** An error says where to read more, which is here. */
function withoutAdvice(hint: string): string {
  return hint.replace(/ --explain (?:tells all that it takes\.|shows its maps,)/, '');
}

function compareReport(explanation: Explanation, report: ProbeReport, row: Row): void {
  const { ids, namespaces, stays, directory } = explanation;
  if (directory.of === 'caller' || directory.of === 'namespace') expect(report.cwd).toBe(directory.path);
  // Of a user namespace in which nobody is seen the maps are not known.
  expect(ids.program === null).toBe(row.words.includes('--user-parent'));
  if (ids.program) expect(ids.program).toEqual({ uid: report.uid, gid: report.gid, groups: report.groups });
  for (const { type, target, caller, action, allowed } of namespaces) {
    const isEntered = action === 'enter' || action === 'enter again';
    expect(allowed).toBe(action === 'enter again' ? directory.of === 'namespace' : isEntered ? true : null);
    // Without a fork only children are in it.
    if (type === 'pid' && row.words.includes('-F')) continue;
    const seen = report.ns[procName(type)];
    // Without a /proc of its own namespaces the program does not know.
    if (seen !== null && !row.words.includes('pid')) expect(seen).toBe(isEntered ? target : caller);
  }
  const told = stays.find(({ what }) => what === 'capabilities')?.program ?? '';
  if (ids.program) expect(capabilitiesIn(told)).toBe(BigInt(`0x${report.caps.permitted}`));
  expect(stays.find(({ what }) => what === 'no_new_privs')?.program).toBe(
    report.no_new_privs === 1 ? 'set' : 'not set',
  );
  const session = stays.find(({ what }) => what === 'session')?.program ?? '';
  expect(session.startsWith('a new one')).toBe(report.sid === report.pid);
}

/** `all but setgid setuid`, as a set of bits. */
function capabilitiesIn(text: string): bigint {
  const [, but, names = ''] = /^(all(?: but)?|none)? ?(.*)$/.exec(text) ?? [];
  const bits = names
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => 1n << BigInt(CAPABILITIES.indexOf(word.toUpperCase())))
    .reduce((set, bit) => set | bit, 0n);
  return but?.startsWith('all') ? ((1n << BigInt(CAPABILITIES.length)) - 1n) & ~bits : bits;
}

describe('--explain says what entering does', () => {
  it.each(rows.map((row) => [name(row), row] as const))('%s', async (_, row) => {
    const caller: Caller = { env: defaultEnv, ...callers[row.caller ?? 'root'] };
    const { under = [], ...options } = caller;
    const words = wordsOf(row);
    const explanation = await explained(words, caller);
    const outcome = await run([...under, tsenter, ...words], { ...options, stdin: '' });
    compare(explanation, outcome, row);
  });

  it('of at least 40 pairs', () => {
    expect(rows.length).toBeGreaterThanOrEqual(40);
  });
});

async function words(...options: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run([tsenter, '--explain', ...options], { env: defaultEnv });
  expect(stderr.toString()).toBe('');
  return stdout.toString().replace(/\n {16}/g, ' ');
}

describe('--explain recognises', () => {
  it('children in another PID namespace, as unshare has them', async () => {
    const pid = pidOf('parent');
    const { notes, namespaces } = await explained(['-t', pid, '-a', 'true']);
    expect(notes).toEqual([
      expect.stringMatching(
        /^The children of target \d+ are in a PID namespace .*; its child is process \d+: -t \d+$/,
      ),
      expect.stringMatching(/^The caller is in every namespace of target \d+ already: /),
    ]);
    expect(namespaces.map(({ action }) => action)).toEqual(
      namespaces.map(({ type }) => (type === 'mount' ? 'enter again' : 'passed over')),
    );
    expect(await words('-t', pid, '-a', 'true')).toMatch(
      /pid +passed over, equal to the caller's: pid:\[\d+\]\n/,
    );
  });

  it('a zombie, and who hides from its own user', async () => {
    const zombie = await explained(['-t', pidOf('zombie'), '-a', 'true']);
    expect(zombie.verdict.hint).toMatch(/^The process has ended; until its parent/);
    const hidden = await explained(['-t', pidOf('undumpable'), '-a', 'true'], callers.someone);
    expect(hidden.verdict.hint).toMatch(/^target \d+ hides from its own user, too/);
    expect(hidden.namespaces.find(({ type }) => type === 'net')).toMatchObject({
      target: null,
      allowed: null,
    });
  });

  it.skipIf(freezers.length === 0).each(freezers)(
    'a cgroup of version $version that is frozen',
    async (freezer) => {
      await using cgroup = new FreezableCgroup(freezer);
      await using target = await startTarget({ namespaces: ['uts'] });
      using _ = await cgroup.freeze(target.pid);
      const options = ['-t', String(target.pid), '-u'];
      const plain = await explained([...options, 'true']);
      expect(plain.cgroup?.frozen).toBe(true);
      expect(plain.notes).toEqual([expect.stringMatching(/^The cgroup of the target is frozen, /)]);
      expect(plain.verdict.enters).toBe(true);
      expect((await run([tsenter, ...options, 'true'])).status).toBe(0);
      const joining = await explained([...options, '-c', 'true']);
      const { status, stderr } = await run([tsenter, ...options, '-c', 'true']);
      expect(status).toBe(1);
      expect(stderr.toString()).toBe(`tsenter: ${joining.verdict.reason}\n${joining.verdict.hint}\n`);
    },
  );

  it('a process that is stopped', async () => {
    await using target = await startTarget({ namespaces: ['uts'] });
    process.kill(target.pid, 'SIGSTOP');
    await until('it has stopped', () => stateOf(target.pid) === 'T');
    const { notes } = await explained(['-t', String(target.pid), '-u', 'true']);
    process.kill(target.pid, 'SIGCONT');
    expect(notes).toEqual([`target ${target.pid} is stopped: whoever waits for it waits until it goes on.`]);
  });

  it('what only entering tells: a filter', async () => {
    const line = ['-t', pidOf('container'), '-u', 'true'];
    const under = [program('filtered'), '1', 'setns', '--'];
    const { verdict, stays } = await explained(line, { under });
    expect(verdict).toMatchObject({
      enters: true,
      cannotBeTold: ['whether the seccomp filter of the caller allows it'],
    });
    expect(stays.find(({ what }) => what === 'seccomp')).toEqual({
      what: 'seccomp',
      program: '1 filter',
      target: 'no filter',
    });
    expect((await run([...under, tsenter, ...line])).status).toBe(1);
    const { stdout } = await run([...under, tsenter, '--explain', ...line]);
    expect(stdout.toString()).toMatch(
      /\nverdict +nothing that can be known before speaks against entering\n +cannot be told before: whether/,
    );
  });

  const path = { env: { ...defaultEnv, PATH: '/nowhere:/neither' } };
  const noShell = "; a static one of the host's can be brought: -w/bin ./busybox sh";
  it.each<[Name, string, string | null, Caller?]>([
    ['container', '-a nosuch', "It is not in PATH=/nowhere:/neither; --env takes the target's.", path],
    ['container', '-u nosuch', 'It is not in PATH=/nowhere:/neither', path],
    ['container', '-a -e --setenv A=1 nosuch', 'It is not in PATH='],
    ['container', '-a --setenv PATH=/mine nosuch', "It is not in PATH=/mine; --env takes the target's."],
    ['container', '-r nosuch', 'It is not in PATH='],
    ['container', '-a ls%-la', 'It is one word, blanks and all: '],
    ['container', '-a /bin/ls%-la', 'It is one word, blanks and all: '],
    ['container', '-a FOO=/a%b ls', 'A variable of the program is set by --setenv FOO=/a b'],
    ['container', '-a ./FOO=a', null],
    ['container', '-a /bin/nosuch', null],
    ['container', '-a /bin/sh/nosuch', null],
    ['container', '-a %', 'It is not in PATH='],
    ['container', '-u --', 'Its name is empty: is a variable unset?'],
    ['container', '-a bash', 'It is not in PATH=/nowhere:/neither; /bin/sh is there.', path],
    ['container', '-a /bin/bash', '/bin/sh is there.'],
    ['container', '-u bash', 'It is not in PATH=/nowhere:/neither', path],
    ['bare', '-m bash', `There is none in PATH=/nowhere:/neither${noShell}`, path],
    ['bare', '-m /bin/bash', `It is not there${noShell}`],
    ['broken', '-m /bin/bash', `It is not there${noShell}`],
    ['container', '-m -w /proc pwd', 'It is taken for the program: the value of --wd needs a '],
    ['container', '-u -w /proc pwd', 'It is taken for the program: the value of --wd needs a '],
    ['container', '-m -r /no/such ls', 'It is taken for the program: the value of --root needs a '],
    ['container', '-aW /var/log ls', 'It is taken for the program: the value of --wdns needs a '],
    ['container', '-u --kill-child SigTerm ls', 'It is taken for the program: the value of --kill-child '],
    ['container', '-u --kill-child terminate ls', 'It is not in PATH='],
    ['container', '--as-target caps,+seccomp ls', 'It is taken for the program: the value of --as-target '],
    ['container', '-m -u root id', "'root' is taken for the program: --uts takes the file of a namespace; "],
    ['container', '-u 1000:1000 id', "'1000:1000' is taken for the program: --uts takes the file"],
    ['container', '-m -u nobody-knows id', 'It is not in PATH='],
    ['container', '-u nobody-knows', 'It is not in PATH=/nowhere:/neither', path],
    ['container', '-u SECRET/circle', null],
    ['container', '-u --setenv PATH=SECRET circle', null],
    ['container', '-u --setenv PATH=SECRET script', null],
    ['container', '-u --setenv PATH=SECRET circular', 'It is not in PATH=/'],
  ])('a program that is not found: -t %s %s', async (target, line, told, caller) => {
    const words = line.split(' ').map((word) => word.replace(/%/g, ' ').replace('SECRET', secret));
    if (words.at(-1) === '--') words.push('');
    const { verdict } = await explained(['-t', pidOf(target), ...words], caller);
    const { stderr } = await run([tsenter, '-t', pidOf(target), ...words], caller);
    const [message, hint] = stderr.toString().split('\n');
    expect(message).toBe(`tsenter: ${verdict.reason}`);
    expect(message).toContain(': execute ');
    if (told !== null) {
      expect(verdict.hint).toBe(hint);
      expect(hint?.startsWith(told)).toBe(true);
    } else {
      expect(verdict.hint).toBeNull();
    }
  });

  it('processes that /proc hides', async () => {
    await using host = await startTarget({ namespaces: ['mount'] });
    tool(nsenter, '-t', String(host.pid), '-m', 'mount', '-t', 'proc', '-o', 'hidepid=2', 'proc', '/proc');
    const identity = [`--reuid=${someone}`, `--regid=${someone}`, '--clear-groups'];
    const under = [nsenter, '-t', String(host.pid), '-m', '/usr/bin/setpriv', ...identity];
    const line = ['-t', pidOf('container'), '-n', 'true'];
    const { verdict } = await explained(line, { under });
    const { stderr } = await run([...under, tsenter, ...line]);
    expect(stderr.toString()).toBe(`tsenter: ${verdict.reason}\n${verdict.hint}\n`);
    expect(verdict.hint).toMatch(/hidepid=\w+, which hides /);
  });

  it('limits that differ, and what a target without capabilities has', async () => {
    const line = ['-t', pidOf('container'), '-u', 'true'];
    const { stays } = await explained(line, { under: ['/usr/bin/prlimit', '--nofile=100:200'] });
    expect(stays.find(({ what }) => what === 'limit: open files')?.program).toBe('100 (at most 200)');
  });

  it.each([
    [[], "the caller's", "all of the caller's", "the caller's"],
    [['-e'], "the target's", "all of the caller's", "the caller's"],
    [['-e', '--setenv=A=1'], "the target's, and what options change", "all of the caller's", "the caller's"],
    [['--clear-env', '--close-fds'], 'nothing', '0, 1 and 2 alone', "the caller's"],
    [
      ['--clear-env', '--unsetenv=A', '--preserve-fds=3'],
      'what options change',
      "the caller's, up to 5",
      "the caller's",
    ],
    [
      ['--new-session', '-S', 'root'],
      "the caller's, and what is said of its user",
      "all of the caller's",
      'a new one, without a terminal',
    ],
    [
      ['--pty'],
      "the caller's",
      "all of the caller's, without terminals above 2",
      'a new one, on a terminal of its own',
    ],
    [['--as-target'], "the target's", '0, 1 and 2 alone', 'a new one, without a terminal'],
  ] as const)('what else the program is handed: %j', async (words, environment, descriptors, session) => {
    const { stays } = await explained(['-t', pidOf('container'), '-a', ...words, 'true']);
    const program = (name: string) => stays.find(({ what }) => what === name);
    expect([program('environment'), program('descriptors'), program('session')]).toEqual([
      { what: 'environment', program: environment, target: null },
      { what: 'descriptors', program: descriptors, target: null },
      { what: 'session', program: session, target: null },
    ]);
  });
});

describe('--explain of a target by name', () => {
  it('says which engine has it, and how that is proven', async () => {
    const pid = Number(pidOf('container'));
    await until('it waits', () => stateOf(pid) === 'S');
    const start =
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[19] ?? '';
    mkdirSync(`${files.path}/runc/web`, { recursive: true });
    const state = { init_process_pid: pid, init_process_start: Number(start) };
    writeFileSync(`${files.path}/runc/web/state.json`, JSON.stringify(state));
    const env = { ...defaultEnv, XDG_RUNTIME_DIR: files.path };
    const { target, verdict } = await explained(['-t', 'runc:web', '/probe'], { env });
    expect(target).toMatchObject({ pid, uid: 0, state: 'S' });
    expect(target?.container).toEqual({
      engine: 'runc',
      id: 'web',
      names: [],
      proof: `it was started at the clock tick ${start}, as its runtime has written down`,
    });
    expect(verdict.enters).toBe(true);
    const { stdout } = await run([tsenter, '--explain', '-t', 'web', '/probe'], { env });
    expect(stdout.toString().replace(/\n {16}/g, ' ')).toContain(
      `the first process of runc:web, as runc has written down; that it is still that one is proven: it was started`,
    );
  });

  it('is a mistake where there is none', async () => {
    const { status, stdout, stderr } = await run([tsenter, '--explain', '-t', 'no-such-container']);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 1, stderr: '' });
    expect(stdout.toString()).toMatch(/^verdict +entering fails: parse target 'no-such-container': /);
  });
});

describe('--explain', () => {
  it('enters nothing', async () => {
    const line = ['-t', pidOf('owned'), '-a', '-c', '-S', 'follow', '-G', 'follow', 'true'];
    const trace = ['/usr/bin/strace', '-f', '-e', 'trace=setns,chroot,unshare,setuid,setgid,setgroups'];
    if (!has('/usr/bin/strace')) return;
    for (const form of ['--explain', '--explain=json', '--explain=steps']) {
      const { stderr } = await run([...trace, tsenter, form, ...line]);
      expect(stderr.toString()).not.toMatch(/(setns|chroot|unshare|setuid|setgid|setgroups)\(/);
    }
  });

  it.each(['', 'yaml', 'JSON'])('knows no form %j', async (form) => {
    const { status, stdout, stderr } = await run([tsenter, `--explain=${form}`, '-t', '1', '-n']);
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' });
    expect(stderr.toString()).toMatch(/^tsenter: parse form '.*' of --explain: neither json nor steps\n/);
  });

  it('is UTF-8 in JSON whatever others have written', async () => {
    const name = Buffer.from('/bin/\x1b[2J\x9b\xc2\x9b\x7f\n"\\\xc3\xa4', 'latin1');
    const word = [...name].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
    const { stdout } = await run([tsenter, '--explain=json', '-t', pidOf('container'), '-u', word]);
    const text = new TextDecoder('utf8', { fatal: true }).decode(stdout);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none is to be there
    expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    const { verdict } = JSON.parse(text) as Explanation;
    expect(verdict.reason).toBe('execute /bin/\x1b[2J\\x9b\u009b\x7f\n"\\ä: No such file or directory');
  });

  it('is named by an error of which it tells more', async () => {
    const { stderr } = await run([tsenter, '-t', pidOf('owned'), '-m', 'true'], callers.someone);
    expect(stderr.toString()).toMatch(/--explain tells all that it takes\.\n$/);
  });
});
