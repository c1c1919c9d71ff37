/** A1, CVE-2019-5736. The tool is a private copy. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import { overwrite } from './attacks/overwrite.ts';
import { attackTarget, type Kind, missingFor } from './attacks/targets.ts';
import { nsenterTool, type Tool, tsenterTool, unsealedTool, type Way } from './attacks/tools.ts';

beforeAll(buildPrograms);

const user: Way = { uid: 1000 };
const ways: Readonly<Record<Kind, readonly Way[]>> = {
  runc: [
    user,
    {},
    { ...user, pty: true },
    { ...user, words: ['-m', '-p'] },
    { ...user, words: ['-r', '-p'] },
  ],
  lxc: [user],
  priv: [
    user,
    {},
    { pty: true },
    { words: ['-m', '-p'] },
    { words: ['-r', '-p'] },
    { words: ['-a', '-r', '-w'] },
  ],
  // Who does not fork does not enter the PID namespace either: it is seen inside only where all processes are.
  shared: [
    { ...user, words: ['-a', '--no-fork'] },
    { ...user, words: ['-m', '--no-fork'] },
    { ...user, words: ['-r'] },
  ],
  uns: [user, {}],
  ido: [user, {}, { pty: true }, { words: ['-U', '-m', '-p'] }],
  rootless: [{}, { pty: true }, { words: ['-U', '-m', '-p'] }],
};

const rows = (Object.keys(ways) as Kind[]).flatMap((kind) =>
  ways[kind].map((way) => [kind, overwrite(way).name, way] as const),
);

/** What stands in the way of nsenter's file as well, so that nothing can bite. */
function heldAnyway(kind: Kind, way: Way): boolean {
  // A container's root has fewer capabilities than what root enters it with; ids that are not mapped own nothing.
  return kind === 'uns' || (kind === 'runc' && way.uid === undefined);
}

async function observed(tool: Tool, kind: Kind, way: Way) {
  await using target = await attackTarget(kind);
  return await overwrite(way).run(tool, target);
}

describe.each(rows)('%s: %s', (kind, _, way) => {
  const missing = missingFor(kind);
  const there = missing === undefined || mustRun(missing);

  it.skipIf(!there)('tsenter is not overwritten', async () => {
    const { succeeded, seen } = await observed(tsenterTool, kind, way);
    expect(seen).toMatch(/EROFS|EPERM|EACCES/);
    expect(succeeded).toBe(false);
  });

  // Where something else stands in the way there is nothing to show.
  if (heldAnyway(kind, way)) return;

  if (!way.pty)
    it.skipIf(!there)('nsenter is (so the attack bites)', async () => {
      expect(await observed(nsenterTool, kind, way)).toEqual({
        succeeded: true,
        seen: 'its file was overwritten',
      });
    });

  it.skipIf(!there)('tsenter --unsealed is (so the attack bites)', async () => {
    expect(await observed(unsealedTool, kind, way)).toEqual({
      succeeded: true,
      seen: 'its file was overwritten',
    });
  });
});
