/** What a test does when the machine cannot run it. */

/** The part of vitest's test context that is needed here. */
interface Skippable {
  skip(note?: string): void;
}

/**
 * A precondition is missing: skip the test, and say why. With TSENTER_TEST_MUST_RUN=1 (the CI, where all of them
 * must hold) it is a failure: a layer that silently tests nothing is worse than none. Returns false, for
 * `it.skipIf(!mustRun(reason))`; inside a test its context skips it, without which a test that has tried nothing is green.
 */
export function mustRun(reason: string, context?: Skippable): false {
  if (process.env.TSENTER_TEST_MUST_RUN === '1') throw new Error(`must run, but: ${reason}`);
  console.warn(`skipped: ${reason}`);
  context?.skip(reason);
  return false;
}
