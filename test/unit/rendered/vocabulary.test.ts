import { describe, expect, it } from 'vitest';
import { NSENTER_NAMES } from '../../../src/cli/screens/name.ts';
import { SENTENCES } from '../../../src/cli/screens/sentences.ts';
import { OPTION_ROWS } from '../../../src/options/table.ts';
import { STEPS } from '../../../src/plan/steps.ts';
import { renderVocabulary } from '../../../src/rendered/vocabulary.ts';
import { ASPECTS } from '../../../src/request/controls.ts';
import { SIGNAL_NAMES } from '../../../src/request/signals.ts';
import { NAMESPACES, procFile } from '../../../src/sys/namespaces.ts';

describe('the C header', () => {
  it('has every step, option and namespace', () => {
    const header = renderVocabulary();
    for (const step of Object.keys(STEPS))
      expect(header).toContain(`X("${step}", ${step.replace(/-/g, '_')})`);
    for (const { name, flag } of NAMESPACES)
      expect(header).toContain(`X("${name}", "${procFile(name)}", 0x${flag.toString(16)})`);
    expect(header.match(/X\("/g)).toHaveLength(
      Object.keys(STEPS).length +
        OPTION_ROWS.length +
        NAMESPACES.length +
        ['root', 'wd', 'wdns', 'kill-child'].length +
        SIGNAL_NAMES.length +
        ASPECTS.length +
        ['strict'].length +
        NSENTER_NAMES.length +
        SENTENCES.filter(({ step }) => step).length,
    );
  });

  it('has sentences that fit into the arrays of entry/report.c, whose only star is at the end of the object', () => {
    for (const { verb, object, says, cause, errno, all, ends, getopt } of SENTENCES.filter(
      ({ step }) => step,
    )) {
      expect(verb.length).toBeLessThan(8);
      expect(object).toMatch(/^[^*]{0,31}\*?$/);
      expect(says).toMatch(/^[^*]{1,63}(\*[^*]{0,3})?$/);
      if (says.includes('*')) expect(object).toMatch(/\*$/);
      expect([cause, errno, all, ends, getopt]).toEqual([
        undefined,
        undefined,
        undefined,
        undefined,
        undefined,
      ]);
    }
  });

  it('has a backslash at the end of every line of a macro but the last', () => {
    for (const macro of renderVocabulary().split('#define ').slice(2)) {
      const rows = macro.split('\n').filter((line) => line.startsWith('\tX('));
      expect(rows.map((line) => line.endsWith(' \\'))).toEqual(
        rows.map((_, index) => index < rows.length - 1),
      );
    }
  });
});
