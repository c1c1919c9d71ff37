/**
 * A seccomp filter denies pidfd_open(2), as Docker's did before 2020-11 (EPERM), or the kernel has none, as gVisor (ENOSYS):
 * the target is pinned by its directory in /proc. What happens when it ends is in dying-target.test.ts.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tsenter } from '../support/command.ts';
import {
  entered,
  identityUser,
  namespacesOf,
  probeInside,
  someone,
  startActor,
  tool,
  withoutPidfd,
} from '../support/enter.ts';
import { buildPrograms, program, repository } from '../support/programs.ts';
import { type NamespaceName, namespaceNames, startTarget, type Target } from '../support/targets.ts';

let target: Target;
let t: string;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: namespaceNames, user: identityUser, hostname: 'inside' });
  t = String(target.pid);
});

afterAll(() => target?.stop());

describe.each([1, 38] as const)('pidfd_open(2) fails with %i', (errno) => {
  const [command = '', ...under] = withoutPidfd(errno);
  const enter = (...words: string[]) => run([command, ...under, tsenter, ...words], { timeout: 60_000 });
  const inside = (...words: string[]) => probeInside([...under, tsenter, ...words], { command });

  it.each(namespaceNames.map((name) => [name]))('%s is entered', async (name) => {
    const { ns } = await inside('-t', t, `--${name}`);
    expect(ns).toEqual(entered(namespacesOf(target.pid), [name]));
  });

  it('all are, and whatever else there is of the target', async () => {
    const { ns } = await inside('-t', t, '-a', '-r', '-w', '-e', '-c', '-Z', '-S', 'follow', '-G', 'follow');
    expect(ns).toEqual(entered(namespacesOf(target.pid), namespaceNames));
  });

  it('all but the user namespace are, and a parent of it', async () => {
    const names = namespaceNames.filter((name): name is NamespaceName => name !== 'user');
    const { ns } = await inside('-t', t, ...names.map((name) => `--${name}`));
    expect(ns).toEqual(entered(namespacesOf(target.pid), names));
    const { status, stderr } = await enter('-t', t, '--user-parent', '-u', program('true'));
    // The parent is the caller's own, which cannot be entered again.
    expect([status, stderr.toString().split('\n')[0]]).toEqual([
      1,
      `tsenter: enter user namespace of parent user namespace of target ${t}: Invalid argument`,
    ]);
  });

  it('its owner is followed', async () => {
    await using other = await startTarget({ namespaces: ['uts'], uid: someone, gid: someone });
    const { uid, gid } = await inside('-t', String(other.pid), '-u', '-S', 'follow', '-G', 'follow');
    expect([uid, gid]).toEqual([someone, someone]);
  });

  it('--explain tells what is done instead', async () => {
    const { status, stdout, stderr } = await enter('-t', t, '-u', '-S', 'follow', '--explain=steps', 'true');
    expect([status, stderr.toString()]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text).toMatch(/^setns=uts@\d+ +enter/m);
    expect(text).toMatch(new RegExp(`^alive=\\d+:target ${t} +make sure that the target lives`, 'm'));
    expect(text).toMatch(/^ids-of=\d+:\/\d+ /m);
    expect(text).toMatch(/^uid=@ /m);
  });

  it('PID:inode is refused: only a pidfd has the inode', async () => {
    const inode = tool(program('actor'), 'inode', t).trim();
    const { status, stdout, stderr } = await enter('-t', `${t}:${inode}`, '-u', 'echo', 'executed');
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString()).toBe(
      `tsenter: open target ${t}:${inode}: no pidfd of it can be opened, whose inode this is\n` +
        `pidfd_open(2) is denied here, or /proc is of another PID namespace: name the process as ${t} alone.\n`,
    );
  });

  it('--net-socket is refused: only a pidfd gives the socket', async () => {
    await using actor = await startActor(['socket']);
    const { status, stdout, stderr } = await enter('-t', String(actor.number), '-N', '7', 'echo', 'executed');
    expect([status, stdout.toString()]).toEqual([1, '']);
    expect(stderr.toString()).toBe(
      `tsenter: take socket 7 of target ${actor.number}: no pidfd of the target can be opened\n` +
        'pidfd_getfd(2) takes a descriptor of a process that a pidfd names.\n',
    );
  });

  it('the library says what a program needs a pidfd for that ends with its caller', async () => {
    const spawn = async (options: string) => {
      const script = `import { spawn } from '${repository}/dist/lib/index.js';
        const options = { target: ${t}, namespaces: ['uts', 'pid'], stdio: 'inherit', ${options} };
        try { spawn('uname', ['-n'], options); } catch ({ name, message, hint }) { console.log([name, message, hint].join('|')); }`;
      const words = [process.execPath, '--input-type=module', '--eval', script];
      const { stdout, stderr } = await run([command, ...under, ...words], { timeout: 60_000 });
      return [stdout.toString(), stderr.toString()];
    };
    expect(await spawn('killChild: false')).toEqual(['inside\n', '']);
    const [refused] = await spawn('');
    expect(refused).toMatch(/^TsenterError\|open pidfd of this process: .*\|.*killChild: false/);
  });

  it('a number that no process has is refused', async () => {
    const { status, stderr } = await enter('-t', '4194304', '-u', 'true');
    expect([status, stderr.toString()]).toEqual([1, 'tsenter: open target 4194304: No such process\n']);
  });
});
