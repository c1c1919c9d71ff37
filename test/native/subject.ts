/** What the tests of the native executable enter: a target with a root of its own, and a directory for what they make. */
import { afterAll, beforeAll, it } from 'vitest';
import { mustRun } from '../support/command.ts';
import { type Scratch, scratch } from '../support/enter.ts';
import { buildPrograms } from '../support/programs.ts';
import { type NamespaceName, startTarget, type Target } from '../support/targets.ts';
import { missingExecutable } from './build.ts';

/** The number of the target; it is there when the first test begins. */
export let t: string;
export let files: Scratch;

/**
 * To be called once in a file, which then has both.
 *
 * @returns why its tests cannot run, or nothing
 */
export function startSubject(what: string, namespaces: readonly NamespaceName[]): string | undefined {
  const reason = process.getuid?.() === 0 ? missingExecutable() : 'needs root';
  if (reason !== undefined) {
    it.skipIf(!mustRun(reason))(`${what}: ${reason}`, () => undefined);
    return reason;
  }
  let target: Target;
  beforeAll(async () => {
    buildPrograms();
    files = scratch();
    target = await startTarget({ namespaces, hostname: 'inside', root: 'pivot' });
    t = String(target.pid);
  });
  afterAll(async () => {
    await target?.stop();
    files?.[Symbol.dispose]();
  });
  return undefined;
}
