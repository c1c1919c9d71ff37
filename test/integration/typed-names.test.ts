/** What a person types for a container whose name is not at hand, or what another command has printed; and what is said where it leads nowhere. */
import { chmodSync, mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { type Made, writeDocker, writePodman, writePods, writeRunc } from '../support/engine-states.ts';
import { type Scratch, scratch, someone } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

const idFrom = (beginning: string) => beginning.padEnd(64, '0123456789abcdef');
const WEB = idFrom('4f5312ab');
const DB = idFrom('4f99');
const CACHE = idFrom('c0ffee');
const FRONT = idFrom('beef');

let targets: Target[];
let host: Scratch;

beforeAll(async () => {
  buildPrograms();
  const start = (hostname: string) => startTarget({ namespaces: ['mount', 'uts'], hostname });
  targets = await Promise.all(
    ['in-web', 'in-db', 'in-cache', 'in-front', 'in-sandbox', 'in-bad', 'in-runner'].map(start),
  );
  const [web = 0, db = 0, cache = 0, front = 0, pause = 0, bad = 0, runner = 0] = targets.map(
    ({ pid }) => pid,
  );
  const sandbox: Made = { id: idFrom('dead'), name: '', pid: pause };
  host = scratch();
  writeDocker(host.path, [
    { id: WEB, name: 'web', pid: web },
    { id: DB, name: 'shop-db-1', pid: db },
    { id: idFrom('77'), name: 'old', pid: 0 },
    { id: idFrom('78'), name: 'bad\x1b]0;owned\x07', pid: bad },
  ]);
  writePodman(host.path, [{ id: CACHE, name: 'cache', pid: cache }]);
  writeRunc(host.path, [{ id: 'runner', name: 'runner', pid: runner }]);
  writePods(host.path, [{ id: FRONT, name: 'front', pid: front, sandbox }]);
});

afterAll(async () => {
  for (const target of targets ?? []) await target.stop();
  host?.[Symbol.dispose]();
});

async function type(...words: string[]): Promise<string> {
  const env = { PATH: '/usr/bin:/bin', TSENTER_HOST_ROOT: host.path };
  const { status, stdout, stderr } = await run([tsenter, ...words], { env });
  return `${status} ${stdout}${stderr}`.trimEnd();
}

describe('is entered', () => {
  it.each([
    ['web', 'in-web'],
    ['/web', 'in-web'],
    ['docker:/web', 'in-web'],
    [WEB.slice(0, 12), 'in-web'],
    [`docker://${WEB}`, 'in-web'],
    ['shop-db-1', 'in-db'],
    [CACHE.slice(0, 3), 'in-cache'],
    [`containerd://${FRONT}`, 'in-front'],
    [FRONT, 'in-front'],
    [`pod:${FRONT}`, 'in-front'],
    [`pod:${FRONT.slice(0, 13)}`, 'in-front'],
    ['shop/front', 'in-front'],
    ['front', 'in-front'],
    ['runner', 'in-runner'],
    ['runc:runner', 'in-runner'],
    ['pod:shop/front/nginx', 'in-front'],
  ])('-t %s', async (name, hostname) => {
    expect(await type('-t', name, 'hostname')).toBe(`0 ${hostname}`);
  });
});

const noName = (name: string) =>
  `1 tsenter: parse target '${name}': not a process id, and no container has this name\n`;
const noId = (name: string) => `1 tsenter: parse target '${name}': not a process id\n`;
const LIST = "The word behind --target is its value: a process id, or a name that 'tsenter --list' shows.";
const SPACE = 'There is white space in it: one process id is taken, or one name.';

describe('is told what was probably meant', () => {
  it.each([
    ['wbe', 'docker:web'],
    ['webb', 'docker:web'],
    ['run', 'runc:runner'],
    ['we', 'docker:web'],
    ['WEB', 'docker:web'],
    ['Web', 'docker:web'],
    ['cahce', 'podman:cache'],
    ['shop_db_1', 'docker:shop-db-1'],
    ['shop-db', 'docker:shop-db-1'],
    ['db', 'docker:shop-db-1'],
    ['4f', 'docker:shop-db-1 or docker:web'],
    ['nginx', 'pod:shop/front/nginx'],
    ['pod/front', 'pod:shop/front/nginx'],
    ['deployment/front', 'pod:shop/front/nginx'],
    ['default/front/nginx', 'pod:shop/front/nginx'],
    ['web/sh', 'docker:web'],
    ['root@web', 'docker:web'],
    // What has no name that could be typed is called by its id.
    ['bad', `docker:${idFrom('78')}`],
    ['nothing-like-it', undefined],
    ['x'.repeat(100_000), undefined],
  ])('-t %.40s: %s', async (name, meant) => {
    const hint = meant === undefined ? LIST : `Did you mean ${meant}?`;
    const said = await type('-t', name, 'true');
    expect(said).toBe(`${noName(name)}${hint}`);
  });

  it('of many a few, and the nearest alone', async () => {
    using other = scratch();
    const names = ['app-front-1', 'app-front-12', 'app-front-13', 'app-front-14', 'app-front-15'];
    writeRunc(
      other.path,
      names.map((name, index) => ({ id: name, name, pid: targets[index]?.pid ?? 0 })),
    );
    const words = (name: string) => [tsenter, '--host-root', other.path, '-t', name, 'true'];
    const said = async (name: string) => (await run(words(name))).stderr.toString().split('\n')[1];
    expect(await said('app-frnt-12')).toBe('Did you mean runc:app-front-12?');
    expect(await said('app-front')).toBe(
      'Did you mean runc:app-front-1, runc:app-front-12, runc:app-front-13 or one of 2 others?',
    );
  });

  it('where another engine has it', async () => {
    expect(await type('-t', 'docker:cache', 'true')).toBe(
      "1 tsenter: parse target 'docker:cache': docker has nothing of this name\nDid you mean podman:cache?",
    );
    expect(await type('-t', 'docker:nothing-like-it', 'true')).toMatch(
      /: docker has nothing of this name\nIt was looked for in the files that docker keeps; 'tsenter --list docker' shows what is there\.$/,
    );
  });

  it.each([
    ['podman', 'the files that podman keeps'],
    ['pod', 'the files that containerd and CRI-O keep of pods'],
    ['lxc', 'the cgroups that LXC makes'],
    ['machine', "what is registered with systemd-machined, and among systemd-nspawn's processes"],
    ['unit', "the cgroups of systemd's units"],
  ])('where names of %s are', async (scheme, place) => {
    expect(await type('-t', `${scheme}:nothing-like-it`, 'true')).toBe(
      `1 tsenter: parse target '${scheme}:nothing-like-it': ${scheme} has nothing of this name\n` +
        `It was looked for in ${place}; 'tsenter --list ${scheme}' shows what is there.`,
    );
    expect(await type('--list', scheme)).toMatch(/^0 /);
  });
});

it('who may not look at some places is told of the first, and how many there are besides', async () => {
  using other = scratch();
  const closed = ['/run/crun', '/run/runc', '/var/lib/docker/containers', '/var/lib/containers/storage'];
  const told = async () => {
    const as = { uid: someone, gid: someone };
    const where = ['--host-root', other.path];
    const { stderr } = await run([tsenter, ...where, '-t', 'nosuch', 'true'], as);
    const { stdout } = await run([tsenter, ...where, '--list=json'], as);
    const { unseen }: { unseen: string[] } = JSON.parse(stdout.toString());
    const places = unseen.filter((what) => closed.some((path) => what === `${path}: Permission denied`));
    return { hint: stderr.toString().split('\n')[1] ?? '', places };
  };
  for (const [index, path] of closed.entries()) {
    mkdirSync(`${other.path}${path}`, { recursive: true });
    chmodSync(`${other.path}${path}`, 0o700);
    const { hint, places } = await told();
    expect(places).toHaveLength(index + 1);
    const others = ['', ', and one other', ', and 2 others', ', and 3 others'][index];
    expect(places.map((place) => `What could not be looked at: ${place}${others}.`)).toContain(hint);
  }
});

describe('is told what it is', () => {
  it.each([
    ['4f53\n4f99', noId('4f53\\x0a4f99'), SPACE],
    ['web\n', noId('web\\x0a'), SPACE],
    [' web', noId(' web'), SPACE],
    [`containerd://${FRONT} containerd://${WEB}`, noId(`containerd://${FRONT} containerd://${WEB}`), SPACE],
    ['Error: No such container: web', noId('Error: No such container: web'), SPACE],
    ['', noId(''), 'It is empty: is a variable unset, or what should have printed the number silent?'],
    ['-', noId('-'), LIST],
    ['-a', noId('-a'), LIST],
    ['/run/runc/web/state.json', noId('/run/runc/web/state.json'), LIST],
    ['/proc/4242', noId('/proc/4242'), 'That process is -t 4242.'],
    [
      '/proc/4242/ns/net',
      noId('/proc/4242/ns/net'),
      'It is the file of a namespace: the value of an option, as in --net=/proc/4242/ns/net.',
    ],
    ['0x1f4', noName('0x1f4'), 'As a process id it is decimal: -t 500.'],
    [
      'pid:1234',
      "1 tsenter: parse target 'pid:1234': unknown scheme\n",
      'A process is its number alone: -t 1234.',
    ],
    [
      'dokcer:web',
      "1 tsenter: parse target 'dokcer:web': unknown scheme\n",
      'There are docker, podman, pod, containerd, lxc, runc, crun, machine, unit or netns.',
    ],
    ['docker', noName('docker'), "A name stands behind it: docker:NAME; 'tsenter --list docker' shows them."],
    [
      'docker:',
      noId('docker:'),
      "A name stands behind it: docker:NAME; 'tsenter --list docker:' shows them.",
    ],
    [
      'docker:web*',
      noId('docker:web*'),
      "It is one name: 'tsenter --list PATTERN' shows those that fit a pattern.",
    ],
    ['old', "1 tsenter: enter target 'old': it does not run\n", 'docker:old is stopped.'],
  ])('-t %j', async (name, message, hint) => {
    expect(await type('-t', name, 'true')).toBe(`${message}${hint}`);
  });

  it('what has no target', async () => {
    expect(await type('web', 'true')).toBe(
      "1 tsenter: enter namespaces: no namespace specified\n'web' is taken for the program, at which options end; as the target it is -t web.",
    );
    expect(await type('true', 'web')).toBe(
      '1 tsenter: enter namespaces: no namespace specified\nName what to enter: a container, as in -t NAME, or what of a process, as in -t PID --all.',
    );
    expect(await type('-a', 'true')).toBe(
      '1 tsenter: enter all namespaces: no target PID specified\nName the process or the container: --target PID|NAME.',
    );
  });
});

it('each hint that names a list names one that there is', async () => {
  for (const operand of ['docker', 'docker:', 'web*'])
    expect(await type('--list=names', operand)).toMatch(/^0 docker:/);
});
