import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { stateOf, until } from '../support/enter.ts';
import { enterByName, views } from './by-name.ts';
import { Container, engines, type Namespaces, namespaces } from './container.ts';
import { enter, hold, hostOnly, output } from './enter.ts';

// What each option enters, and so what must be the target's afterwards. The rest must stay the host's.
const single = {
  '-m': 'mnt',
  '-u': 'uts',
  '-i': 'ipc',
  '-n': 'net',
  '-p': 'pid',
  '-C': 'cgroup',
  '-T': 'time',
};

/** The namespaces of `host` with these of `target`: what an entered program must have. */
function mixed(host: Namespaces, target: Namespaces, ...names: string[]): Namespaces {
  const both = names.flatMap((name) => [name, `${name}_for_children`]).filter((name) => name in target);
  return { ...host, ...Object.fromEntries(both.map((name) => [name, target[name] ?? ''])) };
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

function unavailable(engine: string): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  const missing = Container.missing(engine);
  return missing.length > 0 ? `not installed: ${missing.join(', ')}` : undefined;
}

for (const { name: engine, user } of engines) {
  const reason = unavailable(engine);
  if (reason !== undefined) {
    it(`${engine} is here`, (context) => void mustRun(`${engine}: ${reason}`, context));
    continue;
  }

  describe(engine, () => {
    let container: Container;
    let t: string[];
    let host: Namespaces;
    let target: Namespaces;
    let cgroup: string;

    beforeAll(() => {
      host = namespaces('self');
      cgroup = readFileSync('/proc/self/cgroup', 'utf8');
      container = new Container(engine);
      t = ['-t', String(container.pid)];
      target = namespaces(container.pid);
    });
    afterAll(() => container?.down());

    it('is a container of its own', () => {
      for (const name of ['mnt', 'uts', 'ipc', 'net', 'pid']) expect(target[name]).not.toBe(host[name]);
      expect(target.user !== host.user).toBe(user ?? false);
    });

    it('-p -m shows its root and its processes', () => {
      const [os, pid, first, ...seen] = lines(
        output(
          ...t,
          '-p',
          '-m',
          'sh',
          '-c',
          'cat /etc/os-release | head -1; echo $$; cat /proc/$$/comm; ls /proc',
        ),
      );
      expect(os).toBe('NAME=bb');
      expect(first).toBe('sh');
      const pids = seen.filter((entry) => /^\d+$/.test(entry));
      expect(pids).toContain('1');
      expect(pids).toContain(pid);
      expect(pids.length).toBeLessThan(8);
    });

    it('-a enters every namespace', async () => {
      const held = await hold([...t, '-a']);
      expect(namespaces(held.pid)).toEqual(target);
      expect(held.forked).toBe(true);
      expect(await held.release()).toEqual({ status: 0, signal: null, stdout: 'here\n', stderr: '' });
    });

    it('-a shows the container to the program', () => {
      const [name, folder, ...network] = lines(
        output(...t, '-a', 'sh', '-c', 'hostname; pwd; tail -n +3 /proc/net/dev'),
      );
      expect(name).toBe(`in-${engine}`);
      expect(folder).toBe('/');
      for (const device of network)
        expect(readFileSync('/proc/net/dev', 'utf8').split('\n')).not.toContain(device);
    });

    it.each(Object.entries(single))('%s enters the %s namespace and no other', async (option, name) => {
      const held = await hold([...t, option]);
      expect(namespaces(held.pid)).toEqual(mixed(host, target, name));
      expect(held.forked).toBe(name === 'pid');
      expect((await held.release()).status).toBe(0);
    });

    it('-p forks: the program itself is in the pid namespace', () => {
      const links = ['/proc/self/ns/pid', '/proc/self/ns/pid_for_children'];
      expect(lines(output(...t, '-p', 'readlink', ...links))).toEqual([target.pid, target.pid]);
    });

    it('-p --no-fork: only its children are', async () => {
      const links = ['/proc/self/ns/pid', '/proc/self/ns/pid_for_children'];
      expect(lines(output(...t, '-p', '--no-fork', 'readlink', ...links))).toEqual([host.pid, target.pid]);
      const held = await hold([...t, '-p', '--no-fork']);
      expect(held.forked).toBe(false);
      expect((await held.release()).status).toBe(0);
    });

    it('-m -u -n hostname', () => {
      expect(output(...t, '-m', '-u', '-n', 'hostname')).toBe(`in-${engine}`);
    });

    it('passes the exit status on', () => {
      for (const status of [0, 1, 42, 255]) {
        expect(enter(...t, '-a', 'sh', '-c', `exit ${status}`)).toMatchObject({ status, stderr: '' });
      }
      expect(enter(...t, '-a', '/nowhere').status).toBe(127);
      expect(enter(...t, '-a', '/etc/passwd').status).toBe(126);
      expect(enter(...t, '-m', '-p', 'sh', '-c', 'kill -s TERM $$')).toMatchObject({
        status: null,
        signal: 'SIGTERM',
      });
    });

    it.each([
      [['-r'], '/'],
      [['-r', '-w'], '/home/app'],
      [['-r', '-W/tmp'], '/tmp'],
      [['-m', '-r'], '/'],
      [['-m', '-w'], '/home/app'],
      [['-m', '-r', '-w'], '/home/app'],
      [['-m', '-W/tmp'], '/tmp'],
      [['-m', '-r', '-W/tmp'], '/tmp'],
    ])('%j: root and working directory', (options, folder) => {
      const [os, here] = lines(output(...t, ...options, 'sh', '-c', 'head -1 /etc/os-release; pwd'));
      expect(os).toBe('NAME=bb');
      expect(here).toBe(folder);
    });

    it('-w alone: only the working directory', () => {
      // No shell: its getcwd fails, for the directory cannot be reached from the host's root.
      const { dev, ino } = statSync(`/proc/${container.pid}/cwd`);
      expect(output(...t, '-w', 'stat', '-c', '%d:%i', '.')).toBe(`${dev}:${ino}`);
      expect(output(...t, '-w', 'cat', '/etc/os-release')).toBe(
        readFileSync('/etc/os-release', 'utf8').trimEnd(),
      );
    });

    it('-e gives the environment of the target', () => {
      const environ = container
        .read('environ')
        .split('\0')
        .filter((entry) => entry !== '');
      const entered = lines(output(...t, '-e', '/usr/bin/env'));
      expect(entered.sort()).toEqual(environ.sort());
      expect(entered).toContain(`ENGINE_MARK=in-${engine}`);
      expect(lines(output(...t, '-a', '-e', 'env'))).toContain(`ENGINE_MARK=in-${engine}`);
      expect(lines(output(...t, '-a', 'env'))).toContain(hostOnly);
    });

    it('-c joins its cgroups', async () => {
      expect(output(...t, '-c', 'cat', '/proc/self/cgroup')).toBe(container.read('cgroup').trimEnd());
      const held = await hold([...t, '-a', '-c']);
      expect(readFileSync(`/proc/${held.pid}/cgroup`, 'utf8')).toBe(container.read('cgroup'));
      expect(await held.release()).toMatchObject({ status: 0, stdout: 'here\n' });
    });

    it('without -c stays in the cgroups of the caller', async () => {
      const held = await hold([...t, '-a']);
      expect(readFileSync(`/proc/${held.pid}/cgroup`, 'utf8')).toBe(cgroup);
      await held.release();
    });

    it('--pty is a terminal of the container where it has a devpts, and belongs to the program', () => {
      const mounted = container
        .read('mounts')
        .split('\n')
        .some((line) => / \/dev\/pts devpts /.test(line));
      const script = 'test -t 0 && tty; test -t 0 && stat -c %u $(tty); exit 9';
      const { status, stdout, stderr } = enter(
        ...t,
        '-a',
        '--pty',
        'sh',
        '-c',
        mounted ? script : 'tty; exit 9',
      );
      expect({ status, stderr }).toEqual({ status: 9, stderr: '' });
      expect(lines(stdout.replace(/\r/g, '').trimEnd())).toEqual(
        mounted ? [expect.stringMatching(/^\/dev\/pts\/\d+$/), '0'] : ['not a tty'],
      );
    });

    it('hands a signal on to the program', async () => {
      const held = await hold(
        [...t, '-a'],
        ['sh', '-c', 'trap "exit 42" USR1; echo here; read x; read x; exit 1'],
      );
      held.signal('SIGUSR1');
      await until('the program has ended', () => ['Z', undefined].includes(stateOf(held.pid)));
      expect(await held.release()).toMatchObject({ status: 42, signal: null });
    });

    it('takes the program along when it is killed', async () => {
      const held = await hold([...t, '-a']);
      held.signal('SIGKILL');
      expect(await held.release()).toMatchObject({ signal: 'SIGKILL' });
      await until('the program has ended', () => ['Z', undefined].includes(stateOf(held.pid)));
    });

    if (user) {
      it('-U enters its user namespace as its root', async () => {
        const held = await hold([...t, '-U']);
        expect(namespaces(held.pid)).toEqual(mixed(host, target, 'user'));
        expect(readFileSync(`/proc/${held.pid}/uid_map`, 'utf8')).toBe(container.read('uid_map'));
        await held.release();
        expect(output(...t, '-U', 'id', '-u')).toBe('0');
        expect(output(...t, '-U', '-m', '-p', '-n', '-u', 'sh', '-c', 'id -u; id -g; hostname')).toBe(
          `0\n0\nin-${engine}`,
        );
        expect(output(...t, '-U', '--preserve-credentials', 'id', '-u')).toBe('0');
      });
    } else {
      it('-U refuses: the user namespace is the own one', () => {
        const { status, stderr } = enter(...t, '-U', 'true');
        expect(status).toBe(1);
        expect(stderr).toMatch(/user/);
      });
    }

    const view = views[engine];
    if (view) {
      describe('by name', () => {
        const enterAs = (target: string, ...words: string[]) =>
          enterByName(view(container.lab), '-t', target, ...words);
        const names = (): string[] => {
          const { scheme, id } = view(container.lab);
          const known = id?.();
          const ids = known ? [known, known.slice(0, 12), `${scheme}:${known.slice(0, 20)}`] : [];
          return [`${scheme}:${container.name}`, container.name, ...ids];
        };

        it('enters it whole, by name, id and the beginning of an id', () => {
          for (const name of names()) expect(enterAs(name, 'hostname')).toBe(`0 in-${engine}`);
        });

        it('is the process that the engine tells', () => {
          for (const name of names())
            expect(enterAs(name, '--explain=steps', 'true')).toContain(`(${container.pid})`);
        });

        it('enters no more than what is named as well', () => {
          const [name = ''] = names();
          const links = ['/proc/self/ns/net', '/proc/self/ns/uts'];
          expect(enterAs(name, '-n', 'readlink', ...links)).toBe(`0 ${target.net}\n${host.uts}`);
        });
      });
    }

    it('leaves the host as it was', () => {
      expect(namespaces('self')).toEqual(host);
      expect(namespaces(container.pid)).toEqual(target);
      expect(readFileSync('/proc/self/cgroup', 'utf8')).toBe(cgroup);
      expect(execFileSync('hostname', { encoding: 'utf8' }).trim()).toBe(hostname());
      expect(hostname()).not.toBe(`in-${engine}`);
    });

    // Last: there is no container after it. Its end kills what is inside, and nothing of it may be left.
    it('ends with the container', async () => {
      const held = await hold([...t, '-a']);
      container.down();
      expect(await held.release()).toMatchObject({ status: null, signal: 'SIGKILL', stdout: 'here\n' });
      const { status, stderr } = enter(...t, '-a', 'true');
      expect(status).toBe(1);
      expect(stderr).toContain(t[1]);
    });
  });
}
