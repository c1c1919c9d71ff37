/** Layers of the tests as they are, on one kernel: with the host's root, in which Node and vitest are. */
import type { Kernel } from './kernels.ts';
import { boot } from './machine.ts';
import { inRepository, makeRoot, readOutput, shareOf } from './root.ts';
import type { Userland } from './userland.ts';

/** Signals and job control; and all that is about terminals, which takes minutes. */
export const signalFiles = ['stops', 'signals-to-tsenter'];
export const terminalFiles = [
  ...signalFiles,
  ...['pty.test', 'foreground', 'program-ends', 'starters', 'end-of-input'],
];

export interface LayersRun {
  readonly milliseconds: number;
  readonly passed: number;
  readonly skipped: readonly string[];
  /** The name, and how it failed. */
  readonly failed: readonly string[];
}

/** What vitest's reporter writes, as far as it is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly status: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** `words` are vitest's: layers and files. */
export async function runLayers(
  kernel: Kernel,
  words: readonly string[],
  userland?: Userland,
): Promise<LayersRun> {
  const script = `
${inRepository}
node node_modules/vitest/vitest.mjs run ${words.join(' ')} --no-file-parallelism --testTimeout=300000 \\
	--reporter=json --outputFile=/output/report >/output/log 2>&1
true
`;
  using root = makeRoot({ kernel, script, host: true, ...(userland === undefined ? {} : { userland }) });
  const run = await boot({
    kernel,
    root: root.directory,
    share: shareOf(userland),
    memory: 2048,
    timeout: 3_600_000,
  });
  const files = readOutput(run);
  const report = files.get('report');
  if (report === undefined) throw new Error(`${kernel.version}: ${files.get('log')}`);
  return { milliseconds: run.milliseconds, ...understood(JSON.parse(report.toString()) as Report) };
}

function understood({ testResults }: Report): Omit<LayersRun, 'milliseconds'> {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  const named = (...states: string[]): typeof tests => tests.filter(({ status }) => states.includes(status));
  return {
    passed: named('passed').length,
    skipped: named('skipped', 'pending', 'todo').map(({ fullName }) => fullName),
    failed: [
      ...broken.map(({ name, message }) => `${name}: ${message}`),
      ...named('failed').map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0] ?? ''}`),
    ],
  };
}
