/** A3: whatever holds the child before it executes, the parent listens. */
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { tsenter } from '../support/command.ts';
import { FreezableCgroup, freezers } from '../support/freezer.ts';
import { startJob } from '../support/job.ts';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { attackTarget, type Kind, missingFor } from './attacks/targets.ts';
import { tsenterTool } from './attacks/tools.ts';
import { type Hold, holdChild } from './attacks/unresponsive.ts';

beforeAll(buildPrograms);

const ways = (['SIGTERM', 'SIGINT', 'SIGHUP', '^C', '~.'] as const).flatMap((by): Hold[] => [
  ...(by === '~.' ? [] : [{ by }, { by, stopped: true }]),
  { by, pty: true },
  { by, stopped: true, pty: true },
]);

const rows = ways.map((hold): [string, Hold] => [holdChild(hold).name, hold]);

async function fails(kind: Kind, hold: Hold): Promise<void> {
  await using target = await attackTarget(kind);
  const { seen, succeeded } = await holdChild(hold).run(tsenterTool, target);
  expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
}

describe('priv', () => {
  it.each(rows)('%s', async (_, hold) => await fails('priv', hold));
});

describe('a file system in user space, in priv', () => {
  const there = existsSync('/dev/fuse') || mustRun('needs /dev/fuse');

  it
    .skipIf(!there)
    .each(
      ways
        .filter(({ stopped }) => stopped !== true)
        .map((hold): [string, Hold] => [holdChild({ ...hold, fuse: true }).name, hold]),
    )('%s', async (_, hold) => await fails('priv', { ...hold, fuse: true }));
});

describe.each(['runc', 'uns'] as const)('%s', (kind) => {
  const missing = missingFor(kind);

  it.skipIf(missing !== undefined && !mustRun(missing)).each(rows.slice(0, 2))('%s', async (_, hold) => {
    await fails(kind, hold);
  });
});

describe('a frozen cgroup, with -c', () => {
  const freezer = freezers.find(({ version }) => version === 1);

  it.for([[], ['--pty']])('%j: refused, and the terminal is as it was', async (words, context) => {
    if (freezer === undefined) return void mustRun('needs a freezer of cgroup version 1', context);
    await using cgroup = new FreezableCgroup(freezer);
    await using target = await attackTarget('priv');
    using _frozen = await cgroup.freeze(target.pid);
    await using plain = await startJob(['/bin/true']);
    await using job = await startJob([tsenter, '-t', String(target.pid), '-a', '-c', ...words, '/probe']);
    const end = await job.next({ timeout: 5000 });
    expect(end).toMatchObject({ what: 'exited', how: 1, settings: (await plain.next()).settings });
    await job.terminal.waitFor('tsenter:');
  });
});
