import { describe, expect, it } from 'vitest';
import { STEPS } from '../../../src/plan/steps.ts';
import { repeated } from '../support/repeated.ts';

describe('the steps', () => {
  it('have names that make different names in C', () => {
    const names = Object.keys(STEPS).map((step) => `step_${step.replace(/-/g, '_')}`);
    for (const name of names) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(repeated(names)).toEqual([]);
  });

  it('have a sentence each for --explain=steps', () => {
    for (const { does } of Object.values(STEPS)) expect(does).toMatch(/^[a-z][^\n]*[^.\s]$/);
  });
});
