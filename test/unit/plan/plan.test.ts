import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/facts/facts.ts';
import type { OpenNamespace } from '../../../src/facts/namespace-source.ts';
import type { OptionValues } from '../../../src/options/table.ts';
import { encodeStep } from '../../../src/plan/encode.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import type { Step } from '../../../src/plan/steps.ts';
import { makeRequest } from '../../../src/request/parse.ts';
import type { Program, Request } from '../../../src/request/request.ts';
import { NAMESPACES, type NamespaceName } from '../../../src/sys/namespaces.ts';

const ROOT = { fd: 20, label: '/new' };
const DIRECTORY = { fd: 21, label: '/there' };
const TARGET = { pid: 7, pidfd: 3, proc: '/proc/7', label: 'target 7' };
const FDS = { user: 10, cgroup: 11, ipc: 12, uts: 13, net: 14, pid: 15, mount: 16, time: 17 };
const NAMES: readonly NamespaceName[] = NAMESPACES.map(({ name }) => name);
const PROGRAM: Program = { kind: 'operands', first: 0 };

const NOTHING: Facts = {
  target: undefined,
  namespaces: [],
  root: undefined,
  workingDirectory: undefined,
  targetDirectory: undefined,
  cgroups: [],
  environment: undefined,
  context: undefined,
};

/** The target's own namespaces, named one by one. */
function named(...names: NamespaceName[]): OpenNamespace[] {
  return names.map((name) => ({
    name,
    fd: FDS[name],
    origin: 'target',
    label: TARGET.label,
    entered: false,
  }));
}

/** As with --all: each but these is the one that the caller is in. */
function all(...differing: NamespaceName[]): OpenNamespace[] {
  return NAMES.map((name) => ({
    name,
    fd: FDS[name],
    origin: 'all',
    label: TARGET.label,
    entered: !differing.includes(name),
  }));
}

/** A file, an id, a socket's or a parent: not the target's own. */
function other(name: NamespaceName, label: string): OpenNamespace {
  return { name, fd: FDS[name], origin: 'other', label, entered: false };
}

/** The fork, with what makes the waiting parent as if it were not there; the steps of the child follow. */
function forked(...child: string[]): string[] {
  return ['forward-signals', 'fork', ...child, 'die-with-parent=9'];
}

function encoded(values: OptionValues, found: Partial<Facts>): string[] {
  const request = makeRequest({ target: '7', ...values }, PROGRAM);
  return makePlan(request, { ...NOTHING, target: TARGET, ...found }, '/bin/zsh').steps.map((step) =>
    encodeStep(step),
  );
}

interface Case {
  options: OptionValues;
  found: Partial<Facts>;
  steps: string[];
}

const CASES: Record<string, Case> = {
  'one namespace': {
    options: { net: true },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14'],
  },
  'several: at once, in the order of the table': {
    options: { mount: true, uts: true, ipc: true, net: true, cgroup: true, time: true },
    found: { namespaces: named('cgroup', 'ipc', 'uts', 'net', 'mount', 'time') },
    steps: ['undumpable', 'from=target 7', 'setns=3:cgroup@11,ipc@12,uts@13,net@14,mount@16,time@17'],
  },
  'a PID namespace forks': {
    options: { pid: true },
    found: { namespaces: named('pid') },
    steps: ['undumpable', 'terminal', 'from=target 7', 'setns=3:pid@15', ...forked()],
  },
  '--no-fork does not': {
    options: { pid: true, 'no-fork': true },
    found: { namespaces: named('pid') },
    steps: ['undumpable', 'from=target 7', 'setns=3:pid@15'],
  },
  '--no-fork without a PID namespace changes nothing': {
    options: { net: true, 'no-fork': true },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14'],
  },

  'a user namespace alone': {
    options: { user: true },
    found: { namespaces: named('user') },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'setns=3:user@10',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },
  'a user namespace and others: two passes': {
    options: { user: true, net: true, mount: true },
    found: { namespaces: named('user', 'net', 'mount') },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:net@14,mount@16',
      'setns=3:user@10,net@14,mount@16',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },
  'a user namespace with the credentials preserved': {
    options: { user: true, net: true, 'preserve-credentials': true },
    found: { namespaces: named('user', 'net') },
    steps: ['undumpable', 'from=target 7', 'try-setns=3:net@14', 'setns=3:user@10,net@14', 'session-keyring'],
  },
  'preserved but for a user id: the groups stay': {
    options: { user: true, 'preserve-credentials': true, setuid: '5' },
    found: { namespaces: named('user') },
    steps: ['undumpable', 'from=target 7', 'setns=3:user@10', 'session-keyring', 'uid=5'],
  },
  'preserved but for a group id: the groups go': {
    options: { user: true, 'preserve-credentials': true, setgid: '5' },
    found: { namespaces: named('user') },
    steps: ['undumpable', 'from=target 7', 'setns=3:user@10', 'session-keyring', 'drop-groups', 'gid=5'],
  },
  'ids in a user namespace: the one that is not named is 0': {
    options: { user: true, setuid: '1000' },
    found: { namespaces: named('user') },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'setns=3:user@10',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=1000',
    ],
  },
  'ids of the target': {
    options: { user: true, setuid: 'follow', setgid: 'follow' },
    found: { namespaces: named('user'), targetDirectory: 22 },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'setns=3:user@10',
      'ids-of=22:3',
      'session-keyring',
      'drop-groups',
      'gid=@',
      'uid=@',
    ],
  },
  'a user id without a user namespace: the group stays, the groups go': {
    options: { net: true, setuid: '1000' },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14', 'session-keyring', 'drop-groups', 'uid=1000'],
  },
  'a group id without a user namespace': {
    options: { net: true, setgid: '50' },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14', 'session-keyring', 'drop-groups', 'gid=50'],
  },
  'both ids and nothing else': {
    options: { setuid: '1000', setgid: 'follow' },
    found: { targetDirectory: 22 },
    steps: ['ids-of=22:3', 'session-keyring', 'drop-groups', 'gid=@', 'uid=1000'],
  },
  '--keep-caps: around the change of the user id': {
    options: { user: true, 'keep-caps': true },
    found: { namespaces: named('user') },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'setns=3:user@10',
      'session-keyring',
      'drop-groups',
      'keep-caps',
      'gid=0',
      'uid=0',
      'ambient-caps',
    ],
  },
  '--keep-caps where no user id changes': {
    options: { user: true, 'keep-caps': true, 'preserve-credentials': true },
    found: { namespaces: named('user') },
    steps: ['undumpable', 'from=target 7', 'setns=3:user@10', 'session-keyring', 'ambient-caps'],
  },
  '--keep-caps without a user namespace': {
    options: { net: true, 'keep-caps': true, setuid: '5' },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14', 'session-keyring', 'drop-groups', 'uid=5'],
  },

  'a file': {
    options: { net: '/run/netns/blue' },
    found: { namespaces: [other('net', '/run/netns/blue')] },
    steps: ['undumpable', 'from=/run/netns/blue', 'setns=net@14'],
  },
  'two files, each with its own name in messages': {
    options: { net: '/n', uts: ':4026531838' },
    found: { namespaces: [other('uts', ':4026531838'), other('net', '/n')] },
    steps: ['undumpable', 'from=:4026531838', 'setns=uts@13', 'from=/n', 'setns=net@14'],
  },
  'a file and the target: the target first': {
    options: { net: '/n', uts: true, mount: true },
    found: { namespaces: [...named('uts'), other('net', '/n'), ...named('mount')] },
    steps: ['undumpable', 'from=target 7', 'setns=3:uts@13,mount@16', 'from=/n', 'setns=net@14'],
  },
  'a PID namespace by file forks, too': {
    options: { pid: '/p' },
    found: { namespaces: [other('pid', '/p')] },
    steps: ['undumpable', 'terminal', 'from=/p', 'setns=pid@15', ...forked()],
  },
  'the socket of a target': {
    options: { 'net-socket': '5' },
    found: { namespaces: [other('net', 'socket 5 of target 7')] },
    steps: ['undumpable', 'from=socket 5 of target 7', 'setns=net@14'],
  },
  'a user namespace by file comes before the others in the second pass': {
    options: { user: '/u', net: true },
    found: { namespaces: [other('user', '/u'), ...named('net')] },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:net@14',
      'from=/u',
      'setns=user@10',
      'from=target 7',
      'setns=3:net@14',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },
  'the user namespace of the target and a file': {
    options: { user: true, net: '/n' },
    found: { namespaces: [...named('user'), other('net', '/n')] },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=/n',
      'try-setns=net@14',
      'from=target 7',
      'setns=3:user@10',
      'from=/n',
      'setns=net@14',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },
  'the parent user namespace': {
    options: { 'user-parent': true, mount: true },
    found: { namespaces: [other('user', 'parent user namespace of target 7'), ...named('mount')] },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:mount@16',
      'from=parent user namespace of target 7',
      'setns=user@10',
      'from=target 7',
      'setns=3:mount@16',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },

  '--all, all of them the target’s own': {
    options: { all: true },
    found: { namespaces: all(...NAMES) },
    steps: [
      'undumpable',
      'terminal',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:cgroup@11,ipc@12,uts@13,net@14,pid@15,mount@16,time@17',
      'setns=3:user@10,cgroup@11,ipc@12,uts@13,net@14,pid@15,mount@16,time@17',
      ...forked('session-keyring', 'drop-groups', 'gid=0', 'uid=0'),
    ],
  },
  '--all of a container without user and time namespace': {
    options: { all: true },
    found: { namespaces: all('cgroup', 'ipc', 'uts', 'net', 'pid', 'mount') },
    steps: [
      'undumpable',
      'terminal',
      'from=target 7',
      'setns=3:cgroup@11,ipc@12,uts@13,net@14,pid@15,mount@16',
      ...forked(),
    ],
  },
  '--all, every one equal: no fork, only the mount namespace tried': {
    options: { all: true },
    found: { namespaces: all() },
    steps: ['undumpable', 'from=target 7', 'try-setns=mount@16'],
  },
  '--all, an equal mount namespace is tried before the others': {
    options: { all: true },
    found: { namespaces: all('user', 'net') },
    steps: [
      'undumpable',
      'try-drop-groups',
      'from=target 7',
      'try-setns=mount@16',
      'try-setns=3:net@14',
      'setns=3:user@10,net@14',
      'session-keyring',
      'drop-groups',
      'gid=0',
      'uid=0',
    ],
  },
  '--all, but one by file': {
    options: { all: true, net: '/n' },
    found: {
      namespaces: [...all('uts', 'mount').filter(({ name }) => name !== 'net'), other('net', '/n')],
    },
    steps: ['undumpable', 'from=target 7', 'setns=3:uts@13,mount@16', 'from=/n', 'setns=net@14'],
  },

  'root and working directory of the target': {
    options: { root: true, wd: true },
    found: { root: ROOT, workingDirectory: DIRECTORY },
    steps: ['undumpable', 'chroot=20:/new', 'chdir=21:/there', 'inside=/there'],
  },
  'a root alone leaves the working directory to the step': {
    options: { root: '/r' },
    found: { root: ROOT },
    steps: ['undumpable', 'chroot=20:/new'],
  },
  'a working directory alone shows nothing of the host': {
    options: { wd: '/d' },
    found: { workingDirectory: DIRECTORY },
    steps: ['chdir=21:/there'],
  },
  'directories come after the namespaces': {
    options: { mount: true, root: '/r', wd: '/d' },
    found: { namespaces: named('mount'), root: ROOT, workingDirectory: DIRECTORY },
    steps: ['undumpable', 'from=target 7', 'setns=3:mount@16', 'chroot=20:/new', 'chdir=21:/there'],
  },
  'a directory inside is looked up in the new root': {
    options: { mount: true, root: true, wdns: '/srv' },
    found: { namespaces: named('mount'), root: ROOT },
    steps: [
      'undumpable',
      'from=target 7',
      'setns=3:mount@16',
      'mounted=20:/new',
      'chroot=20:/new',
      'chdir-inside=/srv',
      'inside=/srv',
    ],
  },
  'nothing at a path is the target’s where neither its root nor its mounts are entered': {
    options: { net: true, wdns: '/proc/7/cwd' },
    found: { namespaces: named('net') },
    steps: ['undumpable', 'from=target 7', 'setns=3:net@14', 'chdir-path=/proc/7/cwd'],
  },
  'the working directory of a target may be outside of its root': {
    options: { mount: true, wd: true },
    found: { namespaces: named('mount'), workingDirectory: DIRECTORY },
    steps: ['undumpable', 'from=target 7', 'setns=3:mount@16', 'chdir=21:/there', 'inside=/there'],
  },
  'the root of the target is compared with the mount namespace that it is in already': {
    options: { all: true, root: true },
    found: { namespaces: all('uts'), root: ROOT },
    steps: [
      'undumpable',
      'from=target 7',
      'try-setns=mount@16',
      'setns=3:uts@13',
      'mounted=20:/new',
      'chroot=20:/new',
    ],
  },
  'with a mount namespace by file there is nothing to compare with': {
    options: { mount: '/m', root: true },
    found: { namespaces: [other('mount', '/m')], root: ROOT },
    steps: ['undumpable', 'from=/m', 'setns=mount@16', 'chroot=20:/new'],
  },
  '--wdns without a value is the one of the target': {
    options: { wdns: true },
    found: { workingDirectory: DIRECTORY },
    steps: ['chdir=21:/there'],
  },

  'cgroups after the fork': {
    options: { pid: true, 'join-cgroup': true },
    found: {
      namespaces: named('pid'),
      cgroups: [
        { label: '/pod', procs: 30 },
        { label: 'cpu,cpuacct:/pod', procs: 31 },
      ],
    },
    steps: [
      'undumpable',
      'terminal',
      'from=target 7',
      'setns=3:pid@15',
      ...forked('join-cgroup=30:/pod', 'join-cgroup=31:cpu,cpuacct:/pod'),
    ],
  },
  'a working directory: a file system of the target may hold the child, not the parent': {
    options: { pid: true, mount: true, wd: true },
    found: { namespaces: named('pid', 'mount'), workingDirectory: DIRECTORY },
    steps: [
      'undumpable',
      'terminal',
      'from=target 7',
      'setns=3:pid@15,mount@16',
      ...forked('die-with-parent=9', 'chdir=21:/there', 'inside=/there'),
    ],
  },
  'a pseudo-terminal: forks, although no PID namespace is entered': {
    options: { uts: true, pty: true },
    found: { namespaces: named('uts') },
    steps: [
      'undumpable',
      'terminal',
      'pty=126',
      'keep-terminals',
      'from=target 7',
      'setns=3:uts@13',
      ...forked('attach-pty'),
    ],
  },
  'a pseudo-terminal of the entered root, given to whom the program is': {
    options: { mount: true, user: true, pty: true },
    found: { namespaces: named('user', 'mount') },
    steps: [
      'undumpable',
      'terminal',
      'pty=126',
      'keep-terminals',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:mount@16',
      'setns=3:user@10,mount@16',
      ...forked(
        'die-with-parent=9',
        'pty-inside=0',
        'attach-pty=0',
        'session-keyring',
        'drop-groups',
        'gid=0',
        'uid=0',
      ),
    ],
  },
  'a root directory has a devpts of its own, too': {
    options: { root: '/new', pty: true, setuid: '5' },
    found: { root: ROOT },
    steps: [
      'undumpable',
      'terminal',
      'pty=126',
      'keep-terminals',
      ...forked(
        'die-with-parent=9',
        'chroot=20:/new',
        'pty-inside=5',
        'attach-pty=5',
        'session-keyring',
        'drop-groups',
        'uid=5',
      ),
    ],
  },
  'a child that outlives the parent': {
    options: { pid: true, 'no-kill-child': true },
    found: { namespaces: named('pid') },
    steps: ['undumpable', 'terminal', 'from=target 7', 'setns=3:pid@15', 'forward-signals', 'fork'],
  },
  'signals that stay with the parent, and another one for the child': {
    options: { pid: true, 'no-forward-signals': true, 'kill-child': 'TERM' },
    found: { namespaces: named('pid') },
    steps: ['undumpable', 'terminal', 'from=target 7', 'setns=3:pid@15', 'fork', 'die-with-parent=15'],
  },
  'cgroups without a fork, before the credentials': {
    options: { 'join-cgroup': true, setuid: '5' },
    found: { cgroups: [{ label: '/pod', procs: 30 }] },
    steps: ['join-cgroup=30:/pod', 'session-keyring', 'drop-groups', 'uid=5'],
  },
  'an SELinux context before anything is entered': {
    options: { mount: true, 'follow-context': true },
    found: { namespaces: named('mount'), context: 'u:r:t:s0' },
    steps: ['undumpable', 'exec-context=u:r:t:s0', 'from=target 7', 'setns=3:mount@16'],
  },
  'no SELinux': {
    options: { mount: true, 'follow-context': true },
    found: { namespaces: named('mount') },
    steps: ['undumpable', 'from=target 7', 'setns=3:mount@16'],
  },
  'all that there is': {
    options: {
      all: true,
      root: true,
      wdns: '/srv',
      setuid: 'follow',
      setgid: 'follow',
      'keep-caps': true,
      'join-cgroup': true,
      'follow-context': true,
      env: true,
    },
    found: {
      namespaces: all('user', 'pid', 'mount'),
      root: ROOT,
      targetDirectory: 22,
      cgroups: [{ label: '/pod', procs: 30 }],
      context: 'u:r:t:s0',
      environment: ['A=1'],
    },
    steps: [
      'undumpable',
      'exec-context=u:r:t:s0',
      'terminal',
      'try-drop-groups',
      'from=target 7',
      'try-setns=3:pid@15,mount@16',
      'setns=3:user@10,pid@15,mount@16',
      'ids-of=22:3',
      ...forked(
        'die-with-parent=9',
        'mounted=20:/new',
        'chroot=20:/new',
        'chdir-inside=/srv',
        'inside=/srv',
        'join-cgroup=30:/pod',
        'session-keyring',
        'drop-groups',
        'keep-caps',
        'gid=@',
        'uid=@',
        'ambient-caps',
      ),
      'targets-environment',
    ],
  },
};

describe('the steps of', () => {
  it.each(Object.entries(CASES))('%s', (_, { options, found, steps }) => {
    expect(encoded(options, found)).toEqual(steps);
  });
});

it('without a pidfd the target has to live when everything was entered', () => {
  const target = { pid: 7, pidfd: undefined, stat: 4, proc: '/proc/self/fd/3', label: 'target 7' };
  const found = { target, targetDirectory: 22, namespaces: named('user', 'uts', 'net'), root: ROOT };
  expect(encoded({ user: true, uts: true, net: true, root: true, setuid: 'follow' }, found)).toEqual([
    'undumpable',
    'try-drop-groups',
    'from=target 7',
    'try-setns=uts@13,net@14',
    'setns=user@10,uts@13,net@14',
    'alive=4:target 7',
    'ids-of=22:/4',
    'chroot=20:/new',
    'session-keyring',
    'drop-groups',
    'gid=0',
    'uid=@',
  ]);
});

describe('what is executed', () => {
  const request = (program: Program) => makeRequest({ target: '7', net: true }, program);
  const facts: Facts = { ...NOTHING, target: TARGET, namespaces: named('net') };
  const shells = (environment: string[] | undefined, shell: string | undefined) =>
    makePlan(request({ kind: 'shell' }), { ...facts, environment }, shell)
      .steps.filter(({ step }) => step === 'shell')
      .map((step) => encodeStep(step));
  const USUAL = [
    'shell',
    'shell=/bin/bash',
    'shell=/bin/sh',
    'shell=/bin/ash',
    'shell=/usr/bin/bash',
    'shell=/usr/bin/sh',
  ];

  it('is the program, untouched, and then no shell', () => {
    const plan = makePlan(request({ kind: 'words', words: ['', '-c'] }), facts, '/bin/zsh');
    expect(plan.program).toEqual({ kind: 'words', words: ['', '-c'] });
    expect(plan.steps.map(({ step }) => step)).not.toContain('shell');
  });

  it('is else the shell of the caller, of the passwd entry, or a usual one', () => {
    expect(shells(undefined, '/bin/zsh')).toEqual(['shell=/bin/zsh', ...USUAL]);
  });

  it.each([undefined, '', 'zsh', './zsh', '-'])('does not take %j for a shell', (shell) => {
    expect(shells(undefined, shell)).toEqual(USUAL);
  });

  it('follows the SHELL of the environment that the program gets', () => {
    expect(shells(['A=1', 'SHELL=/bin/fish', 'SHELL=/2'], '/bin/zsh')).toEqual(['shell=/bin/fish', ...USUAL]);
    expect(shells(['MYSHELL=/x'], '/bin/zsh')).toEqual(USUAL);
    expect(shells([], '/bin/zsh')).toEqual(USUAL);
  });

  it('tries the shells after everything else is done', () => {
    const { steps } = makePlan(
      makeRequest({ target: '7', user: true, 'keep-caps': true }, { kind: 'shell' }),
      { ...NOTHING, target: TARGET, namespaces: named('user') },
      undefined,
    );
    const words = steps.map((step) => encodeStep(step));
    expect(words.slice(-USUAL.length)).toEqual(USUAL);
    expect(words[words.length - USUAL.length - 1]).toBe('ambient-caps');
  });

  it('has the environment of the target, or the one of the caller', () => {
    const environment = ['A=1', 'B=\xff'];
    expect(makePlan(request(PROGRAM), { ...facts, environment }, undefined).environment).toBe(environment);
    expect(makePlan(request(PROGRAM), { ...facts, environment: [] }, undefined).environment).toEqual([]);
    expect(makePlan(request(PROGRAM), facts, undefined).environment).toBeUndefined();
  });
});

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const part of Object.values(value)) deepFreeze(part);
    Object.freeze(value);
  }
  return value;
}

/** Any namespaces in the order of the table, each found in any way. */
const anyNamespaces = fc.subarray([...NAMES]).chain((names) =>
  fc.tuple(
    ...names.map((name) =>
      fc.oneof(
        fc.constantFrom(
          ...all().filter((row) => row.name === name),
          ...all(name).filter((row) => row.name === name),
        ),
        fc.constantFrom(...named(name)),
        fc.constantFrom('/a', '/b').map((label) => other(name, label)),
      ),
    ),
  ),
);

const anyId = fc.constantFrom(undefined, 0, 5, 'follow' as const);

const anyRequest: fc.Arbitrary<Request> = fc.record({
  target: fc.constant({ pid: 7 }),
  all: fc.boolean(),
  namespaces: fc.constant({}),
  netSocket: fc.constant(undefined),
  userParent: fc.boolean(),
  root: fc.constantFrom(undefined, { from: 'target' as const }, { from: 'caller' as const, path: '/x' }),
  workingDirectory: fc.constantFrom(
    undefined,
    { from: 'inside' as const, path: '/x' },
    { from: 'caller' as const, path: '/x' },
    { from: 'target' as const },
  ),
  uid: anyId,
  gid: anyId,
  preserveCredentials: fc.boolean(),
  keepCapabilities: fc.boolean(),
  targetEnvironment: fc.boolean(),
  joinCgroup: fc.boolean(),
  followContext: fc.boolean(),
  fork: fc.boolean(),
  pty: fc.boolean(),
  hostRoot: fc.constant(undefined),
  escape: fc.constantFrom(undefined, 0, 126),
  killChild: fc.constantFrom(undefined, 9, 15),
  forwardSignals: fc.boolean(),
  unsealed: fc.boolean(),
  program: fc.constantFrom(PROGRAM, { kind: 'shell' as const }),
});

const anyFacts: fc.Arbitrary<Facts> = fc.record({
  target: fc.constant(TARGET),
  namespaces: anyNamespaces,
  root: fc.constantFrom(undefined, ROOT),
  workingDirectory: fc.constantFrom(undefined, DIRECTORY),
  targetDirectory: fc.constant(22),
  cgroups: fc.subarray([
    { label: '/a', procs: 30 },
    { label: 'cpu:/a', procs: 31 },
  ]),
  environment: fc.constantFrom(undefined, [], ['SHELL=/bin/fish']),
  context: fc.constantFrom(undefined, 'u:r:t:s0'),
});

/** Every step comes after those before it in this list. */
const ORDER = [
  'undumpable',
  'exec-context',
  'terminal',
  'pty',
  'keep-terminals',
  'try-drop-groups',
  'try-setns',
  'setns',
  'ids-of',
  'forward-signals',
  'fork',
  'mounted',
  'chroot',
  'chdir',
  'chdir-path',
  'chdir-inside',
  'inside',
  'join-cgroup',
  'pty-inside',
  'attach-pty',
  'session-keyring',
  'drop-groups',
  'keep-caps',
  'gid',
  'uid',
  'ambient-caps',
  'die-with-parent',
  'targets-environment',
  'shell',
];

function joinsOf(steps: readonly Step[], kind: 'try-setns' | 'setns'): NamespaceName[] {
  return steps.flatMap((step) => (step.step === kind ? step.joins.map((join) => join.namespace) : []));
}

describe('for every request and whatever is found', () => {
  const holds = (check: (request: Request, facts: Facts, steps: readonly Step[]) => void) =>
    fc.assert(
      fc.property(anyRequest, anyFacts, (request, facts) => {
        check(request, facts, makePlan(request, facts, '/bin/zsh').steps);
      }),
      { numRuns: 500 },
    );

  it('the order is the same', () => {
    holds((_, __, steps) => {
      // A child that may be held by what it looks up inside dies with the parent from the fork on.
      const afterFork = steps.findIndex(({ step }) => step === 'fork') + 1;
      const isLast = steps.filter(({ step }) => step === 'die-with-parent').length < 2;
      const early = isLast ? -1 : afterFork;
      const names = steps.filter((_, index) => index !== early).map(({ step }) => step);
      const places = names.filter((step) => step !== 'from').map((step) => ORDER.indexOf(step));
      expect(places).toEqual([...places].sort((a, b) => a - b));
    });
  });

  it('where files are entered, only a directory of the caller may be outside of the root', () => {
    holds((request, { namespaces, root }, steps) => {
      const words = steps.map(({ step }) => step);
      const files = root !== undefined || namespaces.some(({ name }) => name === 'mount');
      const changed = words.findIndex((word) => word.startsWith('chdir'));
      const tunnel = request.workingDirectory?.from === 'caller';
      expect(words.includes('inside')).toBe(changed >= 0 && files && !tunnel);
      if (words.includes('inside')) expect(words.indexOf('inside')).toBe(changed + 1);
    });
  });

  it('each namespace that is wanted is entered once, user first, and no other', () => {
    holds((_, facts, steps) => {
      const wanted = facts.namespaces.filter(({ entered }) => !entered).map(({ name }) => name);
      const entered = joinsOf(steps, 'setns');
      expect([...entered].sort()).toEqual([...wanted].sort());
      if (wanted.includes('user')) expect(entered[0]).toBe('user');
    });
  });

  it('a first pass is made where a user namespace is entered, and it leaves that one out', () => {
    holds((_, facts, steps) => {
      const wanted = facts.namespaces.filter(({ entered }) => !entered).map(({ name }) => name);
      const equalMount = facts.namespaces.filter(({ name, entered }) => name === 'mount' && entered);
      const others = wanted.includes('user') ? wanted.filter((name) => name !== 'user') : [];
      const expected = [...equalMount.map(({ name }) => name), ...others];
      expect(joinsOf(steps, 'try-setns').sort()).toEqual(expected.sort());
    });
  });

  it('only what is the target’s own is entered through its pidfd', () => {
    holds((_, facts, steps) => {
      const own = facts.namespaces.filter(({ origin }) => origin !== 'other').map(({ name }) => name);
      for (const step of steps) {
        if ((step.step !== 'setns' && step.step !== 'try-setns') || step.pidfd === undefined) continue;
        expect(own).toEqual(expect.arrayContaining(step.joins.map(({ namespace }) => namespace)));
      }
    });
  });

  it('messages name where each namespace is from', () => {
    holds((_, facts, steps) => {
      let label: string | undefined;
      for (const step of steps) {
        if (step.step === 'from') label = step.text;
        if (step.step !== 'setns' && step.step !== 'try-setns') continue;
        for (const { fd } of step.joins)
          expect(label).toBe(facts.namespaces.find((namespace) => namespace.fd === fd)?.label);
      }
    });
  });

  it('a fork is made just where a PID namespace is entered and one is allowed', () => {
    holds((request, facts, steps) => {
      const entersPid = facts.namespaces.some(({ name, entered }) => name === 'pid' && !entered);
      expect(steps.some(({ step }) => step === 'fork')).toBe(request.pty || (entersPid && request.fork));
    });
  });

  it('the executable is sealed just where the target has a say in what is executed', () => {
    fc.assert(
      fc.property(anyRequest, anyFacts, (request, facts) => {
        const entersMount = facts.namespaces.some(({ name, entered }) => name === 'mount' && !entered);
        const hasSay = entersMount || request.root !== undefined;
        expect(makePlan(request, facts, '/bin/zsh').sealed).toBe(hasSay && !request.unsealed);
      }),
    );
  });

  it('the plan is the same each time, and neither request nor facts are changed', () => {
    fc.assert(
      fc.property(anyRequest, anyFacts, (request, facts) => {
        deepFreeze([request, facts]);
        expect(makePlan(request, facts, '/bin/zsh')).toEqual(makePlan(request, facts, '/bin/zsh'));
      }),
    );
  });
});
