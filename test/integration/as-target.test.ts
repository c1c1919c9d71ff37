/** --as-target: each aspect by itself and all of them, against what the kernel tells of the target. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASPECTS, type Aspect } from '../../src/request/controls.ts';
import { run, tsenter } from '../support/command.ts';
import {
  type Actor,
  enter,
  messageFormat,
  scratch,
  someone,
  startActor,
  stateOf,
  until,
} from '../support/enter.ts';
import { defaultCwd, defaultEnv } from '../support/launch.ts';
import { FIELDS, lookAt, type ProcessLook } from '../support/process-look.ts';
import { buildPrograms, program } from '../support/programs.ts';

beforeAll(buildPrograms);

/** Words that make whatever follows odd in every aspect, without a change of root. */
const ODD = [
  ...[
    'unshare',
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    'sh',
    '-c',
    'umask 027; cd /usr/share; exec "$@"',
    'sh',
  ],
  ...[
    'choom',
    '-n',
    '700',
    '--',
    'nice',
    '-n',
    '5',
    'ionice',
    '-c',
    '3',
    'taskset',
    '1',
    'chrt',
    '--batch',
    '0',
  ],
  ...[
    'prlimit',
    '--nofile=300:400',
    '--core=0:0',
    '--nproc=5000:5000',
    'env',
    '-i',
    'PATH=/usr/bin:/bin',
    'MARK=theirs',
  ],
  ...['setpriv', '--reuid', '1000', '--regid', '1001', '--groups', '27,44', '--no-new-privs'],
  ...[
    '--inh-caps',
    '-all,+net_raw',
    '--ambient-caps',
    '-all,+net_raw',
    '--bounding-set',
    '-all,+chown,+net_raw',
  ],
];

/** Executes `sleep` with these options and looks at it from the host. */
async function lookInside(words: readonly string[], under: readonly string[] = []): Promise<ProcessLook> {
  const [command = '', ...rest] = [...under, tsenter, ...words, '/bin/sleep', '1000'];
  const child = spawn(command, rest, {
    cwd: defaultCwd,
    env: { ...defaultEnv, MARK: 'callers' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  let look: ProcessLook;
  child.stderr.on('data', (part) => {
    said += part;
  });
  const isSleep = (pid: number) => {
    try {
      return readFileSync(`/proc/${pid}/comm`, 'latin1') === 'sleep\n' && stateOf(pid) === 'S';
    } catch {
      return false;
    }
  };
  const found = () => [child.pid ?? 0, ...childrenOf(child.pid ?? 0)].find(isSleep);
  try {
    await until(`a program runs: ${said}`, () => child.exitCode !== null || found() !== undefined);
    const pid = found();
    if (pid === undefined) throw new Error(`tsenter ended: ${said}`);
    look = lookAt(pid);
  } finally {
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
  }
  return { ...look, said };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number);
  } catch {
    return [];
  }
}

/** What changes with an aspect although it is another's: ids take groups and capabilities with them (credentials(7), capabilities(7)). */
const MOVED: Partial<Record<Aspect, readonly string[]>> = {
  namespaces: ['root', 'cwd'],
  root: ['cwd'],
  ids: ['Groups', 'CapAmb'],
};

describe('a target that is odd in every aspect', () => {
  let target: Actor;
  let theirs: ProcessLook;
  let plain: ProcessLook;
  let t: string[];
  let cgroup: string;

  beforeAll(async () => {
    const [first = '', ...words] = ODD;
    target = await startActor([...words, program('actor'), 'stay'], {}, `/usr/bin/${first}`);
    cgroup = `${mountpointOfCgroup()}/tsenter-as-target-${process.pid}`;
    mkdirSync(cgroup);
    writeFileSync(`${cgroup}/cgroup.procs`, String(target.number));
    theirs = lookAt(target.number);
    t = ['-t', String(target.number)];
    plain = await lookInside([...t, '-u', '-m']);
  });
  afterAll(async () => {
    await target?.stop();
    await until('its cgroup is empty', () => {
      try {
        rmdirSync(cgroup);
        return true;
      } catch {
        return false;
      }
    });
  });

  const fieldsOf = (aspect: Aspect) => Object.keys(FIELDS).filter((field) => FIELDS[field] === aspect);

  it('differs from the caller in each', () => {
    const alike = Object.keys(FIELDS).filter((field) => theirs[field] === plain[field]);
    // Of these the target has what the caller has.
    expect(alike).toEqual(['uts', 'root', 'Seccomp']);
  });

  const silent: readonly Aspect[] = ['seccomp', 'keyring', 'fds', 'session', 'label', 'root'];

  it.each(ASPECTS.filter((aspect) => !silent.includes(aspect)))(
    '%s alone, and nothing else',
    async (aspect) => {
      const look = await lookInside([...t, '-u', '-m', `--as-target=${aspect}`]);
      expect(look.said).toBe('');
      const own = fieldsOf(aspect);
      expect(own.length).toBeGreaterThan(0);
      const moved = MOVED[aspect] ?? [];
      for (const field of Object.keys(FIELDS))
        if (own.includes(field)) expect([field, look[field]]).toEqual([field, theirs[field]]);
        else if (!moved.includes(field)) expect([field, look[field]]).toEqual([field, plain[field]]);
    },
  );

  it.each(ASPECTS.filter((aspect) => !silent.includes(aspect)))('all but %s', async (aspect) => {
    const look = await lookInside([...t, '-u', '-m', `--as-target=-${aspect}`]);
    for (const field of Object.keys(FIELDS))
      if (FIELDS[field] !== aspect && !(aspect === 'ids' && FIELDS[field] === 'caps'))
        expect([field, look[field]]).toEqual([field, theirs[field]]);
    const other = fieldsOf(aspect).filter((field) => look[field] !== theirs[field]);
    expect(other.length).toBeGreaterThan(0);
  });

  it('all of it, in a session of its own', async () => {
    const look = await lookInside([...t, '--as-target']);
    expect(look.said).toBe('');
    for (const field of Object.keys(FIELDS)) expect([field, look[field]]).toEqual([field, theirs[field]]);
    expect(look.session).toBe('true');
    expect(look.descriptors).toBe('0 1 2');
    expect(plain.session).toBe('false');
  });

  it('strict says nothing where all can be taken', async () => {
    const look = await lookInside([...t, '--as-target=strict']);
    expect(look.said).toBe('');
  });

  it('what is said beside counts', async () => {
    const words = ['--umask', '077', '-S', '0', '-w/tmp', '--preserve-fds', '1', '--caps', 'chown'];
    const look = await lookInside([...t, '--as-target', ...words]);
    expect(look).toMatchObject({
      Umask: '0077',
      cwd: '/tmp',
      CapBnd: '0000000000000001',
      Gid: theirs.Gid,
      MARK: 'MARK=theirs',
    });
    expect(look.Uid).toMatch(/^0\s0\s0\s0$/);
  });

  it('another user has not the groups of the target', async () => {
    for (const words of [
      ['-S', '5'],
      ['-S', '5:6'],
      ['-G', '6'],
    ])
      expect((await lookInside([...t, '--as-target', ...words])).Groups).toBe('');
    expect((await lookInside([...t, '--as-target', '-S', '5', '--groups', 'follow'])).Groups).toBe('27 44');
  });

  it('each --caps changes what those before it have left', async () => {
    const look = await lookInside([...t, '--as-target', '-S', '0', '--caps', 'none', '--caps', '+net_raw']);
    expect(look.CapBnd).toBe('0000000000002000');
  });

  it('what goes to a file is as it was written, though the input is a terminal', async () => {
    const { stdout } = await run(
      [
        '/usr/bin/script',
        '-qec',
        `${tsenter} -t ${target.number} --as-target printf 'a\\nb\\n' > /dev/stderr`,
        '/dev/null',
      ],
      { timeout: 60_000 },
    );
    expect(stdout.toString()).not.toContain('\r\r');
  });

  it.each(['sh -c "exit 7"', '/bin/false', 'nosuch'])('ends as the program does: %s', async (line) => {
    const words = line === 'sh -c "exit 7"' ? ['sh', '-c', 'exit 7'] : [line];
    const { status } = await enter([...t, '--as-target', ...words]);
    expect(status).toBe(line.startsWith('sh') ? 7 : line === 'nosuch' ? 127 : 1);
  });

  it('--no-fork has no session of its own, and says so', async () => {
    const look = await lookInside([...t, '--as-target', '--no-fork']);
    expect(look.said).toBe(
      `tsenter: leave out session of target ${target.number}: without a fork there is none to be begun\n`,
    );
    expect(look.Uid).toBe(theirs.Uid);
  });

  it.each([
    ['-r/nosuch', 'open root directory /nosuch: No such file or directory'],
    ['-w/nosuch', 'open working directory /nosuch: No such file or directory'],
  ])('%s, which is asked for by itself, is not left out', async (word, message) => {
    const outcome = await enter([...t, '--as-target', word, 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString().split('\n')[0]).toBe(`tsenter: ${message}`);
  });

  it('a root that is asked for by itself, without the right to change it, is not left out', async () => {
    const under = ['/usr/bin/setpriv', '--bounding-set=-sys_chroot', '--inh-caps=-sys_chroot'];
    const words = ['--as-target=ids,root', '-u', '-r/tmp', 'echo', 'executed'];
    const outcome = await run([...under, tsenter, ...t, ...words], { timeout: 60_000 });
    expect(outcome.status).toBe(1);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(
      /^tsenter: change root directory .*: Operation not permitted\n/,
    );
  });

  it('strict and something that is not to be had: nothing is entered', async () => {
    const outcome = await enter([...t, '--as-target=strict', '--no-fork', 'echo', 'executed']);
    expect(outcome).toMatchObject({ status: 1, signal: null });
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.stderr.toString()).toMatch(messageFormat);
    expect(outcome.stderr.toString()).toBe(
      `tsenter: take session of target ${target.number}: without a fork there is none to be begun\n`,
    );
  });

  describe('what the caller may not have', () => {
    const missing = async (under: readonly string[], aspects = '') => {
      const outcome = await run([...under, tsenter, ...t, '-u', `--as-target=${aspects}`, 'true'], {
        timeout: 60_000,
      });
      expect(outcome.status).toBe(0);
      return outcome.stderr.toString();
    };

    it('more than its hard limit, without CAP_SYS_RESOURCE', async () => {
      const under = [
        '/usr/bin/prlimit',
        '--nofile=100:200',
        '/usr/bin/setpriv',
        '--bounding-set',
        '-sys_resource',
        '--inh-caps',
        '-sys_resource',
      ];
      expect(await missing(under, 'limits')).toBe(
        `tsenter: leave out limit of open files of target ${target.number}: it is more than the caller's, who lacks CAP_SYS_RESOURCE\n`,
      );
    });

    it('a lower score, without CAP_SYS_RESOURCE', async () => {
      const under = [
        '/usr/bin/choom',
        '-n',
        '900',
        '--',
        '/usr/bin/setpriv',
        '--bounding-set',
        '-sys_resource',
        '--inh-caps',
        '-sys_resource',
      ];
      expect(await missing(under, 'oom')).toBe(
        `tsenter: leave out oom_score_adj of target ${target.number}: it is less than the caller's, who lacks CAP_SYS_RESOURCE\n`,
      );
    });

    it('a lower nice value, without CAP_SYS_NICE', async () => {
      const under = [
        '/usr/bin/nice',
        '-n',
        '9',
        '/usr/bin/setpriv',
        '--bounding-set',
        '-sys_nice',
        '--inh-caps',
        '-sys_nice',
      ];
      expect(await missing(under, 'sched')).toBe(
        `tsenter: leave out nice value of target ${target.number}: it is less than the caller's, who lacks CAP_SYS_NICE\n`,
      );
    });

    it('a capability that it has not', async () => {
      const under = ['/usr/bin/setpriv', '--bounding-set', '-net_raw', '--inh-caps', '-net_raw'];
      expect(await missing(under, 'caps')).toBe(
        `tsenter: leave out capabilities CAP_NET_RAW of target ${target.number}: the caller has them not\n`,
      );
    });
  });

  it('is refused to who may not look at the target', async () => {
    const outcome = await enter([...t, '--as-target', 'true'], { uid: someone, gid: someone });
    expect(outcome.status).toBe(1);
    expect(outcome.stderr.toString()).toMatch(messageFormat);
  });
});

describe('words that are none', () => {
  it.each([
    ['--as-target=nosuch', "parse aspect 'nosuch' of --as-target: not known"],
    ['--as-target=caps,', "parse aspect '' of --as-target: not known"],
    ['--as-target=-', "parse aspect '-' of --as-target: not known"],
    [
      '--as-target=-env,cgroup',
      "parse aspects '-env,cgroup' of --as-target: some have a sign, and some have none",
    ],
    [
      '--as-target=+seccomp,env',
      "parse aspects '+seccomp,env' of --as-target: some have a sign, and some have none",
    ],
    [
      '--caps=-chown,kill',
      "parse capabilities '-chown,kill' of --caps: some have a sign, and some have none",
    ],
    ['--caps=nosuch', "parse capability 'nosuch' of --caps: not known"],
    ['--caps=+', "parse capability '' of --caps: not known"],
    ['--umask=8', "parse value '8' of --umask: not an octal number up to 777"],
    ['--umask=1000', "parse value '1000' of --umask: not an octal number up to 777"],
    ['--preserve-fds=x', "parse value 'x' of --preserve-fds: not a number"],
  ])('%s', async (word, message) => {
    const { status, stderr } = await enter(['-t', '1', '-u', word, 'true']);
    expect(status).toBe(1);
    expect(stderr.toString().split('\n')[0]).toBe(`tsenter: ${message}`);
  });

  it('a list by which nothing is entered executes nothing here', async () => {
    const { status, stdout, stderr } = await enter([
      '-t',
      String(process.pid),
      '--as-target=caps,env',
      'echo',
      'executed',
    ]);
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString()).toMatch(/^tsenter: enter target \d+: no namespace specified\n/);
  });

  it('aspects that are taken for the program are recognised', async () => {
    const { stderr } = await enter(['--as-target', 'caps,env', 'true']);
    expect(stderr.toString()).toBe(
      "tsenter: enter as the target: no target PID specified\ncaps,env is taken for the program: the value of --as-target needs a '=': --as-target=caps,env\n",
    );
  });

  it('without a target there is none to be as', async () => {
    using files = scratch();
    const { status, stderr } = await enter([`-r${files.path}`, '--as-target=caps', 'true']);
    expect([status, stderr.toString()]).toEqual([
      1,
      'tsenter: enter as the target: no target PID specified\nName the process or the container: --target PID|NAME.\n',
    ]);
  });
});

function mountpointOfCgroup(): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((text) => text.includes(' - cgroup2 '));
  return line?.split(' ')[4] ?? '/sys/fs/cgroup';
}
