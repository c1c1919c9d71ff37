/** Many entries from one process: nothing is left of them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { run, spawn, Target } from 'tsenter';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { type Target as Process, startTarget } from '../support/targets.ts';

let target: Process;

beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['net', 'pid', 'uts'], hostname: 'inside' });
});

afterAll(() => target.stop());

const descriptors = () => readdirSync('/proc/self/fd').length;
const children = () =>
  readdirSync('/proc/self/task').flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' ').filter(Boolean),
  ).length;
const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
const state = () => ({ descriptors: descriptors(), children: children(), listeners: listeners() });

it('leaves no descriptor, child or listener', async () => {
  using held = new Target(target.pid);
  const controller = new AbortController();
  const once = async (round: number) => {
    const options = { target: round % 2 === 0 ? held : target.pid, all: true, signal: controller.signal };
    expect((await run('hostname', options)).stdout).toBe('inside');
    if (round % 10 === 0) await expect(run('nosuch', options)).rejects.toMatchObject({ code: 'ENOENT' });
  };
  await once(0);
  const before = state();
  let next = 0;
  const worker = async () => {
    while (next < 300) await once(next++);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  // Of the first ones a stream may have been open still.
  await until('all is as it was', () => {
    const now = state();
    return (
      now.descriptors <= before.descriptors &&
      now.children <= before.children &&
      now.listeners <= before.listeners
    );
  });
});

it('is entered by 200 at once', async () => {
  const waiting = Array.from({ length: 200 }, () =>
    spawn('cat', { target: target.pid, namespaces: ['net', 'pid'] }),
  );
  const pids = await Promise.all(waiting.map(({ entered }) => entered));
  expect(new Set(pids).size).toBe(200);
  const net = readlinkSync(`/proc/${target.pid}/ns/net`);
  for (const pid of pids) expect(readlinkSync(`/proc/${pid}/ns/net`)).toBe(net);
  const ends = waiting.map(
    (child) => new Promise((resolve) => child.once('close', (...values: unknown[]) => resolve(values))),
  );
  for (const { stdin } of waiting) stdin.end();
  for (const end of await Promise.all(ends)) expect(end).toEqual([0, null]);
});
