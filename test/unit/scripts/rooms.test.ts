/** The check of the floors on small trees: what it lets pass, and that it finds what it is there for. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repository } from '../../support/programs.ts';

let tree: string;
beforeEach(() => {
  tree = mkdtempSync(`${tmpdir()}/tsenter-rooms-test-`);
});
afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(`${tree}/${path}`), { recursive: true });
    writeFileSync(`${tree}/${path}`, text);
  }
}

function check(): { status: number | null; complaints: string[] } {
  const { status, stderr } = spawnSync(process.execPath, [`${repository}/scripts/rooms.mjs`, tree], {
    encoding: 'utf8',
  });
  return { status, complaints: stderr.split('\n').filter((line) => line !== '') };
}

describe('imports', () => {
  it('lead down and within a room', () => {
    write({
      'src/plan/a.ts': "import { b } from '../facts/b.ts';\nimport { c } from './c.ts';\n",
      'src/plan/c.ts': 'export const c = 1;\n',
      'src/facts/b.ts': 'export const b = 1;\n',
      'src/hosts/node/d.ts':
        "import { readFileSync } from 'node:fs';\nimport { a } from '../../plan/a.ts';\n",
    });
    expect(check()).toEqual({ status: 0, complaints: [] });
  });

  it.each([
    ['of a value', "import { plan } from '../plan/plan.ts';\n"],
    ['of a type', "import type { Plan } from '../plan/plan.ts';\n"],
    ['of several lines', "import {\n  one,\n  type Plan,\n} from '../plan/plan.ts';\n"],
    ['of a whole module', "import * as plan from '../plan/plan.ts';\n"],
    ['that is a re-export', "export { plan } from '../plan/plan.ts';\n"],
    ['in the place of a type', "type Plan = typeof import('../plan/plan.ts');\n"],
  ])('never up: one %s', (_, text) => {
    write({ 'src/facts/facts.ts': text, 'src/plan/plan.ts': 'export const plan = 1;\n' });
    expect(check()).toEqual({
      status: 1,
      complaints: ['src/facts/facts.ts imports plan/plan.ts: facts may use target, request, options, sys'],
    });
  });

  it('not of a host by the other', () => {
    write({
      'src/hosts/native/a.ts': "import { b } from '../node/b.ts';\n",
      'src/hosts/node/b.ts': 'export const b = 1;\n',
    });
    expect(check().complaints).toEqual([
      expect.stringMatching(
        /^src\/hosts\/native\/a\.ts imports hosts\/node\/b\.ts: hosts\/native may use cli, /,
      ),
    ]);
  });

  it.each([
    ['sys/a.ts', 'node:fs'],
    ['cli/screens/a.ts', 'clipanion'],
    ['hosts/native/a.ts', 'koffi'],
  ])('of packages only where they belong: %s, %s', (file, name) => {
    write({ [`src/${file}`]: `import { x } from '${name}';\n` });
    expect(check().complaints[0]).toContain(`src/${file} imports ${name}: `);
  });

  it('in no ring, of types neither', () => {
    write({
      'src/facts/a.ts': "import { b } from './b.ts';\n",
      'src/facts/b.ts': "import { c } from './c.ts';\n",
      'src/facts/c.ts': "import type { A } from './a.ts';\n",
    });
    const { status, complaints } = check();
    expect(status).toBe(1);
    expect(complaints).toHaveLength(1);
    for (const name of ['a', 'b', 'c']) expect(complaints[0]).toContain(`facts/${name}.ts`);
  });

  it('from a file that stands in no room', () => {
    write({ 'src/pile.ts': "import { a } from './sys/a.ts';\n", 'src/sys/a.ts': 'export const a = 1;\n' });
    expect(check().complaints).toEqual([
      'src/pile.ts imports sys/a.ts: it stands in no room of scripts/rooms.mjs',
    ]);
  });
});

describe('calls', () => {
  it('lead down and within a room', () => {
    write({
      'helper-c/steps/run.c': 'void fork_child(void);\nvoid run(void)\n{\n\tfork_child();\n}\n',
      'helper-c/supervision/fork.c': 'void fork_child(void)\n{\n}\n',
    });
    expect(check()).toEqual({ status: 0, complaints: [] });
  });

  it('never up, by a pointer neither', () => {
    write({
      'helper-c/steps/run.c': 'void run(void)\n{\n}\n',
      'helper-c/entry/words.c': 'void run(void);\nvoid (*const table[])(void) = { run };\n',
    });
    expect(check()).toEqual({
      status: 1,
      complaints: ['helper-c/entry/words.c calls into steps/run.c: entry may use nothing but itself'],
    });
  });

  it('in no ring', () => {
    write({
      'helper-c/steps/a.c': 'void b(void);\nvoid a(void)\n{\n\tb();\n}\n',
      'helper-c/steps/b.c': 'void a(void);\nvoid b(void)\n{\n\ta();\n}\n',
    });
    expect(check().complaints).toEqual([expect.stringMatching(/^helper-c: a ring of 2 files: steps\//)]);
  });
});
