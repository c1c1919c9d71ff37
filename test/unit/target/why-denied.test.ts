import { describe, expect, it } from 'vitest';
import { whyDenied, whyNotAttached } from '../../../src/target/why-denied.ts';
import { FakeSys } from '../support/fake-sys.ts';

interface Who {
  uid?: number;
  saved?: number;
  permitted?: string;
  effective?: string;
}

const NONE = '0000000000000000';
const NET_ADMIN = '0000000000001000';
const SYS_PTRACE = '0000000000080000';
const HIGHEST = '0000010000000000';

function status({ uid = 0, saved = uid, permitted = NONE, effective = permitted }: Who): { text: string } {
  return {
    text: `Name:\tx\nUid:\t${uid}\t${uid}\t${saved}\t${uid}\nCapPrm:\t${permitted}\nCapEff:\t${effective}\n`,
  };
}

function why(own: Who, its: Who): string {
  const sys = new FakeSys();
  sys.files.set('/proc/self/status', status(own));
  sys.files.set('/proc/7/status', status(its));
  return whyDenied(sys, '/proc/7', 'target 7');
}

describe('why files of a process are denied', () => {
  it.each<readonly [string, Who, Who, string]>([
    ['root’s', { uid: 5 }, {}, 'target 7 belongs to root: run tsenter as root.'],
    ['another user’s', { uid: 5 }, { uid: 6 }, 'target 7 belongs to user id 6: run tsenter as root.'],
    [
      'one that can become root again',
      { uid: 5 },
      { uid: 5, saved: 0 },
      'target 7 belongs to root: run tsenter as root.',
    ],
    [
      'another user’s, asked for by a root without capabilities',
      {},
      { uid: 6 },
      'target 7 belongs to user id 6: it takes CAP_SYS_PTRACE in its user namespace.',
    ],
    [
      'one with more capabilities',
      { uid: 5, permitted: NET_ADMIN },
      { uid: 5, permitted: HIGHEST },
      'target 7 has capabilities that the caller lacks: run tsenter as root.',
    ],
    [
      'one that hides',
      { uid: 5, permitted: NET_ADMIN },
      { uid: 5, permitted: NET_ADMIN },
      'target 7 hides from its own user, too (prctl(2), PR_SET_DUMPABLE): run tsenter as root.',
    ],
    [
      'for one who may trace, elsewhere',
      { permitted: SYS_PTRACE },
      {},
      "The caller's CAP_SYS_PTRACE does not count in the user namespace of target 7, or a seccomp filter or a security module denies it.",
    ],
  ])('%s', (_, own, its, expected) => {
    expect(why(own, its)).toBe(expected);
  });

  it.each([
    [
      'its own file',
      '/proc/7/ns/user',
      "The caller may debug target 7, and yet AppArmor denies it to x (enforce): it takes a rule for the file; a namespace's is / with flags=(attach_disconnected), and has no path without.",
    ],
    [
      'all of it',
      undefined,
      "The caller's CAP_SYS_PTRACE does not count in the user namespace of target 7, or AppArmor denies it to x (enforce): it takes ptrace (read), and in the profile of target 7 ptrace (readby).",
    ],
  ])('by AppArmor: %s', (_, link, expected) => {
    const sys = new FakeSys();
    const { text } = status({ permitted: SYS_PTRACE });
    sys.files.set('/proc/self/status', { text: `${text}Seccomp:\t0\n` });
    sys.files.set('/proc/self/attr/current', { text: 'x (enforce)\n' });
    if (link !== undefined) sys.files.set(link, {});
    expect(whyDenied(sys, '/proc/7', 'target 7')).toBe(expected);
  });

  it('of the same user, who may debug it, as a landlocked one', () => {
    const sys = new FakeSys();
    sys.files.set('/proc/self/status', { text: `${status({ uid: 5 }).text}Seccomp:\t0\n` });
    sys.files.set('/proc/7/status', { ...status({ uid: 5 }), owner: 5 });
    expect(whyDenied(sys, '/proc/7', 'target 7')).toBe(
      'The caller may debug target 7, and yet a security module denies it.',
    );
  });

  it('also where there are as many groups as Linux knows', () => {
    const sys = new FakeSys();
    const groups = Array.from({ length: 65_536 }, (_, i) => 4_000_000_000 + i).join(' ');
    sys.files.set('/proc/self/status', { text: `Groups:\t${groups}\n${status({ uid: 5 }).text}` });
    sys.files.set('/proc/7/status', status({}));
    expect(whyDenied(sys, '/proc/7', 'target 7')).toBe('target 7 belongs to root: run tsenter as root.');
  });

  it.each([
    ['rw', undefined],
    ['rw,hidepid=0', undefined],
    ['rw,gid=4,hidepid=invisible', 'hidepid=invisible'],
    ['rw,hidepid=2', 'hidepid=2'],
  ])('where it is hidden: a /proc with %s', (options, told) => {
    const sys = new FakeSys();
    sys.files.set('/proc/self/status', status({ uid: 5 }));
    sys.files.set('/proc/self/mountinfo', {
      text: `1 0 0:1 / /proc rw - proc proc rw\n2 1 0:2 / /proc rw,relatime - proc proc ${options}\n`,
    });
    expect(whyDenied(sys, '/proc/7', 'target 7')).toMatch(
      told === undefined ? /^Needs the rights of a debugger/ : new RegExp(`^/proc is mounted with ${told},`),
    );
  });
});

describe('why nobody may attach to a process', () => {
  const ATTACH = /^Needs the right to attach to the target/;

  it.each<readonly [string, string | undefined, Who, RegExp]>([
    ['no yama', undefined, { uid: 5 }, ATTACH],
    ['yama that leaves it to ptrace(2)', '0', { uid: 5 }, ATTACH],
    [
      'yama: ancestors only',
      '1',
      { uid: 5 },
      /ptrace_scope=1 leaves that to CAP_SYS_PTRACE: run tsenter as root\.$/,
    ],
    ['yama: nobody without the capability', '2', { uid: 5 }, /ptrace_scope=2 leaves that to CAP_SYS_PTRACE/],
    ['none of both: who has the capability', '2', { permitted: SYS_PTRACE }, ATTACH],
    ['yama: nobody', '3', { permitted: SYS_PTRACE }, /ptrace_scope=3 nobody may, until the next boot\.$/],
  ])('%s', (_, scope, own, expected) => {
    const sys = new FakeSys();
    sys.files.set('/proc/self/status', status(own));
    sys.files.set('/proc/7/exe', {});
    if (scope !== undefined) sys.files.set('/proc/sys/kernel/yama/ptrace_scope', { text: `${scope}\n` });
    expect(whyNotAttached(sys, { proc: '/proc/7', label: 'target 7' })).toMatch(expected);
  });

  it('nor read its files: that is told', () => {
    const sys = new FakeSys();
    sys.files.set('/proc/self/status', status({ uid: 5 }));
    sys.files.set('/proc/7/status', status({ uid: 6 }));
    sys.files.set('/proc/sys/kernel/yama/ptrace_scope', { text: '1\n' });
    expect(whyNotAttached(sys, { proc: '/proc/7', label: 'target 7' })).toMatch(/belongs to user id 6/);
  });
});
