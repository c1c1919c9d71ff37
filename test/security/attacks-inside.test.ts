/** A2, A4, A5, A6, A11: what the program does that was entered with. */
import { beforeAll, describe, expect, it } from 'vitest';
import { mustRun } from '../support/must-run.ts';
import { buildPrograms } from '../support/programs.ts';
import type { Attack, Observation } from './attacks/attack.ts';
import { directoryOfDescriptor, directoryOfProcess } from './attacks/directory.ts';
import { killGroup } from './attacks/group.ts';
import { readByGroup } from './attacks/groups.ts';
import { useCapabilities, useDescriptors } from './attacks/handed-on.ts';
import { readKeys } from './attacks/keyring.ts';
import { overwrite } from './attacks/overwrite.ts';
import { floodParent, makeSiblings } from './attacks/siblings.ts';
import { attackTarget, type Kind, missingFor } from './attacks/targets.ts';
import { attackTerminal } from './attacks/terminal.ts';
import { asTargetTool, nsenterTool, type Tool, tsenterTool, type Way } from './attacks/tools.ts';

beforeAll(buildPrograms);

const follow = ['-S', 'follow', '-G', 'follow'];
const dropped = ['-S', '1000', '-G', '1000'];

interface Row {
  readonly attack: Attack;
  readonly kinds: readonly Kind[];
  /** nsenter has the hole. */
  readonly bites: boolean;
}

const directories = (words: readonly string[], bites: boolean): Row[] => [
  { attack: directoryOfProcess({ words }), kinds: ['shared'], bites },
  { attack: directoryOfDescriptor({ words }), kinds: ['shared'], bites: false },
];
const pty: Way = { pty: true };

const rows: readonly Row[] = [
  ...directories(['-a'], true),
  ...directories(['-a', ...dropped], true),
  ...directories(['-a', ...follow], false),
  ...directories(['-m', '-r'], true),
  ...directories(['-r', ...dropped], true),
  { attack: readKeys({ uid: 1000 }), kinds: ['runc', 'priv', 'uns', 'ido'], bites: true },
  { attack: readKeys({}), kinds: ['uns', 'ido', 'rootless'], bites: true },
  { attack: readByGroup({ uid: 1000 }), kinds: ['priv', 'ido'], bites: false },
  { attack: readByGroup({ words: ['-a', '-S', '1000'] }), kinds: ['priv', 'ido'], bites: false },
  { attack: attackTerminal(), kinds: ['runc', 'priv', 'uns', 'ido', 'rootless'], bites: true },
  { attack: killGroup(pty), kinds: ['runc', 'priv', 'ido', 'uns'], bites: false },
  { attack: makeSiblings({}), kinds: ['runc', 'priv', 'uns', 'rootless'], bites: true },
  { attack: makeSiblings(pty), kinds: ['priv', 'uns'], bites: false },
  { attack: floodParent({}), kinds: ['priv'], bites: false },
  { attack: floodParent(pty), kinds: ['priv'], bites: false },
];

async function observed(attack: Attack, tool: Tool, kind: Kind): Promise<Observation> {
  await using target = await attackTarget(kind);
  return await attack.run(tool, target);
}

const cases = rows.flatMap(({ attack, kinds, bites }) =>
  kinds.map((kind) => [kind, attack.name, attack, bites] as const),
);

describe.each(cases)('%s: %s', (kind, _, attack, bites) => {
  const missing = missingFor(kind);
  const there = missing === undefined || mustRun(missing);

  it.skipIf(!there)('fails', async () => {
    const { seen, succeeded } = await observed(attack, tsenterTool, kind);
    expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
  });

  if (!bites) return;
  it.skipIf(!there)('succeeds on nsenter (so it bites)', async () => {
    const { seen, succeeded } = await observed(attack, nsenterTool, kind);
    expect({ succeeded, seen }).toEqual({ succeeded: true, seen });
  });
});

describe('--as-target promises what nsenter’s options cannot', () => {
  const promised: readonly (readonly [Attack, readonly Kind[]])[] = [
    [killGroup({}), ['runc', 'priv', 'uns', 'ido']],
    [readKeys({}), ['runc', 'priv', 'uns', 'ido', 'rootless']],
    [useDescriptors({}), ['runc', 'priv', 'uns', 'ido', 'rootless']],
    [useCapabilities({}), ['runc']],
    [attackTerminal(), ['runc', 'priv', 'uns', 'ido', 'rootless']],
    [makeSiblings({}), ['runc', 'priv', 'uns']],
    [directoryOfProcess({ uid: 1000 }), ['shared']],
    [overwrite({}), ['runc', 'priv', 'ido', 'rootless']],
    [overwrite({ uid: 1000 }), ['runc', 'uns']],
  ];
  const tried = promised.flatMap(([attack, kinds]) =>
    kinds.map((kind) => [kind, attack.name, attack] as const),
  );

  describe.each(tried)('%s: %s', (kind, _, attack) => {
    const missing = missingFor(kind);
    const there = missing === undefined || mustRun(missing);

    it.skipIf(!there)('fails', async () => {
      const { seen, succeeded } = await observed(attack, asTargetTool, kind);
      expect({ succeeded, seen }).toEqual({ succeeded: false, seen });
      // Who is not let in has attacked nothing.
      expect(seen).not.toMatch(/^tsenter: (?!leave out|execute|change working directory)/);
    });
  });

  it.each([useDescriptors({}), useCapabilities({}), readKeys({}), killGroup({})])(
    '$name succeeds without',
    async (attack) => {
      const { seen, succeeded } = await observed(attack, tsenterTool, 'runc');
      expect({ succeeded, seen }).toEqual({ succeeded: true, seen });
    },
  );
});

describe('without --pty, kill(0) is what the man page says', () => {
  it.each(['priv', 'uns'] as const)('%s', async (kind) => {
    const ours = await observed(killGroup({}), tsenterTool, kind);
    expect(ours).toEqual(await observed(killGroup({}), nsenterTool, kind));
  });
});
