/** A8: what is shown on the caller's terminal is text, whatever the target calls itself and its files. */
import { rmSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { nsenter, type Outcome, run } from '../support/command.ts';
import { enter, messageFormat } from '../support/enter.ts';
import { FreezableCgroup, freezers } from '../support/freezer.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type TargetOptions } from '../support/targets.ts';
import { type AttackTarget, attackTarget, put } from './attacks/targets.ts';
import { controls, hostile } from './attacks/text.ts';

beforeAll(buildPrograms);

/** A message and at most a hint; nothing of it is for the terminal to act upon. */
function isText({ stdout, stderr, status }: Outcome): void {
  expect(controls(stderr)).toEqual([]);
  expect(controls(stdout)).toEqual([]);
  expect(stderr.toString('latin1')).toMatch(messageFormat);
  expect(status).not.toBe(0);
}

/** What is left out of the hostile text where it cannot be part of the thing. */
const oneLine = hostile.replace(/[\n:]/g, '');
const path = `/no/such/${hostile}`;

describe('messages', () => {
  it.each([
    ['a program', ['-w/', path]],
    ['a root', [`-r${path}`, '/bin/true']],
    ['a directory', [`-w${path}`, '/bin/true']],
    ['a directory inside', [`-W${path}`, '/bin/true']],
    ['a namespace', [`--mount=${path}`, '/bin/true']],
    ['a target', ['-t', hostile, '-m']],
    ['a user', ['-S', hostile, '/bin/true']],
    ['an option', [`--${hostile}`]],
    ['a short option', ['-\x1b']],
    ['a short option of two bytes', ['-\u009b']],
  ])('%s that is given', async (_, words) => {
    isText(await enter(words));
  });

  /** Without any shell: the message names the first that was looked for. */
  const withoutShell = async (env: TargetOptions['env']): Promise<AttackTarget> => {
    const target = await attackTarget('priv', { env: env ?? {} });
    put(target, '/etc/passwd', `root:x:0:0::/:/bin/${oneLine}\n`);
    rmSync(`${target.root}/bin/sh`);
    return target;
  };

  it('the SHELL of the target', async () => {
    await using target = await withoutShell({ SHELL: `/bin/${hostile}` });
    isText(await enter(['-t', String(target.pid), '-a', '-e']));
  });

  it('the shell in its passwd file', async () => {
    await using target = await withoutShell({});
    isText(await enter(['-t', String(target.pid), '-m', '-p'], { env: {} }));
  });

  it('a root of its own that has no such directory', async () => {
    await using target = await attackTarget('priv');
    isText(await enter(['-t', String(target.pid), '-a', `-W${path}`, '/bin/true']));
  });

  it('the SHELL of nsenter’s caller is shown as it is (so it bites)', async () => {
    await using target = await attackTarget('priv');
    const { stderr } = await run([nsenter, '-t', String(target.pid), '-m'], { env: { SHELL: path } });
    expect(controls(stderr)).not.toEqual([]);
  });
});

describe.each(['--explain', '--explain=json', '--explain=steps'])('%s', (form) => {
  const explained = async (words: readonly string[]): Promise<Outcome> => {
    const outcome = await enter([form, ...words]);
    expect(controls(outcome.stdout)).toEqual([]);
    expect(controls(outcome.stderr)).toEqual([]);
    if (form === '--explain=json') {
      const text = new TextDecoder('utf8', { fatal: true }).decode(outcome.stdout);
      expect(JSON.parse(text)).toMatchObject({ version: 1 });
    }
    return outcome;
  };

  it('a program and its arguments', async () => {
    const { stdout, status } = await explained(['-w/', `/bin/${hostile}`, hostile, '\x1b', '\n']);
    // There is none of this name; the steps say nothing of that.
    expect(status).toBe(form === '--explain=steps' ? 0 : 1);
    // Its own lines, and nothing that begins one.
    expect(
      stdout
        .toString()
        .split('\n')
        .filter((line) => line.startsWith('next')),
    ).toEqual([]);
  });

  it('the SHELL of the target', async () => {
    await using target = await startTarget({ namespaces: ['uts'], env: { SHELL: path } });
    await explained(['-t', String(target.pid), '-u', '-e']);
  });

  it('the shell in its passwd file', async () => {
    await using target = await attackTarget('priv');
    put(target, '/etc/passwd', `root:x:0:0::/:/bin/${oneLine}\n`);
    await explained(['-t', String(target.pid), '-m', '-p']);
  });
});

describe('the name of a cgroup', () => {
  const freezer = freezers.find(({ version }) => version === 1);

  it('of a frozen target and of one that is not', async (context) => {
    if (freezer === undefined) return void mustRun('needs a freezer of cgroup version 1', context);
    await using cgroup = new FreezableCgroup(freezer, `-${oneLine.replace(/\r/g, '')}`);
    await using target = await startTarget({ namespaces: ['uts'] });
    const words = ['-t', String(target.pid), '-u', '-c'];
    const frozen = await cgroup.freeze(target.pid);
    isText(await enter([...words, '/bin/true']));
    frozen[Symbol.dispose]();
    const { stdout, stderr, status } = await enter(['--explain', ...words, '/bin/true']);
    expect(controls(stdout)).toEqual([]);
    expect(controls(stderr)).toEqual([]);
    expect(status).toBe(0);
  });
});
