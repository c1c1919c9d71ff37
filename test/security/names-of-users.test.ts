/** Names are looked up in files of the target's: never in those of the host, however it exchanges them, and it holds nobody. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { enter } from '../support/enter.ts';
import { startJob } from '../support/job.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget } from '../support/targets.ts';
import { attackTarget } from './attacks/targets.ts';
import { holdProgram } from './attacks/unresponsive.ts';

beforeAll(buildPrograms);

const OURS = 'daemon:x:4242:4243::/:/bin/sh\n';
const TRIES = 100;

/** Who changes what is at a path for as long as this lives, seen from the host: the target has the same rights there. */
function exchanging(etc: string, script: string): AsyncDisposable {
  const code = `const { renameSync, rmSync, symlinkSync } = require('node:fs'); const etc = ${JSON.stringify(etc)};
    for (;;) { ${script} }`;
  const child = spawn(execPath, ['-e', code], { stdio: ['ignore', 'ignore', 'inherit'] });
  return {
    [Symbol.asyncDispose]: async () => {
      const end = once(child, 'exit');
      child.kill('SIGKILL');
      await end;
    },
  };
}

/** Every way of a target with two files, or two directories, to let another one be looked at than it has shown. */
const ways: readonly [string, string][] = [
  [
    'its /etc and a link to that of whoever looks',
    "renameSync(etc, etc + '.own'); renameSync(etc + '.link', etc); renameSync(etc, etc + '.link'); renameSync(etc + '.own', etc);",
  ],
  [
    'its passwd and an absolute link',
    "renameSync(etc + '/passwd', etc + '/own'); symlinkSync('/etc/passwd', etc + '/passwd'); rmSync(etc + '/passwd'); renameSync(etc + '/own', etc + '/passwd');",
  ],
  [
    'its passwd and a link above its root, while directories on the way are moved',
    "renameSync(etc + '/passwd', etc + '/own'); symlinkSync('a/b/../../../../../../etc/passwd', etc + '/passwd'); renameSync(etc + '/a/b', etc + '/b'); renameSync(etc + '/b', etc + '/a/b'); rmSync(etc + '/passwd'); renameSync(etc + '/own', etc + '/passwd');",
  ],
];

describe('a target that exchanges', () => {
  it.each(ways)(
    '%s',
    async (_, script) => {
      await using target = await startTarget({ namespaces: ['mount', 'uts'], root: 'pivot' });
      const etc = `/proc/${target.pid}/root/etc`;
      writeFileSync(`${etc}/passwd`, OURS);
      mkdirSync(`${etc}/a/b`, { recursive: true });
      symlinkSync('/etc', `${etc}.link`);
      // The host's, as one finds it who follows links from there.
      expect(readFileSync(`${etc}.link/passwd`, 'latin1')).toMatch(/^daemon:x:1:1:/m);
      await using _attacker = exchanging(etc, script);
      const seen = new Set<string>();
      for (let tries = 0; tries < TRIES; tries++) {
        const words = ['-t', String(target.pid), '-m', '-S', 'daemon', '/bin/id', '-u'];
        const { stdout, stderr } = await enter(words);
        seen.add(stdout.toString() || (stderr.toString().split('\n')[0] ?? ''));
      }
      const allowed = new RegExp(
        `^(4242\\n|tsenter: read /etc/(passwd|group) of target ${target.pid}: (No such file or directory|Too many levels of symbolic links|Resource temporarily unavailable))$`,
      );
      expect([...seen].filter((one) => !allowed.test(one))).toEqual([]);
      expect(seen).toContain('4242\n');
    },
    120_000,
  );
});

describe('a file system in user space that never answers', () => {
  const there = existsSync('/dev/fuse') || mustRun('needs /dev/fuse');

  // Node waits for its child to end, which nobody can make it.
  const isNative = tsenter.includes('native');
  const ends = ['SIGTERM', 'SIGINT', '^C', ...(isNative ? ['time'] : [])];

  it.skipIf(!there).each(ends)('%s ends the wait', async (by) => {
    await using target = await attackTarget('priv');
    await using holder = await holdProgram(target, true);
    target.do(`b=/bin/busybox; $b rm /etc/passwd; $b ln -s ${holder.program} /etc/passwd`);
    const words = [tsenter, '-t', String(target.pid), '-a', '-S', 'daemon', '/bin/echo', 'executed'];
    await using job = await startJob(words);
    // Before the end of the job, whatever comes: who waits there cannot even be killed.
    await using _released = { [Symbol.asyncDispose]: holder.release };
    await holder.wanted;
    if (by === '^C') job.terminal.type('\x03');
    else if (by !== 'time') process.kill(job.pid, by);
    const event = await job.next({ timeout: 5000 });
    const expected = by === 'time' ? ['exited', 1] : ['killed', by === '^C' ? 'SIGINT' : by];
    expect([event.what, event.how]).toEqual(expected);
    if (by === 'time') await job.terminal.waitFor(': Connection timed out');
  });
});
