/** One core on two hosts: the same command line gives the same plan, or the same error, on both. */
import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { mustRun, run } from '../support/command.ts';
import { literal } from '../support/launch.ts';
import { buildPrograms, repository } from '../support/programs.ts';
import { startTarget, type Target } from '../support/targets.ts';
import { commandLine } from '../unit/support/command-lines.ts';
import { executable, missingExecutable } from './build.ts';

const node = `${repository}/dist/node/tsenter`;

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync(node) ? missingExecutable() : 'the command for Node was not built';
}

const reason = missing();
if (reason !== undefined) it.skipIf(!mustRun(reason))(`same as Node: ${reason}`, () => undefined);

let target: Target;

beforeAll(async () => {
  if (reason !== undefined) return;
  buildPrograms();
  target = await startTarget({ namespaces: ['uts', 'ipc', 'net', 'pid', 'mount'] });
});

afterAll(() => target?.stop());

/** What both tell alike: not which descriptors they have, and so how wide the column of the steps is. */
function comparable(output: Buffer): string {
  const seen = new Map<string, number>();
  const inOrder = (fd: string): string => {
    if (!seen.has(fd)) seen.set(fd, seen.size);
    return `fd${seen.get(fd)}`;
  };
  return output
    .toString('latin1')
    .replace(/(?<=^\S+=)\d+(?=:)|(?<=@)\d+|(?<=^ids-of=\d+:\/?)\d+/gm, inOrder)
    .replace(/ {2,}/g, '  ')
    .replace(/^host: .*/m, 'host');
}

async function explained(command: string, words: readonly string[]): Promise<object> {
  const { status, stdout, stderr } = await run([command, ...words.map(literal)]);
  return { status, stdout: comparable(stdout), stderr: comparable(stderr) };
}

/** Half of them name the target; the number that command-lines.ts has for one is its. */
const words = fc
  .tuple(fc.boolean(), commandLine)
  .map(([named, line]) => ['--explain=steps', ...(named ? ['-t', '1234'] : []), ...line]);

it.skipIf(reason !== undefined)(
  'explains, or refuses, any command line as the command for Node does',
  async () => {
    let entering = 0;
    await fc.assert(
      fc.asyncProperty(words, async (line) => {
        const actual = line.map((word) => word.replace(/1234/g, String(target.pid)));
        const [native, onNode] = await Promise.all([explained(executable, actual), explained(node, actual)]);
        if ('stdout' in native && String(native.stdout).includes('setns=')) entering++;
        expect(native).toEqual(onNode);
      }),
      { numRuns: 150 },
    );
    // Otherwise only errors were compared.
    expect(entering).toBeGreaterThan(0);
  },
  300_000,
);

it
  .skipIf(reason !== undefined)
  .each([
    '-a',
    '-a -F sh',
    '-u -i -n -m -p /bin/true',
    '-a -c -e -r -w -S follow -G follow env',
    '--mount=/proc/self/ns/net true',
    '-m -W/tmp -S 5 --setgid 6 sh',
    '-t 0',
  ])('%s', async (line) => {
  for (const form of ['--explain', '--explain=json', '--explain=steps']) {
    const list = [form, '-t', String(target.pid), ...line.split(' ')];
    expect(await explained(executable, list)).toEqual(await explained(node, list));
  }
});
