/** What the program is to be: each control by itself and beside others, seen by the probe; and what is refused. */
import { chmodSync, chownSync, copyFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../src/sys/capabilities.ts';
import { tsenter } from '../support/command.ts';
import {
  enter,
  identityUser,
  messageFormat,
  type ProbeOptions,
  probeInside,
  scratch,
  shell,
  someone,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { type ProbeReport, parseProbe } from '../support/probe.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { startTerminal } from '../support/terminal.ts';

let plain: Target;
let owned: Target;

beforeAll(async () => {
  buildPrograms();
  plain = await startTarget({ namespaces: ['uts', 'pid'] });
  owned = await startTarget({ namespaces: ['user', 'uts', 'pid'], user: identityUser });
});
afterAll(async () => {
  await plain?.stop();
  await owned?.stop();
});

const of = (target: Target) => ['-t', String(target.pid), '-u'];
const inUser = () => [...of(owned), '-U'];

/** As the probe has a set. */
function caps(...names: readonly string[]): string {
  const bits = names.reduce(
    (all, name) => all | (1n << BigInt(CAPABILITIES.indexOf(name.toUpperCase()))),
    0n,
  );
  return bits.toString(16).padStart(16, '0');
}

const EVERY = /^CapBnd:\t(\w+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
const without = (set: string, ...names: readonly string[]) =>
  (BigInt(`0x${set}`) & ~BigInt(`0x${caps(...names)}`)).toString(16).padStart(16, '0');

function sets(bounding: string, own: string, ambient: string): ProbeReport['caps'] {
  return { bounding, permitted: own, effective: own, inheritable: ambient, ambient };
}

const NOTHING = caps();

describe('--caps, by root of the host', () => {
  const one = caps('net_raw');
  const rows: readonly (readonly [string, readonly string[], ProbeReport['caps']])[] = [
    ['none', ['--caps', 'none'], sets(NOTHING, NOTHING, NOTHING)],
    ['all', ['--caps', 'all'], sets(EVERY, EVERY, NOTHING)],
    ['one', ['--caps', 'net_raw'], sets(one, one, NOTHING)],
    ['by its whole name', ['--caps', 'CAP_NET_RAW'], sets(one, one, NOTHING)],
    ['as cap_from_text(3) has it', ['--caps', '=+cap_net_raw'], sets(one, one, NOTHING)],
    [
      'several',
      ['--caps', 'net_raw,chown,-net_raw,+kill'],
      sets(caps('chown', 'kill'), caps('chown', 'kill'), NOTHING),
    ],
    [
      'all but one',
      ['--caps', '-sys_admin'],
      sets(without(EVERY, 'sys_admin'), without(EVERY, 'sys_admin'), NOTHING),
    ],
    ['the last one counts', ['--caps', 'none', '--caps=net_raw'], sets(one, one, NOTHING)],
    ['one for a user', ['--caps', 'net_raw', '-S', '1000'], sets(one, one, one)],
    ['one more for a user', ['--caps', '+net_raw', '-S', '1000', '-G', '1000'], sets(EVERY, one, one)],
    [
      'one less for a user',
      ['--caps', '-kill', '-S', '1000'],
      sets(without(EVERY, 'kill'), NOTHING, NOTHING),
    ],
    ['none for a user', ['--caps', 'none', '-S', '1000'], sets(NOTHING, NOTHING, NOTHING)],
  ];

  it.each(rows)('%s', async (_, options, expected) => {
    for (const more of [[], ['-p'], ['-p', '--new-session', '--no-new-privs']])
      expect((await probeInside([...of(plain), ...more, ...options])).caps).toEqual(expected);
  });

  it('what is said last of the ids is whose they are', async () => {
    const report = await probeInside([...of(plain), '--caps', 'net_raw', '-S', '1000', '-G', '1000']);
    expect(report).toMatchObject({
      uid: 1000,
      suid: 1000,
      gid: 1000,
      groups: [],
      keepcaps: 0,
      securebits: 0,
    });
  });
});

describe('--caps, into a user namespace', () => {
  const one = caps('sys_chroot');
  it.each<[string, readonly string[], Partial<ProbeReport['caps']>]>([
    ['none', ['--caps', 'none'], sets(NOTHING, NOTHING, NOTHING)],
    ['one', ['--caps', 'sys_chroot'], sets(one, one, NOTHING)],
    ['one for a user', ['--caps', 'sys_chroot', '-S', '1000', '-G', '1000'], sets(one, one, one)],
    [
      'with the ids that there are',
      ['--caps', 'sys_chroot', '--preserve-credentials'],
      { bounding: one, effective: one },
    ],
    [
      'less than is kept',
      ['--keep-caps', '--caps', '-kill', '-S', '1000'],
      { effective: without(caps(...CAPABILITIES), 'kill') },
    ],
  ])('%s', async (_, options, expected) => {
    expect((await probeInside([...inUser(), ...options])).caps).toMatchObject(expected);
  });
});

describe('--caps, by a user of the host into a user namespace of his', () => {
  it('are all that he has there, and only those', async () => {
    await using target = await startTarget({
      namespaces: ['user', 'uts'],
      startedBy: someone,
      user: { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' },
    });
    const words = ['-t', String(target.pid), '-U', '-u', '--preserve-credentials'];
    const by = { uid: someone, gid: someone };
    const one = caps('sys_admin');
    expect((await probeInside([...words, '--caps', 'sys_admin'], by)).caps).toMatchObject({
      effective: one,
      bounding: one,
    });
    expect((await probeInside([...words, '--caps', 'none'], by)).caps).toEqual(
      sets(NOTHING, NOTHING, NOTHING),
    );
  });
});

describe('--caps, by others', () => {
  /** As root, so that ids can be changed, without these. */
  const lacking = (...names: readonly string[]): ProbeOptions => ({
    drop: names.map((name) => CAPABILITIES.indexOf(name.toUpperCase())),
  });

  it('nobody can give what he has not: it is said before anything is entered', async () => {
    const outcome = await enter([...of(plain), '--caps', 'net_raw', 'echo', 'executed'], lacking('net_raw'));
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.status).toBe(1);
    expect(outcome.stderr.toString()).toBe(
      'tsenter: give CAP_NET_RAW: the caller has it not\nNobody can give more than is permitted to him: CapPrm of /proc/self/status.\n',
    );
    const all = await probeInside([...of(plain), '--caps', 'all'], lacking('net_raw'));
    expect(all.caps.effective).toBe(without(EVERY, 'net_raw'));
  });

  it('who may not bound them is told so, and --no-new-privs does without', async () => {
    for (const options of [lacking('setpcap'), { uid: someone, gid: someone }]) {
      const outcome = await enter(['-w/', '--caps', 'none', 'echo', 'executed'], options);
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.stderr.toString()).toMatch(
        /^tsenter: drop capabilities from the bounding set: Operation not permitted\nThe caller lacks CAP_SETPCAP; with --no-new-privs /,
      );
      const report = await probeInside(['-w/', '--caps', 'none', '--no-new-privs'], options);
      expect(report.caps).toMatchObject({ permitted: NOTHING, effective: NOTHING, ambient: NOTHING });
      expect(report.no_new_privs).toBe(1);
    }
  });

  it('a user’s ambient ones are what he would have', async () => {
    const script =
      'exec setpriv --reuid 1001 --regid 1001 --clear-groups --inh-caps -all,+kill,+chown --ambient-caps -all,+kill,+chown "$T" -w/ --no-new-privs "$@" "$PROBE"';
    const look = async (...options: string[]) => parseProbe((await shell(script, options)).stdout)?.caps;
    expect(await look('--caps', '-kill')).toMatchObject({ effective: caps('chown'), ambient: caps('chown') });
    expect(await look('--caps', 'kill')).toMatchObject({ effective: caps('kill'), ambient: caps('kill') });
    expect(await look('--caps', 'none')).toMatchObject({ permitted: NOTHING, ambient: NOTHING });
    expect(await look()).toMatchObject({ effective: caps('kill', 'chown') });
  });
});

describe('a set-id file', () => {
  it('gives nothing that was taken away', async () => {
    using directory = scratch();
    const path = `${directory.path}/probe`;
    copyFileSync(program('probe'), path);
    chownSync(path, 0, 0);
    chmodSync(path, 0o6755);
    const look = async (...options: string[]) =>
      await probeInside([...of(plain), '-S', '1000', '-G', '1000', ...options], { probe: path });
    expect(await look()).toMatchObject({ uid: 1000, euid: 0, egid: 0, caps: { effective: EVERY } });
    expect(await look('--caps', 'none')).toMatchObject({ euid: 0, caps: sets(NOTHING, NOTHING, NOTHING) });
    expect(await look('--caps', 'kill')).toMatchObject({ euid: 0, caps: { effective: caps('kill') } });
    expect(await look('--no-new-privs')).toMatchObject({
      euid: 1000,
      egid: 1000,
      caps: { permitted: NOTHING },
    });
  });
});

describe('--umask, --no-new-privs', () => {
  it.each(['0', '22', '077', '0777'])('the mask %s', async (mask) => {
    for (const more of [[], ['-p'], ['-p', '-S', '1000']])
      expect((await probeInside([...of(plain), ...more, '--umask', mask], { umask: '0031' })).umask).toBe(
        mask.padStart(4, '0'),
      );
  });

  it('are the caller’s where nothing is said', async () => {
    expect(await probeInside([...of(plain), '--new-session'], { umask: '0031' })).toMatchObject({
      umask: '0031',
      no_new_privs: 0,
    });
  });

  it('no_new_privs, by a user as well', async () => {
    for (const options of [{}, { uid: someone, gid: someone }])
      expect((await probeInside(['-w/', '--no-new-privs'], options)).no_new_privs).toBe(1);
  });
});

describe('--close-fds, --preserve-fds', () => {
  const open = [3, 4, 9, 251].map((fd) => ({ fd, mode: 'directory', path: '/usr' }) as const);
  const rows: readonly (readonly [readonly string[], readonly number[]])[] = [
    [[], [0, 1, 2, 3, 4, 9, 251]],
    [['--close-fds'], [0, 1, 2]],
    [
      ['--preserve-fds', '0'],
      [0, 1, 2],
    ],
    [
      ['--preserve-fds', '1'],
      [0, 1, 2, 3],
    ],
    [
      ['--preserve-fds=7', '--close-fds'],
      [0, 1, 2, 3, 4, 9],
    ],
    [
      ['--close-fds', '--preserve-fds=7'],
      [0, 1, 2, 3, 4, 9],
    ],
    [
      ['--preserve-fds', '2147483647'],
      [0, 1, 2, 3, 4, 9, 251],
    ],
  ];

  it.each(rows)('%j', async (options, expected) => {
    for (const more of [[], ['-p'], ['-m/proc/self/ns/mnt'], ['-p', '--new-session', '-S', '1000']]) {
      const report = await probeInside([...of(plain), ...more, ...options], { open });
      expect(report.fds.map(({ fd }) => fd)).toEqual(expected);
    }
  });

  it('with --pty', async () => {
    const script =
      'exec 9</usr; "$T" "$@" --pty ls -1 /proc/self/fd | tr -d "\\r" | head -n 3; "$T" "$@" --pty --close-fds ls -1 /proc/self/fd | tr -d "\\r"';
    const { stdout } = await shell(script, ['-w/']);
    expect(stdout.toString().trim().split('\n').slice(3).map(Number)).toEqual([0, 1, 2, 3]);
  });

  // Linux before 5.9 has none, before 5.11 none that marks, and filters of its time know none.
  it.each([
    ['is not there', 38],
    ['does not mark', 22],
    ['is denied', 1],
  ])('where close_range(2) %s', async (_, errno) => {
    const script = `exec 3</usr 9</usr; exec "$FILTERED" ${errno} close_range -- "$T" "$@" "$PROBE"`;
    const look = async (...options: string[]) => {
      const { stdout, stderr } = await shell(script, [...of(plain), ...options]);
      expect(stderr.toString()).toBe('');
      return parseProbe(stdout)?.fds.map(({ fd }) => fd);
    };
    expect(await look('--close-fds')).toEqual([0, 1, 2]);
    expect(await look('--preserve-fds', '1', '-p')).toEqual([0, 1, 2, 3]);
    expect(await look()).toEqual(expect.arrayContaining([0, 1, 2, 3, 9]));
  });
});

describe('--new-session', () => {
  it.each([[[]], [['-p']], [['-p', '-S', '1000']]])(
    'leads a session without a terminal: %j',
    async (more) => {
      const report = await probeInside([...of(plain), ...more, '--new-session'], { tty: true });
      expect(report).toMatchObject({ tty: false, foreground: false });
      expect([report.sid, report.pgrp]).toEqual([report.pid, report.pid]);
    },
  );

  it('with --pty it has one', async () => {
    const outcome = await enter([...of(plain), '--new-session', '--pty', 'sh', '-c', 'exec <&2; tty']);
    expect(outcome.stdout.toString()).toMatch(/^\/dev\/pts\/\d+\r\n$/);
  });

  it('a signal to its process group does not reach who called', async () => {
    const script = '"$T" "$@" /bin/sh -c "kill -TERM 0; sleep 100"; echo "went on: $?"';
    const kept = await shell(script, [...of(plain), '--new-session']);
    expect(kept.stdout.toString()).toBe('went on: 143\n');
    // Without it, the shell that called is hit as well.
    const hit = await shell(`setsid -w /bin/bash --norc -c '${script}' bash "$@"; echo "$?"`, of(plain));
    expect(hit.stdout.toString()).toBe('143\n');
  });

  it('signals for who waits are handed on', async () => {
    const script = `
      mkfifo "$DIR/input"; exec 4<>"$DIR/input"
      exec 3< <(exec "$T" "$@" --new-session /bin/bash --norc -c 'trap "exit 5" HUP; echo ready; read line' <&4)
      read line <&3; kill -HUP $!; wait $!; echo "$line $?"`;
    using directory = scratch();
    const env = { ...defaultEnv, DIR: directory.path };
    expect((await shell(script, of(plain), { env })).stdout.toString()).toBe('ready 5\n');
  });

  it.each([
    ['^C', '\x03', 'INT'],
    ['^\\', '\x1c', 'QUIT'],
  ])('%s at the terminal of who called reaches the program once', async (_, key, signal) => {
    const script = `trap 'echo "got ${signal}"' ${signal}; echo ready; while :; do read line && { echo "read $line"; exit 6; }; done`;
    const command = [tsenter, ...of(plain), '--new-session', '/bin/bash', '--norc', '-c', script];
    await using terminal = startTerminal(
      ['/bin/sh', '-c', 'trap : INT QUIT; "$@"; echo "status $?"', 'sh', ...command],
      {
        env: defaultEnv,
      },
    );
    await terminal.waitFor('ready');
    terminal.type(key);
    await terminal.waitFor(`got ${signal}`);
    terminal.type('line\n');
    await terminal.waitFor('status 6');
    expect(terminal.output.split(`got ${signal}`)).toHaveLength(2);
  });
});

it.each([
  [['--caps', 'net_row'], "parse capability 'net_row' of --caps: not known"],
  [['--caps', 'net_raw,'], "parse capability '' of --caps: not known"],
  [['--caps', 'none,net_raw'], "parse capability 'none' of --caps: not known"],
  [['--umask', '8'], "parse value '8' of --umask: not an octal number up to 777"],
  [['--umask', '1000'], "parse value '1000' of --umask: not an octal number up to 777"],
  [['--umask', ''], "parse value '' of --umask: not an octal number up to 777"],
  [['--preserve-fds', '-1'], "parse value '-1' of --preserve-fds: not a number"],
  [['--preserve-fds', '2147483648'], "parse value '2147483648' of --preserve-fds: out of range"],
  [['--new-session', '--no-fork'], 'parse options --new-session and --no-fork: mutually exclusive'],
] as const)('%j is refused, and nothing executed', async (options, message) => {
  const outcome = await enter([...of(plain), ...options, 'echo', 'executed']);
  expect(outcome).toMatchObject({ status: 1, signal: null });
  expect(outcome.stdout.toString()).toBe('');
  expect(outcome.stderr.toString().split('\n')[0]).toBe(`tsenter: ${message}`);
  expect(outcome.stderr.toString()).toMatch(messageFormat);
});

it('without a fork: what needs none', async () => {
  const words = ['-p', '-F', '--caps', 'kill', '--umask', '027', '--no-new-privs', '--close-fds'];
  const report = await probeInside([...of(plain), ...words], {
    open: [{ fd: 9, mode: 'r', path: '/etc/passwd' }],
  });
  expect(report).toMatchObject({ umask: '0027', no_new_privs: 1, caps: { effective: caps('kill') } });
  expect(report.fds.map(({ fd }) => fd)).toEqual([0, 1, 2]);
});
