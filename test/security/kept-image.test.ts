/**
 * The library keeps one image of its helper for all entries of a process. Who has the kernel execute it inside (`#!/proc/self/exe`) owns it there, and
 * must not spoil it for those that follow.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { nsenter } from '../support/command.ts';
import { type Ended, programEnds } from '../support/library.ts';
import { buildPrograms } from '../support/programs.ts';
import { attackTarget, put } from './attacks/targets.ts';

beforeAll(buildPrograms);

/** The image executes the trap, whose interpreter is the image, and so on. */
const trap = '#!/proc/self/exe --\n';

/** Once there is a process of the image inside: what becomes of its file. */
function attack(change: string): string {
  return `b=/bin/busybox; exec 2>/dev/null
    while :; do
      for process in /proc/[0-9]*; do
        case $($b readlink $process/exe) in
          /memfd:*) ${change} || $b echo denied; exit ;;
        esac
      done
    done`;
}

async function entriesAround(change: string): Promise<Ended> {
  await using target = await attackTarget('priv');
  put(target, '/bin/trap', trap);
  const words = ['-t', String(target.pid), '-a', '/bin/busybox', 'sh', '-c', attack(change)];
  return await programEnds(`
    import { execFileSync } from 'node:child_process';
    import { fstatSync, readdirSync, readlinkSync } from 'node:fs';
    const options = { target: ${target.pid}, namespaces: ['mount', 'pid'], stdio: 'ignore' };
    const isImage = (fd) => {
      try { return readlinkSync('/proc/self/fd/' + fd).startsWith('/memfd:tsenter'); } catch { return false; }
    };
    const images = () => readdirSync('/proc/self/fd').filter(isImage).map((fd) => fstatSync(Number(fd)).ino);
    await tsenter.run('/bin/true', options);
    const before = images();
    const trapped = tsenter.spawn('/bin/trap', options);
    trapped.on('error', () => {});
    const said = execFileSync('${nsenter}', ${JSON.stringify(words)}, { encoding: 'utf8', timeout: 20_000 });
    trapped.kill('SIGKILL');
    const { exitCode } = await tsenter.run('/bin/true', options);
    console.log(JSON.stringify({ isChanged: !said.includes('denied'), exitCode, before, after: images() }));`);
}

describe('the image of the helper that the library keeps, of which somebody inside', () => {
  it.each([
    ['says that it cannot be executed', '$b chmod 0 $process/exe'],
    ['says that it cannot be read', '$b chmod 111 $process/exe'],
    ['says whose ids it gives', '$b chown 1234 $process/exe && $b chmod 4777 $process/exe'],
    ['says something, and takes it back', '$b chmod 775 $process/exe && $b chmod 777 $process/exe'],
  ])('%s: others are entered all the same, by another if there was a change', async (_, change) => {
    const { stdout, stderr } = await entriesAround(change);
    expect(stderr).toBe('');
    const { isChanged, exitCode, before, after } = JSON.parse(stdout);
    expect({ exitCode, images: [before.length, after.length] }).toEqual({ exitCode: 0, images: [1, 1] });
    expect(after[0] !== before[0]).toBe(isChanged);
  });

  it('closes the descriptor and opens others: what is executed is the helper', async () => {
    await using target = await attackTarget('priv');
    const { stdout, stderr } = await programEnds(`
      import { closeSync, openSync, readdirSync, readlinkSync } from 'node:fs';
      const options = { target: ${target.pid}, namespaces: ['mount', 'pid'] };
      const links = () => readdirSync('/proc/self/fd').flatMap((fd) => {
        try { return [[fd, readlinkSync('/proc/self/fd/' + fd)]]; } catch { return []; }
      });
      await tsenter.run('/bin/true', options);
      const [[image]] = links().filter(([, path]) => path.startsWith('/memfd:tsenter'));
      closeSync(Number(image));
      while (openSync('/bin/false') < Number(image));
      console.log((await tsenter.run('/bin/echo', ['entered'], options)).stdout);`);
    expect({ stdout, stderr }).toEqual({ stdout: 'entered\n', stderr: '' });
  });
});

it.each([
  ['EMFILE', 24, true],
  ['EACCES', 13, false],
])(
  'an image that could not be had for %s: whether the next entry tries again',
  async (code, errno, hasImage) => {
    await using target = await attackTarget('priv');
    const { stdout, stderr } = await programEnds(`
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const options = { target: ${target.pid}, namespaces: ['mount', 'pid'] };
    const hasImage = () => fs.readdirSync('/proc/self/fd').some((fd) => {
      try { return fs.readlinkSync('/proc/self/fd/' + fd).startsWith('/memfd:tsenter'); } catch { return false; }
    });
    const { readFileSync } = fs;
    fs.readFileSync = (path, ...more) => {
      if (!String(path).endsWith('/tsenter-helper')) return readFileSync(path, ...more);
      throw Object.assign(new Error('${code}'), { code: '${code}', errno: -${errno} });
    };
    syncBuiltinESMExports();
    await tsenter.run('/bin/true', options);
    const before = hasImage();
    Object.assign(fs, { readFileSync });
    syncBuiltinESMExports();
    await tsenter.run('/bin/true', options);
    console.log(before, hasImage());`);
    expect({ stdout, stderr }).toEqual({ stdout: `false ${hasImage}\n`, stderr: '' });
  },
);
