/** What the target could write itself is taken from it: filters, and all that /proc tells of it. */
import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { readStatus } from '../support/command.ts';
import { type Actor, enter, type Scratch, scratch, someone, startActor } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';

beforeAll(buildPrograms);

let target: Actor | undefined;
afterEach(async () => {
  await target?.stop();
  target = undefined;
});

const LIES = ['setuid', 'setgid', 'setgroups', 'capset', 'prctl'];
const AS = ['--reuid', '1000', '--regid', '1001', '--groups', '27'];
const FEW = ['--inh-caps', '-all', '--bounding-set', '-all,+chown,+net_raw'];

async function startUnder(filter: readonly string[], ids: readonly string[]): Promise<string[]> {
  const words = ['-u', '--', program('filtered'), ...filter, '--', program('actor'), 'stay'];
  // Who has credentials of its own before the filter is there, whose lies would be told to setpriv as well.
  const command = ids.length === 0 ? words : ['-u', 'setpriv', ...ids, ...words.slice(2)];
  target = await startActor(command, {}, '/usr/bin/unshare');
  return ['-t', String(target.number), '-u'];
}

/** /proc/self/status of a program that is entered so. */
async function statusInside(words: readonly string[]) {
  const outcome = await enter([...words, 'cat', '/proc/self/status']);
  expect(outcome.stderr.toString()).toBe('');
  expect(outcome.status).toBe(0);
  const text = outcome.stdout.toString();
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim();
  return { ...readStatus(text), field };
}

describe('a filter that says that nothing has failed, and does nothing', () => {
  it('with no_new_privs: the program is whom the target is', async () => {
    const t = await startUnder(['0', ...LIES], [...AS, ...FEW]);
    const { field } = await statusInside([...t, '--as-target=ids,groups,caps,no-new-privs,seccomp']);
    expect(field('Uid')).toMatch(/^1000\s1000\s1000\s1000$/);
    expect(field('Gid')).toMatch(/^1001\s1001\s1001\s1001$/);
    expect(field('Groups')).toBe('27');
    expect(field('CapBnd')).toBe('0000000000002001');
    for (const set of ['CapPrm', 'CapEff', 'CapInh', 'CapAmb']) expect(field(set)).toBe('0'.repeat(16));
    expect(field('Seccomp')).toBe('2');
    expect(field('NoNewPrivs')).toBe('1');
  });

  // The target may be root of a privileged container, which installs filters without no_new_privs.
  it.each([
    ['another user', ['--as-target=ids,groups,caps,seccomp'], '1000'],
    ['another user, with the capabilities of the caller', ['--as-target=ids,groups,seccomp'], '1000'],
    ['another user that is named', ['--as-target=seccomp', '-S', '1000', '-G', '1001'], '1000'],
  ])('without: %s', async (_, words, uid) => {
    const t = await startUnder(['+0', ...LIES], []);
    const named = words.some((word) => word === '-S') ? words : [...words, '-S', '1000', '-G', '1001'];
    const { field } = await statusInside([...t, ...named]);
    expect(field('Uid')?.split('\t')[1]).toBe(uid);
    for (const set of ['CapPrm', 'CapEff', 'CapAmb']) expect(field(set)).toBe('0'.repeat(16));
    expect(field('Seccomp')).toBe('2');
    expect(field('NoNewPrivs')).toBe('0');
  });

  it('without: root with few capabilities keeps no other, CAP_SYS_ADMIN for the filter included', async () => {
    const t = await startUnder(['+0', ...LIES], []);
    const { field } = await statusInside([...t, '--as-target=seccomp', '--caps', 'chown']);
    for (const set of ['CapPrm', 'CapEff', 'CapBnd']) expect(field(set)).toBe('0000000000000001');
    expect(field('Seccomp')).toBe('2');
  });
});

describe('what a target has that nobody gave it', () => {
  /** Executed by who is not root, with rights of root. */
  async function startSetId(files: Scratch, env: Readonly<Record<string, string>>): Promise<string> {
    const copy = `${files.path}/actor`;
    copyFileSync(program('actor'), copy);
    chmodSync(copy, 0o4755);
    target = await startActor(['stay'], { uid: someone, env }, copy);
    return String(target.number);
  }

  it('who executes a set-id program is not root for that, and his environment is not root’s', async () => {
    using files = scratch();
    const t = await startSetId(files, { LD_PRELOAD: '/nowhere/evil.so', PATH: '/usr/bin:/bin' });
    const refused = await enter(['-t', t, '-u', '--as-target=ids,groups,caps,env', 'echo', 'executed']);
    expect(refused.stdout.toString()).toBe('');
    expect(refused.stderr.toString()).toBe(
      `tsenter: take user ids of target ${t}: they differ\n` +
        'It executes a set-id program, or is about to become another user: name another process, or say --setuid and --setgid.\n',
    );
    const left = await enter(['-t', t, '-u', '--as-target=env', '-S', '0', '-G', '0', 'env']);
    expect(left.stderr.toString()).toBe(
      `tsenter: leave out environment of target ${t}: the target was started as a set-id program, by another user\n`,
    );
    expect(left.stdout.toString()).not.toContain('LD_PRELOAD');
  });

  const GIVEN_UP = ['--inh-caps', '-all', '--securebits', '+noroot,+noroot_locked'];

  it.each([
    ['with its ids', ['--as-target=ids,groups,caps']],
    ['with nothing else of it', ['--as-target=caps']],
    ['with its owner', ['--as-target=caps', '-S', 'follow', '-G', 'follow']],
  ])('root that has given up capabilities does not get them back by the exec: %s', async (_, words) => {
    target = await startActor([...GIVEN_UP, program('actor'), 'stay'], {}, '/usr/bin/setpriv');
    const { field } = await statusInside(['-t', String(target.number), '-u', ...words]);
    expect(field('CapPrm')).toBe(statusOf(target.number, 'CapPrm'));
    expect(field('CapEff')).toBe(statusOf(target.number, 'CapEff'));
    expect(field('CapPrm')).not.toBe(statusOf(target.number, 'CapBnd'));
  });

  it.each([
    ['by number', ['-S', '0']],
    ['by name', ['-S', 'root']],
    ['who the caller is', []],
  ])('root that is said beside a target that is not gets what is bounding there: %s', async (_, root) => {
    const words = ['--inh-caps', '-all', '--bounding-set', '-all,+kill,+net_raw', '--reuid', '1000'];
    target = await startActor([...words, program('actor'), 'stay'], {}, '/usr/bin/setpriv');
    const { field } = await statusInside(['-t', String(target.number), '-u', '--as-target=caps', ...root]);
    expect([field('CapPrm'), field('CapBnd')]).toEqual(['0000000000002020', '0000000000002020']);
  });

  it.each([1, 2, 3])('a target that makes a user namespace while it is looked at, again: %d', async () => {
    const words = ['--inh-caps', '-all', '--bounding-set', '-all,+kill,+net_raw', program('actor'), 'moving'];
    target = await startActor(words, {}, '/usr/bin/setpriv');
    const outcome = await enter([
      '-t',
      String(target.number),
      '-u',
      '--as-target',
      'grep',
      'CapEff',
      '/proc/self/status',
    ]);
    expect(['', 'CapEff:\t0000000000002020\n']).toContain(outcome.stdout.toString());
    if (outcome.status !== 0)
      expect(outcome.stderr.toString()).toMatch(/^tsenter: take \w+ of target \d+: (they have|it has) /);
  });

  it('capabilities that count in a user namespace of its own are none here', async () => {
    target = await startActor(
      ['--user', '--map-root-user', program('actor'), 'stay'],
      { uid: someone },
      '/usr/bin/unshare',
    );
    const t = ['-t', String(target.number), '-u'];
    const outcome = await enter([...t, '--as-target=caps', '--no-new-privs', 'true']);
    expect(outcome.stderr.toString()).toBe(
      `tsenter: leave out capabilities of target ${target.number}: they count in another user namespace than the program's\n`,
    );
  });
});

function statusOf(pid: number, field: string): string | undefined {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
}
