import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type KernelFeatureName, kernelFeatures } from '../../../src/options/kernel-features.ts';
import { renderManOptions, renderReadmeOptions } from '../../../src/rendered/option-sections.ts';
import { renderedFiles } from '../../../src/rendered/rendered-files.ts';
import type { TriedKernel } from '../../../src/rendered/tried-kernels.ts';
import { renderVocabulary } from '../../../src/rendered/vocabulary.ts';
import { repository } from '../../support/programs.ts';

const tried: readonly TriedKernel[] = JSON.parse(readFileSync(`${repository}/docs/kernels.json`, 'utf8'));

describe('what is rendered from the tables', () => {
  it.each(Object.entries(renderedFiles))('%s is up to date', (path, render) => {
    const current = readFileSync(`${repository}/${path}`, 'utf8');
    expect(render(current, tried)).toBe(current);
  });

  it('includes the header that the helper is compiled with', () => {
    expect(renderedFiles['helper-c/entry/vocabulary.h']?.('', tried)).toBe(renderVocabulary());
  });

  it.each(['man/tsenter.1', 'README.md'])(
    'is put between two marks of %s, and refused without them',
    (path) => {
      const current = readFileSync(`${repository}/${path}`, 'utf8');
      const render = renderedFiles[path] ?? (() => '');
      const [line = ''] = (path === 'README.md' ? renderReadmeOptions() : renderManOptions())
        .split('\n')
        .slice(-1);
      expect(render(current.replace(line, 'stale'), tried)).toBe(current);
      expect(() => render('no marks', tried)).toThrow('no place between');
    },
  );
});

describe('what is told of kernels', () => {
  const seen = { features: { ...tried[0]?.features, namespaceIds: false } } as Partial<TriedKernel>;

  it('is stale when a run has seen otherwise', () => {
    const others = tried.map((one) => ({ ...one, ...seen }));
    for (const path of ['docs/kernels.md', 'man/tsenter.1', 'README.md']) {
      const current = readFileSync(`${repository}/${path}`, 'utf8');
      expect(renderedFiles[path]?.(current, others)).not.toBe(current);
    }
    const other = tried.map((one) => ({ ...one, version: '8.1.0' }));
    expect(renderedFiles['src/cli/screens/tried-kernels.ts']?.('', other)).toContain('Linux 8.1, ');
  });

  it('is what the kernels that lack it have in common with the manual', () => {
    for (const { version, features } of tried)
      for (const [name, isThere] of Object.entries(features)) {
        const [major, minor] = kernelFeatures[name as KernelFeatureName].since;
        const [first = 0, second = 0] = version.split('.', 2).map(Number);
        expect([version, name, isThere]).toEqual([
          version,
          name,
          first > major || (first === major && second >= minor),
        ]);
      }
  });
});
