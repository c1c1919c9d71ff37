/**
 * A5: whoever holds the child before its exec can take what it has open (pidfd_getfd(2)), if it may trace it. Nothing of that leads out
 * of the target.
 */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
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
  // A devpts inside has numbers of its own.
  const file = (child: number, fd: number): string => {
    const { dev, ino } = statSync(`/proc/${child}/fd/${fd}`);
    return `${dev}:${ino}`;
  };
  const others = await whileHeld({ pty: true }, (child) =>
    openIn(child).filter(
      ({ fd, link }) => /^\/dev\/(pts\/\d+|tty)$/.test(link) && file(child, fd) !== file(child, 0),
    ),
  );
  expect(others).toHaveLength(1);
  expect(others[0]?.fd).toBeGreaterThan(2);
});
