/** A7, A10, A12: what a target, or a caller, makes of tsenter itself. */
import { beforeAll, describe, expect, it } from 'vitest';
import { buildPrograms } from '../support/programs.ts';
import { fewDescriptors } from './attacks/descriptors.ts';
import { type Area, hugeEnvironment } from './attacks/environment.ts';
import { switchRoots } from './attacks/roots.ts';
import { attackTarget } from './attacks/targets.ts';
import { nsenterTool, tsenterTool } from './attacks/tools.ts';

beforeAll(buildPrograms);

const areas: readonly (readonly [string, Area])[] = [
  ['NULs', 'nul'],
  ['tiny entries', 'names'],
];

it.each(areas)('--env of 8 MiB of %s takes less than 64 MiB', async (_, area) => {
  await using target = await attackTarget('priv');
  const { seen, succeeded } = await hugeEnvironment(area).run(tsenterTool, target);
  console.log(`${area}: ${seen}`);
  expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
});

it.each([[['-r', '-m']], [['-a', '-r']], [['-r', '-m', '-W/']]])(
  '%j of a target that switches: no root of one namespace in the other',
  async (words) => {
    await using target = await attackTarget('priv');
    const { seen, succeeded } = await switchRoots({ words }, 150).run(tsenterTool, target);
    expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
  },
);

it('nsenter gets that mixed up (so it bites)', async () => {
  await using target = await attackTarget('priv');
  const { seen, succeeded } = await switchRoots({ words: ['-r', '-m'] }, 300).run(nsenterTool, target);
  expect({ succeeded, seen }).toEqual({ succeeded: true, seen });
});

describe('a limit of open files from 3 to 40: the whole program or none of it', () => {
  const limits = Array.from({ length: 38 }, (_, index) => index + 3);

  it.each([[true], [false]])('--pty %s', async (pty) => {
    await using target = await attackTarget('priv');
    const { seen, succeeded } = await fewDescriptors({ pty }, limits).run(tsenterTool, target);
    expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
  });
});
