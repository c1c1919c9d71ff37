/** --list, where all engines that are here have a container at once. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { violations } from '../support/json-schema.ts';
import { enterByName, type View, views } from './by-name.ts';
import { Container, engines, namespaces } from './container.ts';
import { podsAt } from './pods.ts';

interface Running {
  readonly engine: string;
  readonly container: Container;
  readonly view: View;
}

const here = engines
  .map(({ name }) => name)
  .filter((engine) => views[engine] && process.getuid?.() === 0 && Container.missing(engine).length === 0);

describe('the containers of all engines', () => {
  let running: Running[] = [];
  let all: View;
  /** systemd-nspawn without machined is found in the mount namespace of the host only, which whoever mounts others' files has left. */
  const viewOf = ({ engine, view }: Running): View => (engine === 'nspawn' ? view : all);
  const list = (view: View, ...words: string[]): string => {
    const output = enterByName(view, ...words);
    expect(output).toMatch(/^0 /);
    return output.slice(2);
  };
  const nameOf = ({ container, view }: Running) => `${view.scheme}:${container.name}`;

  beforeAll(() => {
    for (const engine of here) {
      const container = new Container(engine);
      const view = views[engine]?.(container.lab) ?? { scheme: engine };
      running.push({ engine, container, view });
    }
    const env = Object.assign({}, ...running.map(({ view }) => view.env));
    all = { scheme: '', mounts: running.flatMap(({ view }) => view.mounts ?? []), env };
  });
  afterAll(() => {
    for (const { container } of running) container.down();
    running = [];
  });

  it('are here', (context) => {
    const missing = engines.filter(({ name }) => views[name] && !here.includes(name));
    if (missing.length > 0) mustRun(`not here: ${missing.map(({ name }) => name).join(', ')}`, context);
  });

  it('are each listed once, with the process that its engine tells', () => {
    for (const each of running) {
      const document = JSON.parse(list(viewOf(each), '--list=json'));
      expect(violations(document)).toEqual([]);
      const { pid } = each.container;
      const found = document.targets.filter((one: { pid: number }) => one.pid === pid);
      const [own, its] = [namespaces('self'), namespaces(pid)];
      const differs = ['ipc', 'uts', 'net', 'pid'].filter((name) => its[name] !== own[name]);
      expect(found).toMatchObject([{ engine: each.view.scheme, state: 'running', uid: 0, comm: 'sleep' }]);
      expect(found[0].differs).toEqual(expect.arrayContaining(differs));
      if (each.engine !== 'containerd') expect(found[0].target).toBe(nameOf(each));
      expect(found[0].id).toBe(each.view.id?.() ?? each.container.name);
    }
  });

  it('have the images of which they were made', () => {
    const { targets } = JSON.parse(list(all, '--list=json'));
    const imageOf = (engine: string) =>
      targets.find((one: { engine: string }) => one.engine === engine)?.image;
    if (here.includes('docker')) expect(imageOf('docker')).toBe('lab/bb:1');
    if (here.includes('podman')) expect(imageOf('podman')).toBe('localhost/lab/bb:1');
  });

  it('have a row, a name that -t takes, and a process each', () => {
    for (const each of running) {
      const [{ pid, name }, { scheme }, view] = [each.container, each.view, viewOf(each)];
      const rows = list(view, '--list').split('\n');
      expect(rows.filter((row) => row.startsWith(scheme) && row.includes(` ${pid} `))).toHaveLength(1);
      const pids = list(view, '--list=pids', `${scheme}:`).split('\n');
      expect(pids.filter((line) => line === String(pid))).toHaveLength(1);
      const names = list(view, '--list=names', `${scheme}:`).split('\n');
      const word = names.find((line) => line.startsWith(`${scheme}:`) && line.endsWith(name)) ?? '';
      expect(enterByName(view, '-t', word, 'hostname')).toBe(`0 in-${each.engine}`);
    }
  });

  it('are each entered by name, which is the process that the client of its engine tells', () => {
    const rows = running.map((each) => {
      const [view, told] = [viewOf(each), each.container.told()];
      const explained = enterByName(view, '-t', nameOf(each), '--explain=json', 'true');
      const links = ['mnt', 'uts', 'ipc', 'pid'];
      const script = `for link in ${links.join(' ')}; do readlink /proc/self/ns/$link; done`;
      const entered = enterByName(view, '-t', nameOf(each), 'sh', '-c', script);
      return {
        row: [nameOf(each), JSON.parse(explained.slice(2)).target.pid, entered],
        expected: [nameOf(each), told, `0 ${links.map((link) => namespaces(told)[link]).join('\n')}`],
      };
    });
    expect(rows.map(({ row }) => row)).toEqual(rows.map(({ expected }) => expected));
    expect(rows).toHaveLength(here.length);
  });

  it('are without the sandboxes of pods, and with what is in these', () => {
    const pod = running.find(({ engine }) => engine === 'pod');
    if (!pod) return;
    const told = podsAt(`${pod.container.lab}/pod/cd.sock`);
    for (const words of [[], ['--host-root', '/usr']]) {
      const { targets } = JSON.parse(list(all, '--list=json', ...words));
      const pids = targets.map((one: { pid: number }) => one.pid);
      for (const { kind, pid } of told)
        expect({ words, kind, listed: pids.includes(pid) }).toEqual({
          words,
          kind,
          listed: kind === 'container',
        });
    }
  });

  it('own their namespaces', () => {
    for (const each of running) {
      const rows = list(
        viewOf(each),
        '--list=namespaces',
        `${each.view.scheme}:*${each.container.name}`,
      ).split('\n');
      const uts = /\d+/.exec(namespaces(each.container.pid).uts ?? '')?.[0] ?? '';
      expect(rows.filter((row) => row.includes(uts) && row.endsWith(each.container.name))).toHaveLength(1);
    }
  });

  it('where nothing tells of them but their cgroups, docker’s and podman’s are still there', () => {
    const known = running.filter(({ engine }) => engine === 'docker' || engine === 'podman');
    const { targets } = JSON.parse(
      enterByName({ scheme: '' }, '--list=json', '--host-root', '/usr').slice(2),
    );
    for (const { container, view } of known) {
      const found = targets.filter((one: { pid: number }) => one.pid === container.pid);
      expect(found).toMatchObject([{ target: String(container.pid), id: view.id?.(), state: 'running' }]);
    }
  });
});
