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
    ['for its effects', "import '../plan/plan.ts';\n"],
    ['that passes all on', "export * from '../plan/plan.ts';\n"],
    ['of the default', "import plan from '../plan/plan.ts';\n"],
    ['at run time', "export const plan = await import('../plan/plan.ts');\n"],
    ['in a template', 'export const plan = import(`../plan/plan.ts`);\n'],
    ['in the old way', "const plan = require('../plan/plan.ts');\n"],
    ['with a comment in it', "import { a /* } */ } from /* ' */ '../plan/plan.ts';\n"],
    ['that is not the first', "import { b } from './b.ts'; import { a } from '../plan/plan.ts';\n"],
    ['of a very long name', `import { ${'Long'.repeat(20_000)} } from '../plan/plan.ts';\n`],
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

  it('of none that is known only when it runs, and none that only the compiler sees', () => {
    write({
      'src/facts/a.ts': 'export const a = await import(process.argv[2]);\n',
      'src/facts/b.ts': "export const b = await import(('../plan/plan.ts'));\n",
      'src/facts/c.ts': '/// <reference path="../plan/plan.ts" />\n',
      'src/facts/d.mts': "import '../plan/plan.ts';\n",
    });
    expect(check()).toEqual({
      status: 1,
      complaints: [
        'src/facts/a.ts imports what is known only when it runs',
        'src/facts/b.ts imports what is known only when it runs',
        'src/facts/c.ts names a file in a comment that the compiler follows',
        'src/facts/d.mts: not a .ts file',
      ],
    });
  });

  it('from a file that stands in no room', () => {
    write({ 'src/pile.ts': "import { a } from './sys/a.ts';\n", 'src/sys/a.ts': 'export const a = 1;\n' });
    expect(check().complaints).toEqual([
      'src/pile.ts imports sys/a.ts: it stands in no room of scripts/rooms.mjs',
    ]);
  });
});

describe('uses', () => {
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
      complaints: ['helper-c/entry/words.c uses steps/run.c: entry may use nothing but itself'],
    });
  });

  it.each([
    ['of a variable', 'extern int step;\nint *words(void)\n{\n\treturn &step;\n}\n', 'int step;\n'],
    [
      'of a weak name',
      '__attribute__((weak)) void run(void);\nvoid words(void)\n{\n\tif (run)\n\t\trun();\n}\n',
      'void run(void)\n{\n}\n',
    ],
    [
      'of a name defined as a weak one',
      'void run(void);\nvoid words(void)\n{\n\trun();\n}\n',
      '__attribute__((weak)) void run(void)\n{\n}\n',
    ],
  ])('never up: a use %s', (_, low, high) => {
    write({ 'helper-c/entry/words.c': low, 'helper-c/steps/run.c': high });
    expect(check().complaints).toEqual([
      'helper-c/entry/words.c uses steps/run.c: entry may use nothing but itself',
    ]);
  });

  it('never up: an include, of a header by a header', () => {
    write({
      'helper-c/entry/entry.h': '#include "steps/steps.h"\n',
      'helper-c/steps/steps.h': '#include "entry/entry.h"\n',
    });
    const { complaints } = check();
    expect(complaints).toContain(
      'helper-c/entry/entry.h uses steps/steps.h: entry may use nothing but itself',
    );
    expect(complaints[1]).toMatch(/^helper-c: a ring of 2 files: /);
  });

  it('not from one executable into the other; a name that both define is its own', () => {
    write({
      'helper-c/native/a.c':
        'void own(void)\n{\n}\nvoid launch(void);\nvoid a(void)\n{\n\town();\n\tlaunch();\n}\n',
      'helper-c/node/b.c': 'void own(void)\n{\n}\nvoid launch(void)\n{\n\town();\n}\n',
      'helper-c/node/c.c': 'void own(void);\nvoid c(void)\n{\n\town();\n}\n',
    });
    expect(check().complaints).toEqual([
      expect.stringMatching(/^helper-c\/native\/a\.c uses node\/b\.c: native may use /),
    ]);
  });

  it('in no ring', () => {
    write({
      'helper-c/steps/a.c': 'void b(void);\nvoid a(void)\n{\n\tb();\n}\n',
      'helper-c/steps/b.c': 'void a(void);\nvoid b(void)\n{\n\ta();\n}\n',
    });
    expect(check().complaints).toEqual([expect.stringMatching(/^helper-c: a ring of 2 files: steps\//)]);
  });
});
