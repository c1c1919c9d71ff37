/** Containers by name that are paused, have ended, are another user's or somebody else's: with real runc and podman. */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, tsenter } from '../support/command.ts';
import { type Scratch, scratch, stateOf, until } from '../support/enter.ts';
import { startTerminal } from '../support/terminal.ts';
import { Container } from './container.ts';

const someone = 1234;
const env = { PATH: process.env.PATH ?? '' };
const reason =
  process.getuid?.() !== 0
    ? 'needs root'
    : Container.missing('runc').length > 0
      ? 'runc is not installed'
      : undefined;

function run(words: readonly string[], options: object = {}): string {
  const [file = '', ...rest] = words;
  const { status, stdout, stderr } = spawnSync(file, rest, {
    env,
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return `${status} ${stdout}${stderr}`.trimEnd();
}

if (reason !== undefined) {
  it.skipIf(!mustRun(reason))(`containers by name: ${reason}`, () => undefined);
} else {
  let container: Container;

  beforeAll(() => {
    container = new Container('runc');
  });
  afterAll(() => container?.down());

  it('one that is paused is entered, and on a terminal that is said', async () => {
    expect(run(['runc', 'pause', container.name])).toBe('0');
    try {
      expect(run([tsenter, '-t', container.name, 'hostname'])).toBe('0 in-runc');
      expect(run([tsenter, '-t', container.name, '-c', 'hostname'])).toMatch(/^1 .*: the cgroup is frozen\n/);
      await using terminal = startTerminal([tsenter, '-t', container.name, 'hostname']);
      await terminal.waitFor('in-runc');
      expect(terminal.output).toContain(
        `tsenter: target runc:${container.name} (${container.pid}) is paused: what runs in it stands still`,
      );
    } finally {
      run(['runc', 'resume', container.name]);
    }
    await using terminal = startTerminal([tsenter, '-t', container.name, 'hostname']);
    await terminal.waitFor('in-runc');
    expect(terminal.output).not.toContain('paused');
  });

  describe('another user’s', () => {
    let home: Scratch;
    const words = (...program: string[]) => [tsenter, '-t', 'rootless', ...program];
    const asSomeone = (runtime: string) => ({
      uid: someone,
      gid: someone,
      env: { ...env, HOME: home.path, XDG_RUNTIME_DIR: runtime },
    });

    beforeAll(() => {
      home = scratch();
      chmodSync(home.path, 0o755);
      const bundle = `${home.path}/bundle`;
      cpSync(`${container.lab}/rootfs`, `${bundle}/rootfs`, { recursive: true, verbatimSymlinks: true });
      mkdirSync(`${home.path}/run`);
      for (const directory of ['', '/bundle', '/run', '/bundle/rootfs'])
        chownSync(`${home.path}${directory}`, someone, someone);
      const spec = run(['runc', 'spec', '--rootless', '-b', bundle], asSomeone(`${home.path}/run`));
      if (spec !== '0') throw new Error(spec);
      const config = JSON.parse(readFileSync(`${bundle}/config.json`, 'utf8'));
      Object.assign(config.process, { terminal: false, args: ['/bin/sleep', '1800'], rlimits: [] });
      config.hostname = 'in-rootless';
      writeFileSync(`${bundle}/config.json`, JSON.stringify(config));
      const start = ['runc', '--root', `${home.path}/run/runc`, 'run', '-d', '-b', bundle, 'rootless'];
      const started = run(start, { ...asSomeone(`${home.path}/run`), stdio: 'ignore' });
      if (!started.startsWith('0')) throw new Error(started);
    });

    afterAll(() => {
      run(['runc', '--root', `${home.path}/run/runc`, 'delete', '-f', 'rootless']);
      home?.[Symbol.dispose]();
    });

    it('is entered by who owns it, whole, its user namespace too', () => {
      const enter = (...program: string[]) => run(words(...program), asSomeone(`${home.path}/run`));
      expect(enter('hostname')).toBe('0 in-rootless');
      expect(enter('id', '-u')).toBe('0 0');
      expect(enter('sh', '-c', 'ls /proc | grep -c "^[0-9]"')).toMatch(/^0 [234]$/);
    });

    it('is not another’s to find', () => {
      expect(run(words('hostname'))).toMatch(/^1 tsenter: parse target 'rootless'/);
      const elsewhere = asSomeone('/nonexistent');
      expect(run(words('hostname'), elsewhere)).toMatch(/^1 tsenter: parse target 'rootless'/);
    });

    it('is not entered by root who has its owner’s variables: that one would say what is entered', () => {
      const options = { env: { ...env, XDG_RUNTIME_DIR: `${home.path}/run` } };
      expect(run(words('hostname'), options)).toBe(
        "1 tsenter: parse target 'rootless': not a process id, and no container has this name\n" +
          `What could not be looked at: ${home.path}/run: it belongs to user id ${someone}.`,
      );
    });

    it('is told that root’s may not be looked at', () => {
      const seen = run([tsenter, '-t', `runc:${container.name}`, 'hostname'], asSomeone(`${home.path}/run`));
      expect(seen).toMatch(
        /^1 tsenter: parse target 'runc:.*': runc has nothing of this name\nWhat could not be looked at: \/run\/runc: Permission denied\.$/,
      );
    });
  });

  // Last: there is no container after it.
  it('one whose process has ended, which runc has not written down, is said to be stopped', async () => {
    process.kill(container.pid, 'SIGKILL');
    await until('its end', () => ['Z', undefined].includes(stateOf(container.pid)));
    expect(readdirSync('/run/runc')).toContain(container.name);
    expect(run([tsenter, '-t', container.name, 'hostname'])).toBe(
      `1 tsenter: enter target '${container.name}': it does not run\n` +
        `runc:${container.name} is stopped: its process ${container.pid} has ended.`,
    );
  });
}
