import { describe, expect, it } from 'vitest';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { renderManOptions, renderReadmeOptions } from '../../../src/rendered/option-sections.ts';

describe('the option sections', () => {
  it('name every option once, in the man page and in the README', () => {
    const man = renderManOptions().split('\n');
    const readme = renderReadmeOptions().split('\n');
    for (const { long } of OPTION_ROWS) {
      const escaped = `Fl \\-${long.replace(/-/g, '\\-')}`;
      expect(
        man.filter((line) => `${line} `.includes(`${escaped} `) && line.startsWith('.It')),
        long,
      ).toHaveLength(1);
      expect(
        readme.filter((line) => new RegExp(`^\\| \`(-., )?--${long}[\`\\[ ]`).test(line)),
        long,
      ).toHaveLength(1);
    }
  });
});
