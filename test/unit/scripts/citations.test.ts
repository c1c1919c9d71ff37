/** What comments, tests and documents name as a source can be read in this repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { expect, it } from 'vitest';
import { intended } from '../../conformance/intended.ts';
import { repository } from '../../support/programs.ts';

const NOT_OURS = ['.git', 'node_modules', 'dist'];
const files = readdirSync(repository, { withFileTypes: true })
  .filter((entry) => !NOT_OURS.includes(entry.name))
  .flatMap((entry) =>
    entry.isDirectory()
      ? readdirSync(`${repository}/${entry.name}`, { recursive: true, encoding: 'utf8' }).map(
          (name) => `${entry.name}/${name}`,
        )
      : entry.name,
  )
  .filter((file) => /\.(ts|mjs|c|h|sh|md|1)$|Makefile$|^bin\/|^\.ci\//.test(file));
const textOf = (file: string) => readFileSync(`${repository}/${file}`, 'utf8');

it('documents that are named are there', () => {
  const there = new Set(files.map((file) => basename(file)));
  const missing = files.flatMap((file) =>
    [...textOf(file).matchAll(/[\w-]+\.md\b/g)]
      .filter(([name]) => !there.has(name))
      .map(([name]) => `${file}: ${name}`),
  );
  expect(missing).toEqual([]);
});

it('no row of a document is named that is not there', () => {
  // A letter and a number as lists of defects have them.
  const rows = /\bD\d{1,2}\b/g;
  const found = files.flatMap((file) => [...textOf(file).matchAll(rows)].map(([row]) => `${file}: ${row}`));
  expect(found.filter((each) => !each.startsWith('test/unit/scripts/citations'))).toEqual([]);
});

it('a section that a difference names is in that document', () => {
  const plain = (text: string) => text.toLowerCase().replace(/\s+/g, ' ').replace(/’/g, "'");
  const sections = intended.flatMap(({ source }) =>
    [...source.matchAll(/(\w+\.md|man page), ([^;]+)/g)].map(([, document = '', section = '']) => ({
      document: document === 'man page' ? 'man/tsenter.1' : document,
      section,
    })),
  );
  expect(sections.length).toBeGreaterThan(10);
  for (const { document, section } of sections) expect(plain(textOf(document))).toContain(plain(section));
});
