/**
 * CVE-2016-9962: between the joins and the exec, whoever is inside looks for the entering process in /proc, to get at
 * the host's binary and descriptors. The command is held right there while an attacker tries.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun, nsenter } from '../support/command.ts';
import {
  beforeProgram,
  holdAt,
  type Point,
  shell,
  someone,
  startActor,
  startWithRange,
} from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type Target, type TargetOptions } from '../support/targets.ts';

beforeAll(buildPrograms);

/** What an attacker wants of /proc/PID; each must fail. */
const prizes = ['exe', 'root', 'cwd', 'fd/0', 'fd/1', 'environ', 'maps', 'mem', 'ns/mnt', 'auxv'];

/** The last number of NSpid: in the innermost PID namespace. */
function insidePid(pid: number): number {
  const numbers = /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]?.split('\t');
  return Number(numbers?.at(-1));
}

/** What of /proc/PID can be had: one line for each prize that was. */
function attack(pid: number): string {
  const tries = prizes.map(
    (prize) =>
      `{ if [ -h /proc/${pid}/${prize} ]; then readlink /proc/${pid}/${prize}; elif [ -d /proc/${pid}/${prize} ]; ` +
      `then ls /proc/${pid}/${prize}/; else head -c 1 /proc/${pid}/${prize}; fi; } >/dev/null 2>&1 && echo ${prize}`,
  );
  return `${tries.join('; ')}; echo tried`;
}

function asUser(uid: number, pid: number): string {
  return spawnSync('/bin/sh', ['-c', attack(pid)], { uid, gid: uid, encoding: 'utf8' }).stdout;
}

describe('an attacker who owns the user namespace', () => {
  const user = { uidMap: `0 ${someone} 1`, gidMap: `0 ${someone} 1`, setgroups: 'deny' } as const;
  const ways: readonly (readonly [string, readonly Point[]])[] = [
    ['right after a namespace was entered', ['leave=setns']],
    ['before the user id is changed', ['leave=setns', 'enter=setuid']],
    ['after the user id was changed', ['leave=setns', 'leave=setuid']],
    ['before the program is executed', beforeProgram],
  ];

  it.each(ways)('gets nothing %s', async (_, points) => {
    await using target = await startTarget({ namespaces: ['user', 'net', 'uts'], user, startedBy: someone });
    await using held = await holdAt(points, ['-t', String(target.pid), '-U', '-n', '-u', '/bin/true']);
    expect(asUser(someone, held.pid)).toBe('tried\n');
    expect((await held.go()).status).toBe(0);
  });

  it.each(ways)('gets nothing of one that becomes the same user, %s', async (_, points) => {
    await using target = await startTarget({ namespaces: ['uts'] });
    const id = String(someone);
    const words = ['-t', String(target.pid), '-u', '-S', id, '-G', id, '/bin/true'];
    await using held = await holdAt(points, words);
    // What belongs to a process that is not dumpable belongs to root, whoever the process is.
    expect(statSync(`/proc/${held.pid}/fd`).uid).toBe(0);
    expect(asUser(someone, held.pid)).toBe('tried\n');
    expect((await held.go()).status).toBe(0);
  });

  it('would get it of a program (so the attack bites)', async () => {
    await using target = await startTarget({ namespaces: ['user', 'uts'], user, startedBy: someone });
    expect(asUser(someone, target.pid)).toContain('exe\n');
    expect(asUser(someone, target.pid)).toContain('fd/0\n');
  });

  it('gets nothing of the process that reads the environment inside', async (context) => {
    const words = ['--mount', 'setpriv', '--reuid', '5', '--regid', '5', '--clear-groups'];
    await using target = await startWithRange([...words, program('actor'), 'environ', 'MARK=inside']);
    if (target === undefined) {
      mustRun('needs newuidmap, newgidmap, unshare and setpriv', context);
      return;
    }
    const t = String(target.number);
    await using held = await holdAt(['leave=setns'], ['-t', t, '-U', '-e', '/bin/true'], { uid: someone });
    expect(readlinkSync(`/proc/${held.pid}/ns/user`)).toBe(readlinkSync(`/proc/${t}/ns/user`));
    expect(statSync(`/proc/${held.pid}/fd`).uid).toBe(0);
    expect(asUser(someone, held.pid)).toBe('tried\n');
    const asRootInside = ['-t', t, '-U', '/bin/sh', '-c', attack(held.pid)];
    const inside = spawnSync(nsenter, asRootInside, { uid: someone, gid: someone, encoding: 'utf8' });
    expect(inside).toMatchObject({ stdout: 'tried\n', stderr: '' });
    expect((await held.go()).status).toBe(0);
  });

  it('cannot read its memory', async () => {
    await using target = await startTarget({ namespaces: ['user', 'uts'], user, startedBy: someone });
    await using held = await holdAt(beforeProgram, ['-t', String(target.pid), '-U', '-u', '/bin/true']);
    const memory = spawnSync('/bin/dd', [`if=/proc/${held.pid}/mem`, 'of=/dev/null', 'count=1'], {
      uid: someone,
      gid: someone,
      encoding: 'utf8',
    });
    expect(memory.status).not.toBe(0);
    expect(memory.stderr).toContain('Permission denied');
  });
});

describe('an attacker inside the container', () => {
  /** Root of a container has few capabilities: launch.c drops them, from a descriptor because it is not inside. */
  const inside = async (
    target: Target,
    pid: number,
    options: readonly string[],
    drop: string,
  ): Promise<string> => {
    const script = 'exec 8<"$LAUNCH" 9>&2; exec "$@"';
    const reduced = drop === '' ? [] : ['/proc/self/fd/8', '9', `drop=${drop}`, '--'];
    const words = [nsenter, '-t', String(target.pid), ...options, ...reduced];
    const env = { PATH: '/bin', LAUNCH: program('launch') };
    const outcome = await shell(script, [...words, '/bin/busybox', 'sh', '-c', attack(pid)], { env });
    return outcome.stdout.toString();
  };

  const containers: readonly (readonly [string, TargetOptions, readonly string[], string])[] = [
    [
      'root of a user namespace with a range of ids',
      {
        namespaces: ['user', 'mount', 'pid', 'uts'],
        user: { uidMap: '0 100000 65536', gidMap: '0 100000 65536' },
        root: 'pivot',
      },
      ['-U', '-m', '-p'],
      '',
    ],
    [
      'root without the capabilities that containers do not have',
      { namespaces: ['mount', 'pid', 'uts'], root: 'pivot' },
      ['-m', '-p'],
      // CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_SYS_PTRACE, CAP_SYS_ADMIN and CAP_PERFMON
      '1,2,19,21,38',
    ],
    [
      'an ordinary user',
      { namespaces: ['mount', 'pid', 'uts'], root: 'pivot' },
      ['-m', '-p', '-S', '1000', '-G', '1000'],
      '',
    ],
  ];

  it.each(containers)(
    '%s gets nothing of the process that is about to execute',
    async (_, options, words, drop) => {
      await using target = await startTarget(options);
      await using held = await holdAt(beforeProgram, ['-t', String(target.pid), ...words, '/bin/true']);
      const number = insidePid(held.pid);
      expect(number).toBeGreaterThan(1);
      expect(await inside(target, number, words, drop)).toBe('tried\n');
      expect((await held.go()).status).toBe(0);
    },
  );

  it.each(containers.slice(0, 2))(
    '%s would get it of a program (so the attack bites)',
    async (_, options, words, drop) => {
      await using target = await startTarget(options);
      await using other = await startActor(
        ['-t', String(target.pid), ...words, '/bin/sh', '-c', 'echo ready $$; read line'],
        {},
        nsenter,
      );
      const seen = await inside(target, other.number, words, drop);
      // With fewer capabilities than the other it is refused whatever the other does: then the directory is the proof.
      expect(seen).toMatch(drop !== '' ? /tried/ : /exe\n/);
    },
  );
});
