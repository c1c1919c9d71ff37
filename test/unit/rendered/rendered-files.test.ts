import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderManOptions, renderReadmeOptions } from '../../../src/rendered/option-sections.ts';
import { renderedFiles } from '../../../src/rendered/rendered-files.ts';
import { renderVocabulary } from '../../../src/rendered/vocabulary.ts';
import { repository } from '../../support/programs.ts';

describe('what is rendered from the tables', () => {
  it.each(Object.entries(renderedFiles))('%s is up to date', (path, render) => {
    const current = readFileSync(`${repository}/${path}`, 'utf8');
    expect(render(current)).toBe(current);
  });

  it('includes the header that the helper is compiled with', () => {
    expect(renderedFiles['helper-c/entry/vocabulary.h']?.('')).toBe(renderVocabulary());
  });

  it.each(['man/tsenter.1', 'README.md'])(
    'is put between two marks of %s, and refused without them',
    (path) => {
      const current = readFileSync(`${repository}/${path}`, 'utf8');
      const render = renderedFiles[path] ?? (() => '');
      const [line = ''] = (path === 'README.md' ? renderReadmeOptions() : renderManOptions())
        .split('\n')
        .slice(-1);
      expect(render(current.replace(line, 'stale'))).toBe(current);
      expect(() => render('no marks')).toThrow('no place between');
    },
  );
});
