/** Containers by name that have a user namespace: an ordinary user's own (rootless podman), and root's with ids of their own. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun, tsenter } from '../support/command.ts';
import { enterByName, type View, views } from './by-name.ts';
import { Container, namespaces } from './container.ts';

const missing = (engine: string): string | undefined => {
  if (process.getuid?.() !== 0) return 'needs root';
  const programs = Container.missing(engine);
  return programs.length > 0 ? `${engine}: not installed: ${programs.join(', ')}` : undefined;
};
const describeWith = (engine: string, title: string, body: () => void): void => {
  const reason = missing(engine);
  if (reason === undefined) describe(title, body);
  else it.skipIf(!mustRun(reason))(title, () => undefined);
};

const mapOf = (pid: number) => readFileSync(`/proc/${pid}/uid_map`, 'utf8').trimEnd();

/** What is to be so of a container with a user namespace, whatever it is called by. */
function expectEntered(view: View, names: readonly string[], pid: number, hostname: string): void {
  const script = 'hostname; id -u; readlink /proc/self/ns/user; cat /proc/self/uid_map';
  for (const name of names)
    expect([name, enterByName(view, '-t', name, 'sh', '-c', script)]).toEqual([
      name,
      `0 ${hostname}\n0\n${namespaces(pid).user}\n${mapOf(pid)}`,
    ]);
}

describeWith('rootless', 'rootless podman', () => {
  let container: Container;
  let user: number;
  /** Below it the user's directories are where they are on a system. */
  const host = () => `${container.lab}/rootless/host`;

  /** As who owns it, whose variables say where it is. */
  const asOwner = (...words: string[]): string => {
    const { status, stdout, stderr } = spawnSync(tsenter, words, {
      cwd: '/',
      env: {
        PATH: process.env.PATH ?? '',
        HOME: `${host()}/home/${container.name}`,
        XDG_RUNTIME_DIR: `${host()}/run/user/${user}`,
      },
      uid: user,
      gid: user,
      encoding: 'utf8',
      timeout: 30_000,
    });
    return `${status} ${stdout}${stderr}`.trimEnd();
  };

  beforeAll(() => {
    container = new Container('rootless');
    user = statSync(`${host()}/home/${container.name}`).uid;
  });
  afterAll(() => container?.down());

  it('is entered by its owner whole, by name, id and the beginning of an id', () => {
    const pid = container.told();
    const id = container.client('inspect', '-f', '{{.Id}}', container.name);
    const script = 'hostname; id -u; readlink /proc/self/ns/user; cat /proc/self/uid_map';
    for (const name of [container.name, `podman:${container.name}`, id, id.slice(0, 12), `runc:${id}`]) {
      const expected = `0 in-rootless\n0\n${namespaces(pid).user}\n${mapOf(pid)}`;
      expect([name, asOwner('-t', name, 'sh', '-c', script)]).toEqual([name, expected]);
    }
  });

  it('is listed for its owner', () => {
    const text = asOwner('--list=json', `podman:${container.name}`);
    const found = JSON.parse(text.slice(2)).targets;
    expect(found).toMatchObject([
      { target: `podman:${container.name}`, pid: container.told(), state: 'running', user: container.name },
    ]);
    expect(found[0].differs).toContain('user');
    expect(asOwner('--list=names', `podman:${container.name}`)).toBe(`0 podman:${container.name}`);
  });

  describe('for root', () => {
    const asRoot = (...words: string[]) => enterByName({ scheme: '' }, '--host-root', host(), ...words);

    it('is called by its user as well, and listed so', () => {
      const [pid, path] = [container.told(), `${container.name}/${container.name}`];
      const id = container.client('inspect', '-f', '{{.Id}}', container.name);
      const script = 'hostname; id -u; readlink /proc/self/ns/user';
      for (const name of [
        path,
        `podman:${path}`,
        `podman:${container.name}/${id}`,
        `runc:${container.name}/${id}`,
      ])
        expect([name, asRoot('-t', name, 'sh', '-c', script)]).toEqual([
          name,
          `0 in-rootless\n0\n${namespaces(pid).user}`,
        ]);
      const { targets } = JSON.parse(asRoot('--list=json', `podman:${path}`).slice(2));
      expect(targets).toMatchObject([{ target: `podman:${path}`, id, pid, state: 'running' }]);
      expect(asRoot('--list=names', `podman:${path}`)).toBe(`0 podman:${path}`);
      expect(asRoot('--list=pids', `podman:${path}`)).toBe(`0 ${pid}`);
    });

    it('is not what a name alone leads to, but said to be there', () => {
      const { name } = container;
      expect(asRoot('-t', name, 'hostname')).toBe(
        `1 tsenter: parse target '${name}': not a process id, and no container has this name\n` +
          `Did you mean podman:${name}/${name}?`,
      );
    });
  });

  it('is said to have ended once it is stopped, and is found anew once it is started', () => {
    container.client('stop', '-t', '0', container.name);
    expect(asOwner('-t', container.name, 'hostname')).toMatch(
      /^1 tsenter: enter target '.*': it does not run\npodman:.* is stopped: its process \d+ has ended\.$/,
    );
    container.client('start', container.name);
    expect(asOwner('-t', container.name, 'readlink', '/proc/self/ns/pid')).toBe(
      `0 ${namespaces(container.told()).pid}`,
    );
  });
});

describeWith('remap', 'docker with userns-remap', () => {
  let container: Container;
  beforeAll(() => {
    container = new Container('remap');
  });
  afterAll(() => container?.down());

  it('is entered whole, by name, id and the beginning of an id', () => {
    const view = views.remap?.(container.lab) ?? { scheme: 'docker' };
    const id = view.id?.() ?? '';
    expect(mapOf(container.pid)).not.toMatch(/^ *0 +0 /);
    const names = [container.name, `docker:${container.name}`, id, id.slice(0, 12)];
    expectEntered(view, names, container.told(), 'in-remap');
    const { targets } = JSON.parse(enterByName(view, '--list=json', `docker:${container.name}`).slice(2));
    expect(targets).toMatchObject([{ target: `docker:${container.name}`, pid: container.told() }]);
    expect(targets[0].differs).toContain('user');
  });
});

describeWith('podman', 'podman with a map of ids', () => {
  let container: Container;
  const name = 'mapped';
  beforeAll(() => {
    container = new Container('podman');
    const map = ['--uidmap', '0:200000:65536', '--gidmap', '0:200000:65536'];
    const words = ['--network', 'none', '--cgroup-parent', `/${container.name}`, '--hostname', 'in-mapped'];
    container.client('run', '-d', '--name', name, ...map, ...words, 'lab/bb:1', '/bin/sleep', '1800');
  });
  afterAll(() => {
    container?.client('rm', '-f', '-t', '0', name);
    container?.down();
  });

  it('is entered whole, by name, id and the beginning of an id', () => {
    const view = views.podman?.(container.lab) ?? { scheme: 'podman' };
    const [id = '', pid] = container.client('inspect', '-f', '{{.Id}} {{.State.Pid}}', name).split(' ');
    expect(mapOf(Number(pid))).toMatch(/^ *0 +200000 /);
    expectEntered(view, [`podman:${name}`, name, id, id.slice(0, 12)], Number(pid), 'in-mapped');
  });
});

describeWith('runc', 'runc with a user namespace', () => {
  let container: Container;
  const name = () => `${container.name}-mapped`;
  // Not into a pipe: the container keeps what it is given.
  const runc = (...words: string[]) => {
    const { status } = spawnSync('runc', words, { stdio: 'ignore', timeout: 30_000 });
    if (status !== 0) throw new Error(`runc ${words.join(' ')}: status ${status}`);
  };
  beforeAll(() => {
    container = new Container('runc');
    const from = `${container.lab}/runc/bundle`;
    const to = `${container.lab}/runc/mapped`;
    const config = JSON.parse(readFileSync(`${from}/config.json`, 'utf8'));
    config.hostname = 'in-mapped';
    config.linux.namespaces.push({ type: 'user' });
    config.linux.uidMappings = [{ containerID: 0, hostID: 200_000, size: 65_536 }];
    config.linux.gidMappings = config.linux.uidMappings;
    config.linux.cgroupsPath = `/${name()}`;
    mkdirSync(to);
    // The way to its root has to be open to whom its root is outside.
    chmodSync(container.lab, 0o711);
    writeFileSync(`${to}/config.json`, JSON.stringify(config));
    runc('run', '-d', '-b', to, name());
  });
  afterAll(() => {
    runc('delete', '-f', name());
    container?.down();
  });

  it('is entered whole by its name', () => {
    const { pid } = JSON.parse(spawnSync('runc', ['state', name()], { encoding: 'utf8' }).stdout);
    expectEntered({ scheme: 'runc' }, [`runc:${name()}`, name()], pid, 'in-mapped');
  });
});
