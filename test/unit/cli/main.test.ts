import { describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { bindDirectly } from '../../../src/cli/words/bind.ts';
import { bindWithClipanion } from '../../../src/cli/words/clipanion.ts';
import { kernelFeatures } from '../../../src/options/kernel-features.ts';
import { lookUpIn } from '../../../src/options/lookup.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { encodeStep } from '../../../src/plan/encode.ts';
import { Errno, SystemError, TsenterError } from '../../../src/sys/errors.ts';
import { Executed, FakeSys, SELINUXFS } from '../support/fake-sys.ts';
import { screens } from '../support/screens.ts';

interface Ran {
  sys: FakeSys;
  status: number | 'executed';
  stdout: string;
  stderr: string;
  /** the steps that were to be run */
  steps: string[];
}

function run(argv: readonly string[], prepare: (sys: FakeSys) => void = () => undefined): Ran {
  const sys = new FakeSys(argv);
  sys.addProcess(7, { own: ['net', 'pid'], environ: 'SHELL=/bin/fish\0' });
  prepare(sys);
  const status = statusOf(sys);
  const steps = (sys.plan?.steps ?? []).map((step) => encodeStep(step));
  return { sys, status, stdout: sys.written[1], stderr: sys.written[2], steps };
}

function statusOf(sys: FakeSys): number | 'executed' {
  try {
    return main(sys, lookUpIn(OPTION_ROWS), bindWithClipanion, () => screens);
  } catch (error) {
    if (error instanceof Executed) return 'executed';
    throw error;
  }
}

const colour = (sys: FakeSys) => {
  sys.environment.FORCE_COLOR = '1';
};

describe('a command line that enters', () => {
  it('runs the plan, and writes nothing', () => {
    const ran = run(['-t', '7', '-n', '-p', 'sh', '-c', 'id']);
    expect(ran).toMatchObject({ status: 'executed', stdout: '', stderr: '' });
    expect(ran.steps).toEqual([
      'undumpable',
      'terminal',
      'from=target 7',
      'setns=10:net@11,pid@12',
      'forward-signals',
      'fork',
      'die-with-parent=9',
    ]);
    expect(ran.sys.plan?.program).toEqual({ kind: 'operands', first: 4 });
    expect(ran.sys.plan?.environment).toBeUndefined();
  });

  it.each([
    [['-t7', '-n', '--', '-x'], { kind: 'operands', first: 3 }],
    [['-t7', '-n', ''], { kind: 'operands', first: 2 }],
    [['-t7', '-n'], { kind: 'shell' }],
    [['-t7', '-n', '--'], { kind: 'shell' }],
  ])('%j: the program', (argv, program) => {
    expect(run(argv).sys.plan?.program).toEqual(program);
  });

  it('takes the shell of the caller, or that of the environment that it enters with', () => {
    const zsh = (sys: FakeSys) => {
      sys.environment.SHELL = '/bin/zsh';
    };
    expect(run(['-t7', '-n'], zsh).steps).toContain('shell=/bin/zsh');
    expect(run(['-t7', '-en'], zsh).steps).toContain('shell=/bin/fish');
    expect(run(['-t7', '-en'], zsh).sys.plan?.environment).toEqual(['SHELL=/bin/fish']);
  });

  it('has the messages of its steps begin as its own do', () => {
    expect(run(['-t7', '-n', 'sh'], colour).steps[0]).toBe('prefix=\x1b[31m\x1b[1mtsenter:\x1b[22m\x1b[39m');
    expect(run(['-t7', '-n', 'sh']).steps.join()).not.toContain('prefix');
    const onStdout = run(['-t7', '-n', 'sh'], (sys) => sys.terminals.add(1));
    expect(onStdout.steps.join()).not.toContain('prefix');
    const onStderr = run(['-t7', '-n', 'sh'], (sys) => sys.terminals.add(2));
    expect(onStderr.steps.join()).toContain('prefix');
  });

  it('never asks for what only people read', () => {
    const sys = new FakeSys(['-t7', '-n', 'sh']);
    sys.addProcess(7);
    const unexpected = new Proxy(screens, {
      get: (_, name) => {
        throw new Error(`${String(name)} is not to be loaded`);
      },
    });
    expect(() => main(sys, lookUpIn(OPTION_ROWS), bindDirectly, () => unexpected)).toThrow(Executed);
  });
});

describe('a note to people', () => {
  const PAUSED = 'tsenter: target runc:web (7) is paused: what runs in it stands still\n';
  const enter = (
    more: (sys: FakeSys) => void = () => undefined,
    words: readonly string[] = ['-t', 'web', 'sh'],
  ) =>
    run(words, (sys) => {
      sys.terminals.add(2);
      const stat = `7 (sh) S ${'0 '.repeat(18)}70 ${'0 '.repeat(10)}`;
      sys.addProcess(7, { own: ['net', 'mount'], cgroup: '0::/web\n' });
      sys.files.set('/proc/7/stat', { text: stat });
      for (const directory of ['/run', '/run/runc', '/run/runc/web']) sys.files.set(directory, {});
      const state = { init_process_pid: 7, init_process_start: 70 };
      sys.files.set('/run/runc/web/state.json', { text: JSON.stringify(state) });
      sys.files.set('/proc/self/mountinfo', { text: '31 24 0:27 / /cg rw - cgroup2 cgroup2 rw\n' });
      sys.files.set('/cg/web/cgroup.events', { text: 'frozen 1\n' });
      sys.files.set('/proc/7/ns/pid_for_children', { namespace: { type: 'pid', id: 'host' } });
      more(sys);
    });

  it('tells of a container that is paused', () => {
    expect(enter()).toMatchObject({ status: 'executed', stderr: PAUSED });
    expect(enter(undefined, ['-t', '7', '-a', 'sh'])).toMatchObject({ status: 'executed', stderr: '' });
  });

  it('is not for who calls this nsenter', () => {
    const called = (sys: FakeSys) => {
      sys.name = 'nsenter';
    };
    expect(enter(called)).toMatchObject({ status: 'executed', stderr: '' });
  });

  it.each([
    ['open file /proc/self/mountinfo', Errno.EACCES],
    ['read /proc/self/mountinfo', Errno.EFBIG],
    ['open file /cg/web/cgroup.events', Errno.EPERM],
    ['read /cg/web/cgroup.events', Errno.ENODEV],
    ['readlink /proc/7/ns/pid_for_children', Errno.ENAMETOOLONG],
    ['write 2', 5],
  ])('never fails an entry: %s, errno %i', (call, errno) => {
    expect(enter((sys) => sys.fail(call, errno))).toMatchObject({ status: 'executed' });
  });

  it('leaves nothing open', () => {
    const [told, failed] = [enter(), enter((sys) => sys.fail('read /proc/7/cgroup', Errno.ENODEV))];
    expect(failed).toMatchObject({ status: 'executed', stderr: '' });
    expect(failed.sys.stillOpen()).toEqual(told.sys.stillOpen());
  });
});

describe('a failure', () => {
  it.each([
    [
      ['-t', '8', '-n'],
      `\
tsenter: open target 8: No such process
`,
    ],
    [
      ['-n'],
      `\
tsenter: enter net namespace: no target PID specified
Name the process or the container: --target PID|NAME, or what it is of, behind a '=': --net=FILE.
`,
    ],
    [
      ['--frobnicate', '-t', '7', '-n'],
      `\
tsenter: parse option --frobnicate: unknown option
Try 'tsenter --help' for more information.
`,
    ],
    [
      ['-t7', '-t7', '-n'],
      `\
tsenter: parse option --target: may be given only once
Try 'tsenter --help' for more information.
`,
    ],
    [
      ['-t7', '-pm', 'sh'],
      `\
tsenter: open pid namespace m: No such file or directory
-pm is -p with the file 'm'; did you mean -p -m?
`,
    ],
  ])('%j: one message, status 1, nothing entered', (argv, stderr) => {
    const ran = run(argv);
    expect(ran).toMatchObject({ status: 1, stdout: '', stderr });
    expect(ran.sys.plan).toBeUndefined();
  });

  it('colours what it begins with and what is advised, not the message', () => {
    expect(run(['-n'], colour).stderr).toBe(
      '\x1b[31m\x1b[1mtsenter:\x1b[22m\x1b[39m enter net namespace: no target PID specified\n' +
        "\x1b[36mName the process or the container: --target PID|NAME, or what it is of, behind a '=': --net=FILE.\x1b[39m\n",
    );
  });

  it('is coloured where stderr is a terminal, whatever stdout is', () => {
    expect(run(['-n'], (sys) => sys.terminals.add(2)).stderr).toContain('\x1b[');
    expect(run(['-n'], (sys) => sys.terminals.add(1)).stderr).not.toContain('\x1b[');
  });

  it('keeps the letters of what it is about, and escapes what acts on a terminal or a log', () => {
    expect(run(['--net=/caf\xc3\xa9\x1b[2J\n\xff']).stderr).toBe(
      'tsenter: open net namespace /caf\xc3\xa9\\x1b[2J\\x0a\\xff: No such file or directory\n',
    );
  });

  it('has hints that are escaped as well', () => {
    const failing = (sys: FakeSys) =>
      sys.when('open process 7', () => {
        throw new TsenterError({ verb: 'open', object: 'x', cause: 'y', hint: 'Look at \x1b[2J\n.' });
      });
    expect(run(['-t7', '-n'], failing).stderr).toBe('tsenter: open x: y\nLook at \\x1b[2J\\x0a.\n');
  });

  it('of executing has its own status', () => {
    const ran = run(['-t7', '-n', 'nothing'], (sys) =>
      sys.when('run', () => {
        throw new TsenterError({ verb: 'execute', object: 'nothing', cause: 'not found', status: 127 });
      }),
    );
    expect(ran).toMatchObject({ status: 127, stderr: 'tsenter: execute nothing: not found\n' });
  });

  it('of a system call that nobody expected is a message as well', () => {
    const ran = run(['-t7', '-n', 'sh'], (sys) =>
      sys.when('run', () => {
        throw new SystemError(Errno.EACCES, 'execve');
      }),
    );
    expect(ran.status).toBe(1);
    expect(ran.stderr).toBe('tsenter: call execve: Permission denied\n');
  });

  it('that is a mistake of ours is not dressed up as a message', () => {
    const mistake = new RangeError('a mistake');
    const broken = (sys: FakeSys) =>
      sys.when('open process 7', () => {
        throw mistake;
      });
    expect(() => run(['-t7', '-n'], broken)).toThrow(mistake);
  });
});

describe('--help', () => {
  it.each([
    [['--help']],
    [['-h']],
    [['-a', '--help']],
    [['--help', '--frobnicate']],
    [['-h', '-t']],
    [['-t', 'nonsense', '-h']],
    [['-h', '--version']],
    [['-hV']],
    [['-hF', 'sh']],
    [['-h?']],
  ])('%j prints the options on stdout and does nothing else', (argv) => {
    const ran = run(argv);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout).toMatch(/^\nUsage:\n tsenter \[options\]/);
    expect(ran.sys.calls).toEqual(['write 1']);
  });

  it('does not win over what stands before it', () => {
    expect(run(['--frobnicate', '--help'])).toMatchObject({ status: 1, stdout: '' });
    expect(run(['-t1', '-t2', '--help'])).toMatchObject({ status: 1, stdout: '' });
    expect(run(['-t7', '-n', 'sh', '--help']).status).toBe('executed');
    expect(run(['-t7', '-n', '--', '--help']).status).toBe('executed');
  });

  it('colours headings on a terminal', () => {
    expect(run(['-h'], (sys) => sys.terminals.add(1)).stdout).toContain('\x1b[1mOptions:\x1b[22m');
    expect(run(['-h'], (sys) => sys.terminals.add(2)).stdout).not.toContain('\x1b[');
  });

  it('fails where it cannot be written', () => {
    const ran = run(['--help'], (sys) => sys.fail('write 1', 28));
    expect(ran.status).toBe(1);
    expect(ran.stderr).toBe('tsenter: call write 1: No space left on device\n');
  });
});

describe('--version', () => {
  const features = (prepare: (sys: FakeSys) => void) => {
    const ran = run(['-V', '--frobnicate'], prepare);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.sys.stillOpen()).toEqual([]);
    expect(ran.stdout).toMatch(/\ntried on: Linux 5\.10, .*\n$/);
    return ran.stdout.replace(/^tsenter [^\n]+\ncommit: [^\n]+\n/, '').replace(/tried on: .*\n$/, '');
  };

  it('begins as nsenter’s: the name, then the version', () => {
    expect(run(['--version']).stdout).toMatch(
      /^tsenter [0-9]+\.[0-9]+\.[0-9]+[^\n ]*\ncommit: 0123456789ab of 2026-01-02\nhost: node\nkernel: /,
    );
  });

  it('names what a new kernel has', () => {
    const text = features((sys) => {
      sys.release = '6.19.0';
      sys.addProcess(1);
      sys.files.set('/proc/self/mountinfo', { text: SELINUXFS });
    });
    expect(text).toMatchInlineSnapshot(`
      "host: node
      kernel: 6.19.0 (pidfd yes, pidfd inodes yes, namespace ids yes, SELinux yes)
      "
    `);
  });

  it('names what an old kernel has not', () => {
    const text = features((sys) => {
      sys.release = '4.4.0-31-generic';
      for (const type of ['cgroup', 'time']) sys.files.delete(`/proc/self/ns/${type}`);
      sys.fail('open process 1', Errno.ENOSYS);
    });
    const [host, kernel, notHere] = text.split('\n');
    expect([host, kernel]).toEqual([
      'host: node',
      'kernel: 4.4.0-31-generic (pidfd no, pidfd inodes no, namespace ids no, SELinux no)',
    ]);
    for (const { name, since } of Object.values(kernelFeatures))
      expect(notHere).toContain(`${name} (${since.join('.')})`);
  });

  it('names only what this one has not', () => {
    const text = features((sys) => {
      sys.release = '6.12.1';
    });
    expect(text).toContain('\nnot here: namespaces by :nsid (6.19)\n');
  });

  it('does without /proc', () => {
    const text = features((sys) => {
      sys.files.clear();
      sys.release = '6.9.0';
    });
    expect(text).toContain('(pidfd no, pidfd inodes yes, namespace ids no, SELinux no)');
  });
});

describe('--explain', () => {
  it('says what it could not see', () => {
    const ran = run(['-t', '7', '-n', '--explain', 'sh']);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.sys.plan).toBeUndefined();
    expect(ran.stdout).toMatch(/^target +process 7\n/);
    expect(ran.stdout).toMatch(/\n +cannot be told before: what the caller may do, /);
  });

  it('has what entering fails with as its verdict', () => {
    const ran = run(['-t', '8', '-n', '--explain=json', 'sh']);
    expect(ran).toMatchObject({ status: 1, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      version: 1,
      target: null,
      verdict: { enters: false, reason: 'open target 8: No such process' },
    });
  });

  it('has no words for what cannot be understood', () => {
    for (const argv of [
      ['--explain', '-n'],
      ['--explain=yaml', '-t', '7', '-n'],
    ])
      expect(run(argv)).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('--explain=steps', () => {
  it('shows each step with its reason, and enters nothing', () => {
    const ran = run([
      '-t',
      '7',
      '-n',
      '-p',
      '-r',
      '--wdns=/srv',
      '-S',
      '1000',
      '--explain=steps',
      'sh',
      '-c',
      'id',
    ]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.sys.plan).toBeUndefined();
    expect(ran.stdout).toMatchInlineSnapshot(`
      "seal                        go on as an image of this executable that nobody inside can overwrite
      undumpable                  hide this process from ptrace and /proc of whoever is inside
      terminal                    remember the controlling terminal, to hand it on and to take it back, and who started this process
      from=target 7               name where the next namespaces come from, for messages
      setns=10:net@11,pid@12      enter namespaces that were not entered yet
      forward-signals             hand on the signals that the waiting process gets
      fork                        fork: this process waits; its child, in the entered PID namespace, goes on
      die-with-parent=9           get this signal when the waiting parent dies
      chroot=13:that of target 7  change the root directory, and the working directory to its /
      chdir-inside=/srv           change the working directory to a path as it is found inside
      inside=/srv                 refuse a working directory that the root directory is not above
      session-keyring             leave the session keyring of the caller for a new one
      drop-groups                 drop the supplementary groups
      uid=1000                    set the user id, to a number or to the one that was remembered
      die-with-parent=9           get this signal when the waiting parent dies
      -- sh -c id                 execute the program
      "
    `);
  });

  it('shows the shells that would be tried', () => {
    const { stdout } = run(['-t', '7', '-n', '--explain=steps'], (sys) => {
      sys.environment.SHELL = '/bin/zsh';
    });
    const steps = stdout.split('\n').map((line) => line.split(' ')[0]);
    expect(steps.slice(3)).toEqual([
      'shell=/bin/zsh',
      'shell',
      'shell=/bin/bash',
      'shell=/bin/sh',
      'shell=/bin/ash',
      'shell=/usr/bin/bash',
      'shell=/usr/bin/sh',
      '--',
      '',
    ]);
  });

  it('finds the mistakes that entering would find', () => {
    expect(run(['--explain=steps', '-n'])).toMatchObject({ status: 1, stdout: '' });
    expect(run(['--explain=steps', '-t', '8', '-n'])).toMatchObject({
      status: 1,
      stderr: 'tsenter: open target 8: No such process\n',
    });
  });

  it('does the same work as entering, up to the end', () => {
    const explained = run(['-t7', '-a', '--explain=steps', 'sh']);
    const executed = run(['-t7', '-a', 'sh']);
    expect(explained.sys.calls).toEqual([...executed.sys.calls.slice(0, -1), 'write 1']);
    expect(executed.sys.calls[executed.sys.calls.length - 1]).toBe('run');
  });
});
