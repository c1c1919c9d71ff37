/** A target that has prepared its root, its environment or its /proc for whoever enters. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isExecutable, mustRun, nsenter, run, tsenter } from '../support/command.ts';
import {
  beforeProgram,
  enter,
  entered,
  holdAt,
  namespacesOf,
  probeInside,
  scratch,
  someone,
  tool,
} from '../support/enter.ts';
import { defaultEnv } from '../support/launch.ts';
import { parseProbe } from '../support/probe.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';

beforeAll(buildPrograms);

describe('PATH: a relative or empty entry would be looked up in a directory of the target', () => {
  const paths = [
    '',
    ':',
    '.',
    '::',
    './',
    'bin',
    '../bin',
    ':.:',
    '.:/nonexistent',
    '/nonexistent:',
    'x:/nonexistent',
  ];

  it.each(paths)('%j: nothing of there is executed', async (path) => {
    await using target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot', cwd: '/srv' });
    const root = `/proc/${target.pid}/root`;
    for (const directory of ['srv', 'srv/bin', 'bin', 'srv/x']) {
      mkdirSync(`${root}/${directory}`, { recursive: true });
      writeFileSync(`${root}/${directory}/tool`, '#!/bin/busybox sh\necho evil\n', { mode: 0o755 });
    }
    for (const options of [
      ['-m', '-w'],
      ['-m', '-p', '-W/srv'],
      ['-r', '-w'],
      ['-a', '-r', '-w'],
    ]) {
      const outcome = await enter(['-t', String(target.pid), ...options, 'tool'], { env: { PATH: path } });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.status).toBe(127);
    }
  });

  it('of the caller: tsenter itself executes nothing there', async () => {
    using files = scratch();
    for (const name of ['node', 'tsenter', 'true'])
      writeFileSync(`${files.path}/${name}`, '#!/bin/sh\necho evil\n', { mode: 0o755 });
    for (const path of [':/usr/bin:/bin', '.:/usr/bin:/bin', `x::${process.env.PATH}`]) {
      const outcome = await enter(['-u/proc/self/ns/uts', 'true'], { env: { PATH: path }, cwd: files.path });
      expect(outcome.stdout.toString()).toBe('');
      expect(outcome.status).toBe(0);
    }
  });

  it('an absolute entry behind them is found', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'pivot', cwd: '/srv' });
    const outcome = await enter(['-t', String(target.pid), '-m', 'echo', 'good'], {
      env: { PATH: ':.:x:/bin' },
    });
    expect(outcome.stdout.toString()).toBe('good\n');
  });

  it('nsenter executes it (so the attack bites)', async () => {
    await using target = await startTarget({ namespaces: ['mount'], root: 'pivot', cwd: '/srv' });
    writeFileSync(`/proc/${target.pid}/root/srv/tool`, '#!/bin/busybox sh\necho evil\n', { mode: 0o755 });
    const theirs = await run([nsenter, '-t', String(target.pid), '-m', '-w', 'tool'], { env: { PATH: ':' } });
    expect(theirs.stdout.toString()).toBe('evil\n');
  });

  it('the PATH of the target itself, with -e', async () => {
    await using target = await startTarget({
      namespaces: ['mount'],
      root: 'pivot',
      cwd: '/srv',
      env: { PATH: '.:' },
    });
    writeFileSync(`/proc/${target.pid}/root/srv/tool`, '#!/bin/busybox sh\necho evil\n', { mode: 0o755 });
    const outcome = await enter(['-t', String(target.pid), '-m', '-w', '-e', 'tool']);
    expect(outcome.stdout.toString()).toBe('');
    expect(outcome.status).toBe(127);
  });
});

describe('the environment of the target, with --env', () => {
  it('no loader of ours heeds it', async (context) => {
    if (!isExecutable('/usr/bin/cc')) mustRun('needs a C compiler', context);
    using files = scratch();
    const witness = `${files.path}/witness`;
    const source =
      '#include <fcntl.h>\n#include <unistd.h>\n' +
      `__attribute__((constructor)) static void evil(void) { close(open("${witness}", O_CREAT | O_WRONLY, 0600)); }\n`;
    writeFileSync(`${files.path}/evil.c`, source);
    tool('/usr/bin/cc', '-shared', '-fPIC', '-o', `${files.path}/evil.so`, `${files.path}/evil.c`);
    const env = {
      LD_PRELOAD: `${files.path}/evil.so`,
      LD_AUDIT: `${files.path}/evil.so`,
      LD_LIBRARY_PATH: files.path,
      GCONV_PATH: files.path,
      GLIBC_TUNABLES: 'glibc.malloc.check=3',
      NODE_OPTIONS: `--require ${files.path}/evil.js`,
      BASH_ENV: `${files.path}/evil.sh`,
      ENV: `${files.path}/evil.sh`,
      ASAN_OPTIONS: `log_path=${files.path}/asan`,
      TSENTER_INHERITED: '0000000000000000:0000000000000000:1:0,1,2,3,4,5,6,7,8,9',
    };
    writeFileSync(
      `${files.path}/evil.js`,
      `require('node:fs').writeFileSync(${JSON.stringify(witness)}, '')`,
    );
    writeFileSync(`${files.path}/evil.sh`, `: > ${witness}\n`);
    await using target = await startTarget({ namespaces: ['uts', 'pid'], env });
    for (const options of [['-u'], ['-p', '-u'], ['-a', '-r', '-w', '-c']]) {
      const words = ['-t', String(target.pid), ...options];
      await using held = await holdAt(beforeProgram, [...words, program('true')]);
      const maps = readFileSync(`/proc/${held.pid}/maps`, 'utf8');
      if (maps.includes('libasan'))
        context.skip('the sanitized build is dynamic: it needs its own libraries');
      expect(maps).not.toMatch(/\.so\b/);
      expect((await held.go()).status).toBe(0);
      // The probe is static: whoever would load the library is tsenter.
      const report = await probeInside([...words, '-e']);
      expect(report.env).toContain(`LD_PRELOAD=${env.LD_PRELOAD}`);
      expect(existsSync(witness)).toBe(false);
    }
    // It bites where there is a loader.
    await enter(['-t', String(target.pid), '-u', '-e', '/bin/true']);
    expect(existsSync(witness)).toBe(true);
  });

  it('a variable of ours in it is only a variable', async () => {
    const env = { TSENTER_INHERITED: 'ffffffffffffffff:ffffffffffffffff:3:0,1,2,9' };
    await using target = await startTarget({ namespaces: ['uts'], env });
    const report = await probeInside(['-t', String(target.pid), '-u', '-e']);
    expect(report.signals).toEqual({
      blocked: '0'.repeat(16),
      ignored: '0'.repeat(16),
      pending: '0'.repeat(16),
    });
    expect(report.rlimits.nofile?.[0]).toBe(1024);
  });

  it('a variable of ours in the environment of the caller is overwritten', async () => {
    const env = { ...defaultEnv, TSENTER_INHERITED: 'ffffffffffffffff:ffffffffffffffff:3:0,1,2,9' };
    const report = await probeInside(['-w/'], { env });
    expect(report.signals).toEqual({
      blocked: '0'.repeat(16),
      ignored: '0'.repeat(16),
      pending: '0'.repeat(16),
    });
    expect(report.rlimits.nofile?.[0]).toBe(1024);
  });
});

describe('a /proc that the target has made up', () => {
  it('is neither read nor written', async () => {
    await using target = await startTarget({
      namespaces: ['mount', 'pid', 'uts'],
      root: 'pivot',
      cwd: '/srv',
    });
    const t = String(target.pid);
    tool(nsenter, '-t', t, '-m', '/bin/busybox', 'mount', '-t', 'tmpfs', 'fake', '/proc');
    const proc = `/proc/${t}/root/proc`;
    const entries = [
      'attr/exec',
      'attr/current',
      'environ',
      'cgroup',
      'status',
      'uid_map',
      'setgroups',
      'oom_score_adj',
    ];
    for (const who of ['self', 'thread-self', '1', '2', '3', '4', '5']) {
      for (const directory of ['attr', 'ns', 'fd'])
        mkdirSync(`${proc}/${who}/${directory}`, { recursive: true });
      for (const entry of entries) writeFileSync(`${proc}/${who}/${entry}`, 'made up');
      for (const name of readdirSync('/proc/self/ns')) symlinkSync(`made:[1]`, `${proc}/${who}/ns/${name}`);
    }
    const expected = entered(namespacesOf(target.pid), ['mount', 'pid', 'uts']);
    for (const options of [
      ['-a'],
      ['-m', '-p', '-u', '-r', '-w', '-c', '-e', '-S', 'follow', '-G', 'follow', '-Z'],
    ]) {
      const outcome = await enter(['-t', t, ...options, '/probe']);
      expect(outcome.stderr.toString()).toBe('');
      const report = parseProbe(outcome.stdout);
      expect(report?.ns).toEqual(expected);
      expect(report).toMatchObject({ uid: 0, gid: 0 });
    }
    for (const who of ['self', 'thread-self', '1'])
      for (const entry of entries) expect(readFileSync(`${proc}/${who}/${entry}`, 'utf8')).toBe('made up');
  });

  it('or has not', async () => {
    await using target = await startTarget({ namespaces: ['mount', 'pid', 'uts'], root: 'no-proc' });
    const report = await probeInside(['-t', String(target.pid), '-a', '-r', '-w', '-c', '-e'], {
      probe: '/probe',
    });
    expect(report.ns).toEqual(entered(namespacesOf(target.pid), ['mount', 'pid', 'uts']));
  });
});

describe('the passwd file of the target', () => {
  it('may change all the time: the shell is started, each time, and none waits', {
    timeout: 120_000,
  }, async () => {
    await using target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
    const etc = `/proc/${target.pid}/root/etc`;
    writeFileSync(`${etc}/good`, 'root:x:0:0::/:/bin/sh\n');
    const kinds = [
      () => tool('mkfifo', `${etc}/next`),
      () => symlinkSync('/dev/zero', `${etc}/next`),
      () => symlinkSync('good', `${etc}/next`),
      () => symlinkSync('../../../../../../etc/passwd', `${etc}/next`),
      () => mkdirSync(`${etc}/next`),
      () => writeFileSync(`${etc}/next`, 'root:x:0:0::/:/bin/'.repeat(10_000)),
      () => writeFileSync(`${etc}/next`, '\0'.repeat(10_000)),
    ];
    for (const make of kinds) {
      rmSync(`${etc}/passwd`, { recursive: true, force: true });
      make();
      renameSync(`${etc}/next`, `${etc}/passwd`);
      const outcome = await enter(['-t', String(target.pid), '-m', '-p'], {
        env: { PATH: '/bin' },
        stdin: 'echo "$0"; exit 7\n',
      });
      expect(outcome.stdout.toString()).toBe('-sh\n');
      expect(outcome).toMatchObject({ status: 7, signal: null });
    }
  });

  it('of the host is not what is read', async () => {
    await using target = await startTarget({ namespaces: ['mount', 'pid'], root: 'pivot' });
    const root = `/proc/${target.pid}/root`;
    symlinkSync('busybox', `${root}/bin/ash`);
    writeFileSync(`${root}/etc/passwd`, 'root:x:0:0::/:/bin/ash\n');
    for (const options of [['-m', '-p'], ['-r']]) {
      const outcome = await enter(['-t', String(target.pid), ...options], { env: {}, stdin: 'echo "$0"\n' });
      expect(outcome.stdout.toString()).toBe('-ash\n');
    }
  });
});

describe('our executables', () => {
  /** Everything that is beside the command, where that is a file of ours. */
  const executables = (): string[] => {
    const command = realpathSync(tsenter);
    const directories = [dirname(command), `${dirname(dirname(command))}/helper`].filter((path) =>
      existsSync(path),
    );
    return directories.flatMap((directory) =>
      readdirSync(directory)
        .map((name) => `${directory}/${name}`)
        .filter((path) => statSync(path).isFile()),
    );
  };

  it('have no set-id bits, and nobody but their owner may write them', () => {
    expect(executables().length).toBeGreaterThan(0);
    for (const path of executables()) expect(statSync(path).mode & 0o6022).toBe(0);
  });

  it('have no file capabilities', (context) => {
    const script = `PATH=$PATH:/usr/sbin:/sbin; command -v getcap >/dev/null || exit 99; getcap "$@"`;
    const { status, stdout } = spawnSync('/bin/sh', ['-c', script, 'sh', ...executables()], {
      encoding: 'utf8',
    });
    if (status === 99) mustRun('needs getcap(8)', context);
    expect(status).toBe(0);
    expect(stdout).toBe('');
  });

  it.for(['node/tsenter', 'helper/tsenter-helper', 'native/tsenter'])(
    '%s: a copy that was made set-id refuses to run',
    async (file, context) => {
      if (!existsSync(`${repository}/dist/${file}`)) mustRun(`${file} was not built`, context);
      // Nobody else is to find it while it exists.
      const copy = mkdtempSync('/var/tmp/tsenter-set-id-');
      try {
        const command = `${copy}/tsenter`;
        cpSync(`${repository}/dist/${file}`, command);
        chownSync(copy, someone, someone);
        execFileSync('chmod', ['u+s', command]);
        const outcome = await run([command, '-w/', 'echo', 'executed'], { uid: someone, gid: someone });
        expect(outcome.stdout.toString()).toBe('');
        expect(outcome.stderr.toString()).toMatch(
          /^tsenter: run set-id executable: Operation not permitted\n[^\n]+ --inh-caps and --ambient-caps [^\n]+\n$/,
        );
        expect(outcome.status).toBe(1);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  );
});
