/** --host-root: a container by its name, where the root of the host is seen at another place. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import { namespacesOf, type Scratch, scratch, tool } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
let host: Scratch;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'net', 'mount'], hostname: 'inside' });
  host = scratch();
});

afterAll(async () => {
  await target?.stop();
  host?.[Symbol.dispose]();
});

const state = (): string => {
  const start = readFileSync(`/proc/${target.pid}/stat`, 'latin1').split(' ')[21];
  return `{"init_process_pid": ${target.pid}, "init_process_start": ${start}}`;
};

function write(path: string, text: string): void {
  mkdirSync(dirname(`${host.path}${path}`), { recursive: true });
  writeFileSync(`${host.path}${path}`, text);
}

async function enter(name: string, env: Record<string, string> = {}, ...words: string[]) {
  const { status, stdout, stderr } = await run([tsenter, ...words, '-t', name, 'hostname'], {
    env: { PATH: '/bin:/usr/bin', ...env },
  });
  return `${status} ${stdout}${stderr}`.split('\n')[0];
}

it('finds it there, by the option or the variable', async () => {
  write('/run/runc/web/state.json', state());
  expect(await enter('web')).toMatch(/^1 tsenter: parse target 'web'/);
  expect(await enter('web', {}, '--host-root', host.path)).toBe('0 inside');
  expect(await enter('web', { TSENTER_HOST_ROOT: host.path })).toBe('0 inside');
  expect(await enter('web', { TSENTER_HOST_ROOT: host.path }, '--host-root', '/')).toMatch(/^1 /);
  expect(await enter('web', {}, '--host-root', '/nonexistent')).toBe(
    '1 tsenter: open host root /nonexistent: No such file or directory',
  );
});

it('follows links of the host as the host does, and out of it none', async () => {
  write('/data/runc/linked/state.json', state());
  symlinkSync('/data/runc/linked', `${host.path}/run/runc/absolute`);
  symlinkSync('../../data/runc/linked', `${host.path}/run/runc/relative`);
  using elsewhere = scratch();
  mkdirSync(`${elsewhere.path}/state`);
  writeFileSync(`${elsewhere.path}/state/state.json`, state());
  symlinkSync(`${elsewhere.path}/state`, `${host.path}/run/runc/out`);
  symlinkSync(`../../../../../../../..${elsewhere.path}/state`, `${host.path}/run/runc/up`);
  for (const name of ['absolute', 'relative'])
    expect(await enter(name, {}, '--host-root', host.path)).toBe('0 inside');
  for (const name of ['out', 'up'])
    expect(await enter(name, {}, '--host-root', host.path)).toMatch(/^1 tsenter: parse target/);
});

it('waits for nobody: a state file may be a FIFO, or have no end', async () => {
  for (const name of ['fifo', 'endless']) mkdirSync(`${host.path}/run/runc/${name}`, { recursive: true });
  tool('mkfifo', `${host.path}/run/runc/fifo/state.json`);
  tool('mknod', `${host.path}/run/runc/endless/state.json`, 'c', '1', '5');
  expect(await enter('fifo', {}, '--host-root', host.path)).toMatch(/^1 tsenter: parse target/);
  expect(await enter('runc:endless', {}, '--host-root', host.path)).toMatch(/^1 tsenter: parse target/);
});

it('no directory of the caller’s counts below it', async () => {
  write('/run/user/0/runc/mine/state.json', state());
  expect(await enter('mine', { XDG_RUNTIME_DIR: '/run/user/0' }, '--host-root', host.path)).toMatch(/^1 /);
  expect(await enter('mine', { XDG_RUNTIME_DIR: `${host.path}/run/user/0` })).toBe('0 inside');
});

it('a network namespace by its name, too', async () => {
  write('/run/netns/blue', '');
  const mounted = ['/usr/bin/unshare', '-m', '/bin/sh', '-c', 'mount --bind "$0" "$1" && shift && exec "$@"'];
  const words = (name: string, ...options: string[]) => [
    ...[...mounted, `/proc/${target.pid}/ns/net`, `${host.path}/run/netns/blue`, tsenter, ...options],
    ...['-t', `netns:${name}`, 'readlink', '/proc/self/ns/net'],
  ];
  const inside = `${namespacesOf(target.pid).net}\n`;
  const ofOption = await run(words('blue', '--host-root', host.path));
  expect(ofOption.stdout.toString()).toBe(inside);
  const ofVariable = await run(words('blue'), {
    env: { PATH: '/bin:/usr/bin', TSENTER_HOST_ROOT: host.path },
  });
  expect(ofVariable.stdout.toString()).toBe(inside);
  const { stderr } = await run([tsenter, '--host-root', '/nonexistent', '-t', 'netns:blue', 'true']);
  expect(stderr.toString()).toBe('tsenter: open host root /nonexistent: No such file or directory\n');
});
