import { describe, expect, it } from 'vitest';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { OPTION_GROUPS, OPTION_TEXT } from '../../../src/options/text.ts';

describe('the text of the options', () => {
  it('is there for each: one line, lowercase, without a full stop; and paragraphs', () => {
    for (const { long } of OPTION_ROWS) {
      const { group, summary, details } = OPTION_TEXT[long];
      expect(summary, long).toMatch(/^[a-z][^\n]*[^.\s]$/);
      expect(details.length, long).toBeGreaterThan(0);
      for (const paragraph of details) expect(paragraph, long).toMatch(/^[A-Z_*][^\n]*\.$/);
      expect(Object.keys(OPTION_GROUPS)).toContain(group);
    }
  });

  it('is there for no other', () => {
    expect(Object.keys(OPTION_TEXT).sort()).toEqual(OPTION_ROWS.map(({ long }) => long as string).sort());
  });
});
