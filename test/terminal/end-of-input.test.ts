/** --pty with an input that ends: a line editor that changes the mode of its terminal meanwhile sees the end all the same. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enter } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';

let target: Target;
beforeAll(async () => {
  buildPrograms();
  target = await startTarget({ namespaces: ['uts'] });
});
afterAll(() => target.stop());

describe('an interactive bash', () => {
  // Whether the end comes before or after the editor has changed the mode is a race.
  it.each([1, 2, 3, 4, 5])('ends with an empty input, %i', async () => {
    const words = ['-t', String(target.pid), '-u', '--pty', '/bin/bash', '--norc'];
    const outcome = await enter(words, { stdin: '', timeout: 20_000 });
    expect(outcome).toMatchObject({ status: 0, signal: null });
  });

  it.each([1, 2, 3])('executes a line, then ends, %i', async () => {
    const words = ['-t', String(target.pid), '-u', '--pty', '/bin/bash', '--norc'];
    const outcome = await enter(words, { stdin: 'echo a$((1 + 1))\n', timeout: 20_000 });
    expect(outcome.stdout.toString()).toContain('a2');
    expect(outcome).toMatchObject({ status: 0, signal: null });
  });
});
