/**
 * A5: whoever holds the child before its exec can take what it has open (pidfd_getfd(2)), if it may trace it. Nothing of that leads out
 * of the target.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startJob } from '../support/job.ts';
import { signal } from '../support/processes.ts';
import { buildPrograms } from '../support/programs.ts';
import { attackTarget } from './attacks/targets.ts';
import { tsenterTool, type Way } from './attacks/tools.ts';
import { descendants, holdProgram } from './attacks/unresponsive.ts';

beforeAll(buildPrograms);

interface Open {
  readonly fd: number;
  readonly link: string;
  /** Of a pidfd: whose it is. */
  readonly process?: string | undefined;
}

function openIn(pid: number): Open[] {
  return readdirSync(`/proc/${pid}/fd`).map((fd) => ({
    fd: Number(fd),
    link: readlinkSync(`/proc/${pid}/fd/${fd}`),
    process: /^Pid:\t(.*)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1],
  }));
}

async function whileHeld<T>(way: Way, look: (child: number, target: number) => T): Promise<T> {
  await using target = await attackTarget('priv');
  await using holder = await holdProgram(target, false);
  await using job = await startJob(tsenterTool.words(target, way, [holder.program]));
  await using _released = { [Symbol.asyncDispose]: holder.release };
  await holder.wanted;
  const children = descendants(job.pid);
  try {
    return look(children.at(-1) ?? 0, target.pid);
  } finally {
    for (const pid of [...children, job.pid]) signal(pid, 'SIGKILL');
  }
}

const ways: readonly Way[] = [
  {},
  { pty: true },
  { words: ['-a', '-S', 'follow', '-G', 'follow'] },
  { words: ['-a', '-c', '-e'] },
  { words: ['-a', '-r', '-w', '-S', 'follow'], pty: true },
];

describe.each(ways.map((way) => [way]))('%j', (way) => {
  it('has no process of the host open, and no directory of its /proc', async () => {
    const [open, target] = await whileHeld(way, (child, target) => [openIn(child), target] as const);
    expect(open.length).toBeGreaterThan(3);
    expect(open.filter(({ link }) => /^\/proc(\/|$)/.test(link) || link.includes('/cgroup'))).toEqual([]);
    // Those of the target itself lead nowhere else.
    expect(open.filter(({ process }) => process !== undefined && process !== String(target))).toEqual([]);
  });
});

it('--pty: no terminal of the caller but the one that messages go to', async () => {
  const own = (link: string): boolean => link.startsWith('/dev/pts/') || link === '/dev/tty';
  const { open, messages } = await whileHeld({ pty: true }, (child) => {
    const stream = readlinkSync(`/proc/${child}/fd/0`);
    const others = openIn(child).filter(({ link }) => own(link) && link !== stream);
    return { open: others, messages: others.filter(({ fd }) => fd > 2) };
  });
  expect(messages.length).toBeLessThanOrEqual(1);
  expect(open).toEqual(messages);
});
