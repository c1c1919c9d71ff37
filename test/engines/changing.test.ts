/** Containers of real engines that are restarted, stopped or paused while they are named, and names that two have. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { holdAt, type Point } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { enterByName, surroundings, type View, views } from './by-name.ts';
import { Container, namespaces } from './container.ts';
import { podsAt } from './pods.ts';

const wanted = ['docker', 'podman', 'pod'] as const;
type Engine = (typeof wanted)[number];

const missing = wanted.filter((engine) => process.getuid?.() !== 0 || Container.missing(engine).length > 0);

if (missing.length > 0) {
  it.skipIf(!mustRun(`not here: ${missing.join(', ')}`))('containers that change', () => undefined);
} else {
  const running = new Map<Engine, Container>();
  const containerOf = (engine: Engine): Container => {
    const container = running.get(engine);
    if (!container) throw new Error(`${engine} is not up`);
    return container;
  };
  const viewOf = (engine: Engine): View => views[engine]?.(containerOf(engine).lab) ?? { scheme: engine };
  const nameOf = (engine: Engine) => `${engine}:${containerOf(engine).name}`;
  const enter = (engine: Engine, ...words: string[]) =>
    enterByName(viewOf(engine), '-t', nameOf(engine), ...words);
  const isOf = (pid: number) => `${namespaces(pid).pid}\n`;
  const where = ['readlink', '/proc/self/ns/pid'];

  const restart = (engine: Engine): void => {
    const container = containerOf(engine);
    if (engine !== 'pod') container.client('restart', '-t', '0', container.name);
    else container.client('restart', container.client('spec'), 'app');
  };

  beforeAll(() => {
    buildPrograms();
    for (const engine of wanted) running.set(engine, new Container(engine));
  });
  afterAll(() => {
    for (const container of running.values()) container.down();
  });

  describe.each(wanted)('%s', (engine) => {
    /** Restarted when the command is at that point. */
    const whileRestarted = async (...points: Point[]) => {
      const before = containerOf(engine).told();
      await using held = await holdAt(points, ['-t', nameOf(engine), ...where], surroundings(viewOf(engine)));
      restart(engine);
      const after = containerOf(engine).told();
      expect(after).not.toBe(before);
      return { ended: await held.go(), before, after };
    };

    it.each(['enter=pidfd_open', 'leave=pidfd_open'] as const)(
      'restarted since its engine’s files were read (%s): it is looked for once more',
      async (point) => {
        const { ended, after } = await whileRestarted(point);
        expect(ended).toMatchObject({ status: 0, stdout: isOf(after), stderr: '' });
      },
    );

    it('restarted since it was proven: nothing is entered', async () => {
      const { ended, before } = await whileRestarted('leave=pidfd_open', 'enter=setns');
      expect(ended).toMatchObject({ status: 1, stdout: '' });
      expect(ended.stderr).toMatch(new RegExp(`^tsenter: \\S+ .*\\(${before}\\): No such process\\n`));
    });

    it('is the new one from then on', () => {
      expect(enter(engine, ...where)).toBe(`0 ${isOf(containerOf(engine).told()).trimEnd()}`);
    });
  });

  describe.each(['docker', 'podman'] as const)('%s', (engine) => {
    const client = (action: string, ...words: string[]) => {
      const container = containerOf(engine);
      container.client(action, ...words, container.name);
    };
    const state = () => {
      const { targets } = JSON.parse(enterByName(viewOf(engine), '--list=json', nameOf(engine)).slice(2));
      return targets.map((one: { state: string }) => one.state);
    };

    it('one that is paused is entered, but not its cgroup', () => {
      client('pause');
      try {
        expect(enter(engine, 'hostname')).toBe(`0 in-${engine}`);
        expect(enter(engine, '-c', 'hostname')).toMatch(/^1 .*: the cgroup is frozen\n/);
        // podman keeps that in a database.
        if (engine === 'docker') expect(state()).toEqual(['paused']);
      } finally {
        client('unpause');
      }
      expect(enter(engine, '-c', 'hostname')).toBe(`0 in-${engine}`);
    });

    it('one that was stopped is said to be, and entered once it is started', () => {
      const { name } = containerOf(engine);
      const ended = `: its process ${containerOf(engine).told()} has ended`;
      client('stop', '-t', '0');
      // podman writes a number down that it does not take back.
      const [what, how] = engine === 'docker' ? ['stopped', ''] : ['ended', ended];
      expect(enter(engine, 'hostname')).toBe(
        `1 tsenter: enter target '${name}': it does not run\n${nameOf(engine)} is stopped${how}.`,
      );
      expect(state()).toEqual([what]);
      client('start');
      expect(enter(engine, ...where)).toBe(`0 ${isOf(containerOf(engine).told()).trimEnd()}`);
    });
  });

  it('one name in two engines: they are listed, and each has its own', () => {
    const engines = ['docker', 'podman'] as const;
    const [docker, podman] = [viewOf('docker'), viewOf('podman')];
    const both: View = { scheme: '', mounts: docker.mounts ?? [], env: podman.env ?? {} };
    const rename = (from: (engine: Engine) => string, to: (engine: Engine) => string) => {
      for (const engine of engines) containerOf(engine).client('rename', from(engine), to(engine));
    };
    const usual = (engine: Engine) => containerOf(engine).name;
    const name = usual('docker').replace('docker', 'web');
    const [one, other] = engines.map((engine) => containerOf(engine).told());
    rename(usual, () => name);
    try {
      expect(enterByName(both, '-t', name, 'hostname')).toBe(
        `1 tsenter: parse target '${name}': more than one has this name\n` +
          `Say which: docker:${name} (${one}), podman:${name} (${other}).`,
      );
      for (const engine of engines)
        expect(enterByName(both, '-t', `${engine}:${name}`, 'hostname')).toBe(`0 in-${engine}`);
    } finally {
      rename(() => name, usual);
    }
  });

  it('a pod with two containers: they are listed, and each has its own', () => {
    const container = containerOf('pod');
    const spec = JSON.parse(container.client('spec'));
    const [path, sleep] = [`${spec.namespace}/two`, spec.containers.app];
    const two = { ...spec, name: 'two', hostname: 'in-two', containers: { web: sleep, log: sleep } };
    container.client('pod', JSON.stringify(two));
    const told = podsAt(`${container.lab}/pod/cd.sock`);
    const pidOf = (name: string) => told.find((one) => one.name === name)?.pid ?? 0;
    const by = (name: string, ...words: string[]) => enterByName(viewOf('pod'), '-t', name, ...words);
    for (const name of ['log', 'web'])
      expect(by(`pod:${path}/${name}`, ...where)).toBe(`0 ${isOf(pidOf(name)).trimEnd()}`);
    for (const name of [`pod:${path}`, path, 'pod:two', 'two']) {
      const [, message = '', hint = ''] = /^1 (.*)\n(.*)$/.exec(by(name, 'hostname')) ?? [];
      expect(message).toMatch(/^tsenter: parse target '.*two': more than one has this name$/);
      for (const each of ['log', 'web']) expect(hint).toContain(`pod:${path}/${each} (${pidOf(each)})`);
    }
    expect(by('pod:two/web', 'hostname')).toMatch(/^1 .*: pod has nothing of this name\n/);
    // The one that stands by itself has its short name still.
    const short = container.name.split('/')[1] ?? '';
    expect(by(`pod:${short}`, 'hostname')).toBe('0 in-pod');
    expect(by(short, 'hostname')).toBe('0 in-pod');
  });
}
