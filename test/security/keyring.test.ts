/** Keys are in no namespace: a program that is somebody else must not find those of the caller in its session keyring. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, run, tsenter } from '../support/command.ts';
import { identityUser, someone } from '../support/enter.ts';
import { buildPrograms, program } from '../support/programs.ts';
import { startTarget, type TargetOptions } from '../support/targets.ts';

beforeAll(buildPrograms);

const KEY = 'tsenter-test';
const mapped = { uidMap: '0 100000 65536', gidMap: '0 100000 65536' };

/** Enters from a session with a key in its keyring. */
async function keysInside(target: TargetOptions, options: readonly string[]): Promise<string> {
  await using started = await startTarget(target);
  const words = [tsenter, '-t', String(started.pid), ...options, program('actor'), 'key', KEY];
  const outcome = await run([program('actor'), 'keyring', KEY, ...words], { timeout: 60_000 });
  expect(outcome.stderr.toString()).toBe('');
  return outcome.stdout.toString().replace(/\r/g, '');
}

describe('none of the caller, and a keyring of its own:', () => {
  const gone = 'Required key not available\nown\n';

  it.each([
    [['-u', '-S', '77']],
    [['-u', '-G', '77']],
    [['-u', '-S', '0']],
    [['-u', '-S', 'follow', '-G', 'follow']],
    [['-p', '-S', '77', '-G', '77']],
    [['-p', '-S', '77', '--pty']],
    [['-p', '-S', '77', '-F']],
  ])('%j', async (options) => {
    expect(await keysInside({ namespaces: ['uts', 'pid'] }, options)).toBe(gone);
  });

  it.each([
    [['-U']],
    [['-U', '-u']],
    [['-U', '-p']],
    [['-a']],
    [['-U', '--preserve-credentials']],
    [['-U', '-S', '5', '-G', '5']],
    [['-U', '-S', '5', '--keep-caps']],
  ])('in a user namespace %j', async (options) => {
    const namespaces = ['user', 'uts', 'pid'] as const;
    expect(await keysInside({ namespaces, user: mapped }, options)).toBe(gone);
    expect(await keysInside({ namespaces, user: identityUser }, options)).toBe(gone);
  });
});

it('who stays who it is keeps its keys, as with nsenter', async () => {
  expect(await keysInside({ namespaces: ['uts', 'pid'] }, ['-u', '-p'])).toBe('secret\nown\n');
});

it('the caller keeps them', async () => {
  await using target = await startTarget({ namespaces: ['uts', 'pid'] });
  const script = '"$T" -t "$P" -u -p -S 77 "$A" key "$K" && exec "$A" key "$K"';
  const env = {
    T: tsenter,
    P: String(target.pid),
    A: program('actor'),
    K: KEY,
    PATH: process.env.PATH ?? '',
  };
  const outcome = await run([program('actor'), 'keyring', KEY, '/bin/sh', '-c', script], { env });
  expect(outcome.stdout.toString()).toBe('Required key not available\nown\nsecret\nown\n');
});

describe('where no new keyring can be had', () => {
  async function filtered(errno: number, options: readonly string[]): Promise<Outcome> {
    await using target = await startTarget({ namespaces: ['uts'] });
    const words = [tsenter, '-t', String(target.pid), '-u', ...options, '/bin/echo', 'executed'];
    return await run([program('filtered'), String(errno), 'keyctl', '--', ...words], { timeout: 60_000 });
  }

  // 38: a kernel without keys, 1: a container engine's filter; either is the program's as well.
  it.each([38, 1])('nor any be read (errno %i), it is done without', async (errno) => {
    const outcome = await filtered(errno, ['-S', String(someone)]);
    expect([outcome.stderr.toString(), outcome.stdout.toString()]).toEqual(['', 'executed\n']);
  });

  it.each([
    [13, 'Permission denied'],
    [122, 'Disk quota exceeded'],
    [12, 'Cannot allocate memory'],
  ])('for another reason (errno %i), nothing is executed', async (errno, words) => {
    const outcome = await filtered(errno, ['-S', String(someone)]);
    expect(outcome.stderr.toString()).toBe(
      `tsenter: join a session keyring of its own: ${words}\nThe program would have the keys of the caller.\n`,
    );
    expect(outcome).toMatchObject({ status: 1, orphans: 0 });
    expect(outcome.stdout.toString()).toBe('');
  });

  it('who stays who it is needs none', async () => {
    expect((await filtered(13, [])).stdout.toString()).toBe('executed\n');
  });
});
